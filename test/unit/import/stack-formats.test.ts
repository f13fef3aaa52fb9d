import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Profile, StringTable } from 'pprof-format';
import { describe, expect, test } from 'vitest';
import { type StackFormatName, stackFormats } from '../../../src/core/import/index.ts';
import { readFileChunks } from '../../../src/core/import/read-file-chunks.ts';
import { readStacks } from '../../../src/core/import/read-stacks.ts';
import { renderers } from '../../../src/core/render/index.ts';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import { expectProblem, problemOfAsync } from '../../support/problem.ts';
import { temporaryFolder } from '../../support/test-database.ts';
import { recordedTree } from '../render/recording.ts';
import { stacksOf, treeOf } from '../stack/stacks.ts';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/stacks/${name}`, import.meta.url));

/** Reads an input in small pieces, all in one buffer, and answers its stacks, unit and format. */
async function read(input: string | Uint8Array, format?: StackFormatName) {
  const bytes = Buffer.from(input as string);
  function* pieces() {
    const buffer = Buffer.alloc(1000);
    for (let at = 0; at < bytes.length; at += 1000) {
      const size = bytes.copy(buffer, 0, at, at + 1000);
      yield buffer.subarray(0, size);
    }
  }
  const { stacks, ...rest } = await readStacks(pieces(), format);
  return { stacks: stacksOf(buildTree(stacks)), ...rest };
}

describe('perf script', () => {
  test('reads what perf printed of dd', async () => {
    const { stacks, unit, format } = await read(fixture('dd.perf-script'));
    expect([unit, format]).toEqual(['count', 'perf-script']);
    expect(Object.values(stacks).reduce((sum, weight) => sum + weight, 0)).toBe(36);
    expect(stacks).toHaveProperty([
      'dd;read;entry_SYSCALL_64_after_hwframe;do_syscall_64;ksys_read;vfs_read;read_zero',
    ]);
    expect(Object.keys(stacks).filter((stack) => stack.startsWith('dd;[unknown];sigismember;'))).toHaveLength(
      1,
    );
  });

  test('reads samples without call chains', async () => {
    const { stacks, format } = await read(fixture('dd-flat.perf-script'));
    expect(format).toBe('perf-script');
    expect(stacks).toEqual({ 'dd;do_syscall_64': 3, 'dd;read': 1, 'dd;read_zero': 1 });
  });

  test('names frames without a symbol by their object, and takes names with spaces and semicolons', async () => {
    const text = `# a comment
Web Content 12/34 [001] 100.000001: 1 cycles:u:
\t55d0 a<int; b>::c(int)+0x1f (/usr/lib/x.so)
\t55d1 fast (inlined)
\t55d2 [unknown] (/opt/app/server (deleted))

