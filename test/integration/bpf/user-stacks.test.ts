import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { offcpu } from '../../../src/core/trace/offcpu.ts';
import { runTrace } from '../../../src/core/trace/run-trace.ts';
import type { TraceOptions } from '../../../src/core/trace/trace-program.ts';
import { UserStackNames } from '../../../src/core/trace/user-stack-names.ts';
import { plainValues } from '../../support/plain-values.ts';
import { cannotTrace, startHelper, titleOf } from './support.ts';
import { compileUserStacks, framePointers, runToEnd, source } from './user-stacks-program.ts';

let folder = '';
let program = '';
let stripped = '';

beforeAll(() => {
  if (cannotTrace) return;
  ({ folder, program } = compileUserStacks());
  stripped = join(folder, 'stripped');
  execFileSync('strip', ['-s', program, '-o', stripped]);
});

afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

const options = { thresholdUs: 0, intervalMs: 600_000, pids: [], comms: ['ks-user*'], userStacks: true };

interface Row {
  readonly pid: number;
  readonly stack: string;
}

/** Traces what `work` does, and gives the rows of the processes that it names; `more` adds to the options. */
async function rowsOf(
  work: () => Promise<readonly number[]>,
  more: Partial<TraceOptions> = {},
): Promise<readonly Row[]> {
  const controller = new AbortController();
  let working: Promise<readonly number[]> = Promise.resolve([]);
  const begin = () => {
    working = work();
    void working.catch(() => {}).then(() => controller.abort());
  };
  const rows: Row[] = [];
  for await (const { entries } of runTrace(offcpu, { ...options, ...more }, controller.signal, begin)) {
    const [, pids = [], stacks = []] = plainValues(entries);
    for (const [index, stack] of stacks.entries())
      rows.push({ pid: Number(pids[index]), stack: String(stack) });
  }
  const pids = await working;
  return rows.filter(({ pid }) => pids.includes(pid));
}

/** Traces what `work` does, and gives the stacks of the process that it names. */
async function stacksOf(
  work: () => Promise<number>,
  more: Partial<TraceOptions> = {},
): Promise<readonly string[]> {
  const rows = await rowsOf(async () => [await work()], more);
  return [...new Set(rows.map(({ stack }) => stack))];
}

/** The user part of the stacks that end in a sleep; the end of one block in a thousand is hidden from BPF. */
const sleeping = (stacks: readonly string[]) => [
  ...new Set(stacks.filter((stack) => stack.includes('nanosleep')).map((stack) => stack.split(';-;')[0])),
];

