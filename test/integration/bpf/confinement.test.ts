import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { extractAsset } from '../../../src/core/assets/extract-asset.ts';
import type { UserStack } from '../../../src/core/trace/parse-helper-output.ts';
import { SYMBOLS_ASSET, UserStackNames } from '../../../src/core/trace/user-stack-names.ts';
import { cannotTrace, childrenOf, helperPath, runHelper, titleOf } from './support.ts';

const source = fileURLToPath(new URL('../../fixtures/trace/user-stacks.c', import.meta.url));
const namerPath = cannotTrace ? '' : extractAsset(SYMBOLS_ASSET, { executable: true });
const programs = [
  ['the trace helper', helperPath, ['offcpu', '--comm', 'nobody']],
  ['what names user frames', namerPath, []],
] as const;

let folder = '';
const children: ChildProcess[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernelscope-confinement-'));
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a program by a shell that leaves it more than it should have, and waits for its first line. */
async function start(path: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn('/bin/sh', ['-c', 'exec "$0" "$@" 5</etc/passwd 9</', path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: '/nowhere',
      LD_PRELOAD: '/nowhere.so',
      LIBBPF_LOG_LEVEL: 'debug',
      DEBUGINFOD_URLS: 'http://x',
    },
  });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(JSON.parse(line.toString())).toMatchObject({ type: 'ready' });
  return child;
}

describe.skipIf(cannotTrace)(titleOf('confinement'), () => {
  test.each(programs)('%s keeps nothing that it inherited but the standard three', async (_, path, args) => {
    const { pid } = await start(path, args);
    const held = readdirSync(`/proc/${pid}/fd`)
      .filter((fd) => Number(fd) > 2)
      .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    expect(held).not.toContain('/etc/passwd');
    expect(held).not.toContain('/');
  });

  test.each(programs)(
    '%s can gain no rights, and is ended should it execute anything',
    async (_, path, args) => {
      const { pid } = await start(path, args);
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      expect(status).toMatch(/^Seccomp:\t2$/m);
      expect(readdirSync(`/proc/${pid}/task`)).toHaveLength(1);
    },
  );

  test('what names user frames keeps no capability but those to read with', async () => {
    const { pid } = await start(namerPath, []);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    // CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_CHECKPOINT_RESTORE.
    const allowed = (1n << 2n) | (1n << 19n) | (1n << 40n);
    for (const set of ['CapPrm', 'CapEff', 'CapInh', 'CapAmb']) {
      const held = BigInt(`0x${new RegExp(`^${set}:\t([0-9a-f]+)$`, 'm').exec(status)?.[1]}`);
      expect([set, held & ~allowed]).toEqual([set, 0n]);
    }
  });

  test('it asks no server for debug information', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const child = spawn(namerPath, ['--marks'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { DEBUGINFOD_URLS: `http://127.0.0.1:${port}`, HOME: folder },
    });
    const output = text(child.stdout);
    // Every file that this process has mapped.
    const starts = readFileSync('/proc/self/maps', 'utf8').matchAll(/^([0-9a-f]+)-\S+ r-x/gm);
    for (const [, address] of starts) child.stdin.write(`${process.pid} ${2 ** 53} ${address}\n`);
    child.stdin.end('\n');
    expect(await output).toContain('"frames"');
    server.close();
    expect(connections).toBe(0);
  });
});