`;
    expect((await read(text)).stacks).toEqual({
      'Web Content;[server (deleted)];fast_[i];a<int: b>::c(int)': 1,
    });
  });

  test('says which line it does not understand', async () => {
    const problem = await problemOfAsync(
      read('dd 1 1.5: cycles:\n\tffff a (b)\n\nwhat is this\n', 'perf-script'),
    );
    expectProblem(problem, 'bad_input', 'line 4');
  });
});

describe('bpftrace JSON', () => {
  test('reads what bpftrace printed of dd: the kernel above the program, the process at the root', async () => {
    const { stacks, format } = await read(fixture('dd.bpftrace.json'));
    expect(format).toBe('bpftrace-json');
    expect(stacks).toHaveProperty(
      ['dd;0x7fb398a8a2ad;entry_SYSCALL_64_after_hwframe;do_syscall_64;ksys_read;vfs_read;read_zero'],
      expect.any(Number),
    );
    expect(stacks).toHaveProperty(['dd;0x55568b1d6734'], 1);
  });

  test('reads sums, statistics, histograms, perf addresses and several maps', async () => {
    const lines = [
      { type: 'attached_probes', data: { probes: 2 } },
      { type: 'map', data: { '@c': 197 } },
      {
        type: 'map',
        data: { '@sum': { '\n\tffffffff813a4413 b+147\n\tffffffff821faa94 a+0x1f\n,sh,12': 3962574690191 } },
      },
      { type: 'stats', data: { '@stats': { '\n    f+1\n': { count: 4, average: 5, total: 20 } } } },
      {
        type: 'hist',
        data: {
          '@hist': {
            '\n    g (lib;x)\n': [
              { min: 4, max: 7, count: 1 },
              { min: 8, count: 2 },
            ],
          },
        },
      },
    ];
    expect((await read(lines.map((line) => JSON.stringify(line)).join('\n\n'))).stacks).toEqual({
      '@sum;sh,12;a;b': 3962574690191,
      '@stats;f': 20,
      '@hist;g (lib:x)': 3,
    });
  });

  test('puts the stack that was entered last on top, in whatever order the key has them', async () => {
    const key = 'dd,\n    write+1\n    main+2\n,\n    vfs_write+3\n    entry_SYSCALL_64+4\n';
    const line = JSON.stringify({ type: 'map', data: { '@': { [key]: 2 } } });
    expect((await read(line)).stacks).toEqual({ 'dd;main;write;entry_SYSCALL_64;vfs_write': 2 });
  });

  test.each([
    ['{"type": "map", "data": {"@": {"dd": 5}}}', 'no map in it has stacks'],
    ['{"type": "stats", "data": {"@avg": {"\\n    f\\n": 5}}}', '@avg has no weights that can be added'],
    ['{"type": "map", "data": {"@": {"\\n    f\\n": 5}}}\n{"type', 'line 2 is no message'],
  ])('refuses %j', async (text, message) => {
    expectProblem(await problemOfAsync(read(text)), 'bad_input', message);
  });
});

describe('pprof', () => {
  test('reads what kernelscope wrote, with its unit', async () => {
    const tree = recordedTree((line) => line % 10 === 0);
    const [bytes] = [...renderers.pprof.render(tree, { unit: 'ns' })] as [Uint8Array];
    const { stacks, unit, format } = await read(bytes);
    expect([unit, format]).toEqual(['ns', 'pprof']);
    expect(stacks).toEqual(stacksOf(tree));
  });

  test('reads the values of the default type, inlined frames and bare addresses, gzipped or not', async () => {
    const strings = new StringTable();
    const id = (text: string) => strings.dedup(text);
    const profile = new Profile({
      stringTable: strings,
      sampleType: [
        { type: id('alloc'), unit: id('bytes') },
        { type: id('samples'), unit: id('count') },
      ],
      defaultSampleType: id('alloc'),
      sample: [
        { locationId: [2, 1], value: [4096, 1] },
        { locationId: [3, 1], value: [8192n, 1] },
      ],
      location: [
        { id: 1, line: [{ functionId: 1 }] },
        { id: 2, line: [{ functionId: 3 }, { functionId: 2 }] },
        { id: 3, address: 0xdeadbeef },
      ],
      function: [
        { id: 1, name: id('main') },
        { id: 2, name: id('caller;x') },
        { id: 3, name: id('inlined') },
      ],
    });
    const wanted = {
      stacks: { 'main;caller:x;inlined': 4096, 'main;0xdeadbeef': 8192 },
      unit: 'bytes',
      format: 'pprof',
    };
    expect(await read(profile.encode())).toEqual(wanted);
    expect(await read(gzipSync(profile.encode()))).toEqual(wanted);
  });

  test('refuses what is none', async () => {
    expectProblem(await problemOfAsync(read('a;b 1\n', 'pprof')), 'bad_input', 'no profile');
  });
});

describe('speedscope', () => {
  test('reads what kernelscope wrote, with its unit', async () => {
    const tree = recordedTree((line) => line % 10 === 0);
    const text = [...renderers.speedscope.render(tree, { unit: 'us', title: 'a "title"' })].join('');
    const { stacks, unit, format } = await read(text);
    expect([unit, format]).toEqual(['us', 'speedscope']);
    expect(stacks).toEqual(stacksOf(tree));
  });

  test('reads events and several profiles', async () => {
    const file = {
      shared: { frames: [{ name: 'a' }, { name: 'b;c' }] },
      profiles: [
        {
          type: 'evented',
          name: 'one',
          unit: 'milliseconds',
          startValue: 0,
          endValue: 10,
          events: [
            { type: 'O', frame: 0, at: 1 },
            { type: 'O', frame: 1, at: 3 },
            { type: 'C', frame: 1, at: 7 },
            { type: 'C', frame: 0, at: 8 },
          ],
        },
        { type: 'sampled', name: 'two', unit: 'milliseconds', samples: [[0, 1], [0]], weights: [5, 6] },
      ],
    };
    expect(await read(JSON.stringify(file))).toEqual({
      stacks: { 'one;a': 3, 'one;a;b:c': 4, 'two;a': 6, 'two;a;b:c': 5 },
      unit: 'ms',
      format: 'speedscope',
    });
  });

  test.each([
    ['{"profiles": [', 'no file of speedscope'],
    ['{"profiles": []}', 'no shared frames'],
    [
      '{"shared":{"frames":[]},"profiles":[{"type":"sampled","name":"x","unit":"none","samples":[[3]],"weights":[1]}]}',
      'no frame 3',
    ],
  ])('refuses %j', async (text, message) => {
    expectProblem(await problemOfAsync(read(text)), 'bad_input', message);
  });
});

describe('which format it is', () => {
  test('folded is what is nothing else, gzipped or not', async () => {
    expect(await read('a;b 3\nc 4\n')).toEqual({
      stacks: { 'a;b': 3, c: 4 },
      unit: 'count',
      format: 'folded',
    });
    expect(await read(gzipSync('a;b 3\n'))).toMatchObject({ stacks: { 'a;b': 3 }, format: 'folded' });
    expect(await read('')).toEqual({ stacks: {}, unit: 'count', format: 'folded' });
  });

  test('a long gzipped input is read to its end', async () => {
    const lines = Array.from(
      { length: 50_000 },
      (_, index) => `main;f${index % 977};g${index % 31} 1\n`,
    ).join('');
    const { stacks } = await read(gzipSync(lines));
    expect(Object.values(stacks).reduce((sum, weight) => sum + weight, 0)).toBe(50_000);
  });

  test("gzip that is cut off is a user's problem", async () => {
    const whole = gzipSync(Buffer.from(Array.from({ length: 9999 }, (_, index) => `f${index} 1\n`).join('')));
    expectProblem(
      await problemOfAsync(read(whole.subarray(0, whole.length / 2))),
      'bad_input',
      'not whole gzip',
    );
  });

  test('each format recognizes its own only', async () => {
    const samples: Record<Exclude<StackFormatName, 'folded'>, Uint8Array> = {
      pprof: new Profile({ sampleType: [{ type: 1, unit: 2 }] }).encode(),
      speedscope: Buffer.from([...renderers.speedscope.render(treeOf({ a: 1 }), { unit: 'ns' })].join('')),
      'bpftrace-json': fixture('dd.bpftrace.json'),
      'perf-script': fixture('dd.perf-script'),
    };
    for (const [name, sample] of Object.entries(samples)) {
      const head = sample.subarray(0, 4096);
      const names = Object.entries(stackFormats).flatMap(([other, { recognizes }]) =>
        recognizes(head) ? [other] : [],
      );
      expect(names).toEqual([name, 'folded']);
    }
    expect(stackFormats.pprof.recognizes(Buffer.from('\na;b 1\n'))).toBe(false);
  });
});

test('a file that is read in one buffer is read to its end', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'stacks.folded');
  const lines = Array.from({ length: 40_000 }, (_, index) => `frame${index % 7};leaf${index} 1\n`);
  writeFileSync(file, lines.join(''));
  const { stacks } = await readStacks(readFileChunks(file));
  expect(buildTree(stacks).totals[0]).toBe(40_000);
  writeFileSync(file, gzipSync(lines.join('')));
  expect(buildTree((await readStacks(readFileChunks(file))).stacks).totals[0]).toBe(40_000);
  expect(() => readFileChunks(folder).next()).toThrow('EISDIR');
});