describe.skipIf(cannotTrace)(titleOf('user stacks'), () => {
  test('have the names of functions, root first, before those of the kernel, of a process that is gone', async () => {
    const stacks = await stacksOf(() => runToEnd(program, ['sleep']));
    const users = sleeping(stacks);
    expect(users).toHaveLength(1);
    expect(users[0]).toMatch(/(^|;)main;known;ks::mangled;known_leaf$/);
    for (const stack of stacks.filter((text) => text.includes('nanosleep')))
      expect(stack).toMatch(/;known_leaf;-;[^;]+;.*nanosleep.*;schedule;__schedule$/);
  });

  test('have them too of a process that is there', async () => {
    const children: ReturnType<typeof spawn>[] = [];
    const users = sleeping(
      await stacksOf(async () => {
        const child = spawn(program, ['stay'], { stdio: ['pipe', 'pipe', 'inherit'] });
        children.push(child);
        await once(child.stdout, 'data');
        return child.pid as number;
      }),
    );
    for (const child of children) child.kill('SIGKILL');
    expect(users).toEqual([expect.stringMatching(/(^|;)main;known;ks::mangled;known_leaf$/)]);
  });

  test('have the names of what was compiled at run time', async () => {
    let map = '';
    const users = sleeping(
      await stacksOf(async () => {
        const pid = await runToEnd(program, ['jit']);
        map = `/tmp/perf-${pid}.map`;
        return pid;
      }),
    );
    expect(existsSync(map)).toBe(true);
    rmSync(map);
    // What parts frames, and what no name should hold, is replaced.
    expect(users).toEqual([
      expect.stringMatching(/(^|;)main;compiled: by\?ks;known;ks::mangled;known_leaf$/),
    ]);
  });

  test('are found in another mount namespace, though the file is removed and the process gone', async () => {
    const mount = join(folder, 'mount');
    mkdirSync(mount);
    const script = `mount -t tmpfs none ${mount} && cp ${program} ${mount}/gone && exec ${mount}/gone unlink`;
    const users = sleeping(await stacksOf(() => runToEnd('unshare', ['-m', 'sh', '-c', script])));
    expect(existsSync(join(mount, 'gone'))).toBe(false);
    expect(users).toEqual([expect.stringMatching(/(^|;)main;known;ks::mangled;known_leaf$/)]);
  });

  test('are never those of a file that was written over since', async () => {
    const file = join(folder, 'rewritten');
    const other = join(folder, 'other');
    const flags = ['-O1', '-no-pie', ...framePointers];
    // The functions lie elsewhere in it, so that names looked up in the wrong file are wrong.
    execFileSync('gcc', [...flags, '-Dknown=renamed', '-falign-functions=256', source, '-o', other]);
    copyFileSync(program, file);
    const rows = await rowsOf(async () => {
      const first = await runToEnd(file, ['sleep']);
      const inode = statSync(file).ino;
      writeFileSync(file, readFileSync(other));
      expect(statSync(file).ino).toBe(inode);
      const second = await runToEnd(file, ['sleep']);
      return [first, second];
    });
    const users = [...new Set(rows.map(({ pid }) => pid))].flatMap((pid) =>
      sleeping(rows.filter((row) => row.pid === pid).map(({ stack }) => stack)),
    );
    // What the first was is gone; the names of the second would be wrong there.
    expect(users.toSorted()).toEqual([
      expect.stringMatching(/\[unknown\] \(rewritten\+0x[0-9a-f]+\)$/),
      expect.stringMatching(/(^|;)main;renamed;ks::mangled;known_leaf$/),
    ]);
  });

  test('say which file and where in it, when there is no name', async () => {
    const users = sleeping(await stacksOf(() => runToEnd(stripped, ['sleep'])));
    expect(users).toHaveLength(1);
    expect(users[0]).toMatch(
      /(;|^)(\[unknown\] \(stripped\+0x[0-9a-f]+\);){3}\[unknown\] \(stripped\+0x[0-9a-f]+\)$/,
    );
  });

  test('are marked, with what was inlined, if that is asked for', async () => {
    let pid = 0;
    const work = async () => {
      pid = await runToEnd(program, ['jit']);
      return pid;
    };
    const marked = await stacksOf(work, { marks: true });
    rmSync(`/tmp/perf-${pid}.map`);
    const sleeps = marked.filter((stack) => stack.includes('nanosleep'));
    expect(sleeps.length).toBeGreaterThan(0);
    for (const stack of sleeps) {
      expect(stack).toMatch(
        /main;compiled: by\?ks_\[j\];known;ks::mangled;known_leaf;known_inlined_\[i\];-;([^;]+_\[k\];)+__schedule_\[k\]$/,
      );
    }
  });

  test('are those of programs alone', async () => {
    const controller = new AbortController();
    const texts: string[] = [];
    const kernel = { ...options, comms: [], threads: 'kernel' as const };
    for await (const { entries } of runTrace(offcpu, kernel, controller.signal, () => controller.abort()))
      texts.push(...(plainValues(entries)[2] as string[]));
    expect(texts.length).toBeGreaterThan(0);
    expect(texts.filter((text) => text.includes(';-;'))).toEqual([]);
  });

  test('are remembered beyond their flush, for what was walked in it and ends in a later one', async () => {
    // Somewhere in the code of this very process.
    const code = /^([0-9a-f]+)-[0-9a-f]+ r-xp .*\//m.exec(readFileSync('/proc/self/maps', 'utf8'))?.[1] ?? '';
    const at = (Number.parseInt(code, 16) + 64).toString(16);
    const stack = { pid: process.pid, timeNs: Number(process.hrtime.bigint()), addresses: [at] };
    await using names = await UserStackNames.start({ marks: false });
    await names.learn(new Map([['a1', stack]]));
    const text = names.textOf('a1');
    expect(text).not.toBe('[unknown]');
    await names.learn(new Map([['a2', stack]]));
    expect([names.textOf('a1'), names.textOf('a2'), names.textOf('a3')]).toEqual([text, text, '[unknown]']);
  });

  test('are the same, walked by hand and by the kernel', async () => {
    const walks = [];
    for (const args of [[], ['--portable']]) {
      const helper = await startHelper(
        'offcpu',
        '--user-stacks',
        '--comm',
        'ks-user*',
        '--state-mask',
        '1',
        ...args,
      );
      const pid = await runToEnd(program, ['sleep']);
      const { userStacks } = await helper.quit();
      const own = [...userStacks.values()].filter((stack) => stack.pid === pid);
      // The file is linked to one place; what is below main is not.
      walks.push([...new Set(own.map(({ addresses }) => addresses.slice(0, 4).join()))]);
    }
    expect(walks[0]).toHaveLength(1);
    expect(walks[0]).toEqual(walks[1]);
  });
});