describe.skipIf(cannotTrace)(titleOf('whatever is on its command line, the helper'), () => {
  test('says why it does not take it, or takes it', async () => {
    const words = [
      ...[
        '--pid',
        '--tid',
        '--launched',
        '--follow',
        '--comm',
        '--state-mask',
        '--threads',
        '--idle-if-known',
      ],
      ...[
        '--min-ns',
        '--max-ns',
        '--max-entries',
        '--max-stacks',
        '--by-thread',
        '--user-stacks',
        '--portable',
      ],
      ...[
        'user',
        'kernel',
        '0',
        '1',
        '4294967296',
        '-1',
        '*',
        '[a-',
        '\\',
        '[]',
        '',
        'é',
        'x'.repeat(300),
        '%s%n',
      ],
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...words), { maxLength: 6 }), async (args) => {
        const { messages, exitCode } = await runHelper(['offcpu', '--check', ...args]);
        expect(messages).toHaveLength(1);
        if (messages[0]?.type === 'ready') expect(exitCode).toBe(0);
        else {
          expect(messages[0]).toMatchObject({ type: 'error', code: expect.stringMatching(/^(usage|load)$/) });
          expect([2, 69]).toContain(exitCode);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe.skipIf(cannotTrace)(titleOf('whatever it is asked, what names user frames'), () => {
  test('answers each question up to the first that is none, and ends with 2 there', async () => {
    const question = fc
      .tuple(fc.integer({ min: 1, max: 40_000 }), fc.bigInt({ min: 0n, max: 2n ** 63n }))
      .chain(([pid, time]) =>
        fc
          .array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 127 })
          .map((addresses) => `${pid} ${time} ${addresses.map((address) => address.toString(16)).join(',')}`),
      );
    const nonsense = fc.oneof(
      fc.constantFrom('x', '1', '1 2 ', '1 2 g', '0 1 2', '-1 1 2', '1 2 3,', '1 2 3;4', '\0', '1 2 3\0'),
      fc.string({ minLength: 1, maxLength: 40 }).filter((line) => !/^[\s\d,a-f+x-]*$/i.test(line)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(question, { maxLength: 8 }), fc.option(nonsense), async (questions, end) => {
        const child = spawn(namerPath, [], { stdio: ['pipe', 'pipe', 'inherit'], env: {} });
        child.stdin.on('error', () => {});
        const exit = once(child, 'exit');
        child.stdin.end([...questions, ...(end === null ? [] : [end])].map((line) => `${line}\n`).join(''));
        const types = (await text(child.stdout))
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).type);
        expect(types).toEqual([
          'ready',
          ...questions.map(() => 'frames'),
          ...(end === null ? [] : ['error']),
        ]);
        expect(await exit).toEqual([end === null ? 0 : 2, null]);
      }),
      { numRuns: 15 },
    );
  });
});

/** Compiles a program with a function `known`, and gives its path and the place of that function in the file. */
function compileProgram(): { readonly program: string; readonly offset: number } {
  const program = join(folder, 'program');
  execFileSync('gcc', ['-O1', '-g', '-no-pie', '-fno-omit-frame-pointer', source, '-o', program]);
  const address = /^([0-9a-f]+) T known$/m.exec(execFileSync('nm', [program], { encoding: 'utf8' }))?.[1];
  return { program, offset: Number.parseInt(address ?? '', 16) - 0x40_0000 };
}

/** Has a process map files as programs, and gives a stack in each, by ids from 2 on. */
async function mapFiles(
  program: string,
  files: readonly string[],
  offset: number,
): Promise<ReadonlyMap<string, UserStack>> {
  const child = spawn(program, ['map', ...files], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return new Map(
    (JSON.parse(line.toString()) as string[]).map((start, index) => [
      String(index + 2),
      {
        pid: child.pid as number,
        timeNs: Number.MAX_SAFE_INTEGER,
        addresses: [(Number.parseInt(start, 16) + offset + 8).toString(16)],
      },
    ]),
  );
}

describe.skipIf(cannotTrace)(titleOf('what names user frames, when it is ended'), () => {
  test('costs the names of one flush, and is there again for the next', async () => {
    const { program, offset } = compileProgram();
    const names = await UserStackNames.start({ marks: false });
    const stacks = await mapFiles(program, [program], offset);
    await names.learn(stacks);
    expect(names.textOf('2')).toBe('known');
    const namer = childrenOf(process.pid).filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/exe`) === realpathSync(namerPath);
      } catch {
        return false;
      }
    });
    expect(namer).toHaveLength(1);
    process.kill(namer[0] as number, 'SIGKILL');
    await names.learn(stacks);
    expect(names.textOf('2')).toBe('[unknown]');
    await names.learn(stacks);
    expect(names.textOf('2')).toBe('known');
    // A thread of the kernel has no such stack.
    expect(names.textOf('0')).toBeUndefined();
    await names[Symbol.asyncDispose]();
  });
});

describe.skipIf(cannotTrace)(titleOf('files of strangers'), () => {
  test('that are damaged cost their own names at most', async () => {
    const { program, offset } = compileProgram();
    const bytes = readFileSync(program);
    const sections = Number(bytes.readBigUInt64LE(40));
    const places = fc.oneof(
      fc.nat(511),
      fc.integer({ min: sections, max: bytes.length - 1 }),
      fc.nat(bytes.length - 1),
    );
    const damages = fc.sample(fc.array(fc.tuple(places, fc.nat(255)), { minLength: 1, maxLength: 12 }), {
      numRuns: 40,
      seed: 1,
    });
    const files = damages.map((damage, index) => {
      const file = join(folder, `damaged-${index}`);
      const copy = Buffer.from(bytes);
      for (const [place, value] of damage) copy[place] = value;
      writeFileSync(file, index % 8 === 7 ? copy.subarray(0, copy.length / 2) : copy);
      return file;
    });
    const names = await UserStackNames.start({ marks: true });
    const stacks = await mapFiles(program, [program, ...files], offset);
    await names.learn(stacks);
    for (const id of stacks.keys()) expect(names.textOf(id)).toEqual(expect.stringMatching(/^[^\n]+$/));
    // Whatever happened there, the one that is whole has its name, be it from one that was started anew.
    for (let tries = 0; tries < 2; tries++) await names.learn(new Map([...stacks].slice(0, 1)));
    expect(names.textOf('2')).toMatch(/^known(;|$)/);
    await names[Symbol.asyncDispose]();
  });
});
