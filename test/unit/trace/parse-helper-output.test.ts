import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KernelscopeError } from '../../../src/core/base/kernelscope-error.ts';
import { type HelperMessage, parseHelperOutput } from '../../../src/core/trace/parse-helper-output.ts';

const recording = readFileSync(join(import.meta.dirname, '../../fixtures/trace/offcpu.ndjson'));

async function* chunksOf(bytes: Uint8Array, cuts: readonly number[] = []): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const end of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    yield bytes.subarray(start, end);
    start = end;
  }
}

async function parse(
  bytes: Uint8Array | string,
  cuts?: readonly number[],
): Promise<readonly HelperMessage[]> {
  const messages: HelperMessage[] = [];
  for await (const message of parseHelperOutput(chunksOf(Buffer.from(bytes), cuts))) messages.push(message);
  return messages;
}

const counters =
  '"sum":{"count":0,"ns":0},"total":{"count":0,"ns":0},"lost":{"count":0,"ns":0},"lost_full":0,"lost_busy":0,"missed_in":1,"skipped":0,"backwards":0,"no_slot":0,"unfollowed":0,"stack_full":0,"stack_failed":0,"sched_failed":0';
const flushLine = `{"type":"flush","seq":1,"last":true,"time_us":1,"interval_ns":2,${counters}}\n`;

describe('parseHelperOutput', () => {
  test('reads a recording into the messages that it holds', async () => {
    const [ready, first, last, ...rest] = await parse(recording);
    expect(rest).toEqual([]);
    expect(ready).toEqual({ type: 'ready', program: 'offcpu', variant: 'atomic' });
    if (first?.type !== 'flush' || last?.type !== 'flush') throw new Error('two flushes were recorded');
    expect(first.entries[0]).toEqual({
      process: 'dd',
      pid: 4401,
      stack: 'ec9bb37a21bb2caf',
      ns: 1133117,
      count: 49,
      maxNs: 110819,
      state: 2,
      open: 0,
    });
    expect(first.stacks.get('2bbd32b9714129ea')?.[0]).toBe('ffffffff821faa8c');
    expect([first.seq, first.last, last.seq, last.last]).toEqual([1, false, 2, true]);
    for (const flush of [first, last]) {
      expect(flush.sum.ns + flush.lost.ns).toBe(flush.total.ns);
      expect(flush.entries.reduce((sum, entry) => sum + entry.ns, 0)).toBe(flush.sum.ns);
      expect(flush.entries.reduce((sum, entry) => sum + entry.count, 0)).toBe(flush.sum.count);
    }
  });

  test('reads the same however the stream is cut', async () => {
    const whole = await parse(recording);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(recording.length), { maxLength: 40 }), async (cuts) => {
        expect(await parse(recording, cuts)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  test('reads a damaged stream, or says that it is damaged; nothing else is thrown', async () => {
    const lines = recording.toString().split('\n');
    const userStack = '{"type":"user_stack","id":"a1","pid":7,"time_ns":5,"frames":["7f00","40"]}';
    const bytes = Buffer.from([...lines.slice(0, 12), userStack, ...lines.slice(-4)].join('\n'));
    const damage = fc.tuple(fc.nat(bytes.length - 1), fc.constantFrom(0, 10, 34, 44, 48, 91, 123, 128, 255));
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 6 }), async (damages) => {
        const damaged = Buffer.from(bytes);
        for (const [place, value] of damages) damaged[place] = value;
        try {
          await parse(damaged);
        } catch (error) {
          expect(error).toMatchObject({ code: 'helper_failed' });
        }
      }),
      { numRuns: 300 },
    );
  });

  test('gives the user stacks of a flush, and the ids that its entries have', async () => {
    const entry =
      '"type":"entry","process":"dd","pid":7,"stack":"9","ns":1,"count":1,"max_ns":1,"state":1,"open":0';
    const [flush] = await parse(
      `{${entry},"user":"a1"}\n{${entry}}\n` +
        `{"type":"user_stack","id":"a1","pid":7,"time_ns":5,"frames":["7f00","40"]}\n${flushLine}`,
    );
    if (flush?.type !== 'flush') throw new Error('a flush was parsed');
    expect(flush.entries.map(({ user }) => user)).toEqual(['a1', undefined]);
    expect([...flush.userStacks]).toEqual([['a1', { pid: 7, timeNs: 5, addresses: ['7f00', '40'] }]]);
  });

  test('counts the walks of the helper itself, which older recordings lack', async () => {
    const walks = flushLine.replace('"sched_failed":0', '"sched_failed":0,"own_walks":7,"walks_differ":2');
    const flushes = await parse(flushLine + walks);
    expect(flushes.map((flush) => flush.type === 'flush' && [flush.ownWalks, flush.walksDiffer])).toEqual([
      [0, 0],
      [7, 2],
    ]);
  });

  test('drops the half line and the half flush that a killed helper leaves', async () => {
    const whole = await parse(recording);
    await fc.assert(
      fc.asyncProperty(fc.nat(recording.length), async (length) => {
        const torn = await parse(recording.subarray(0, length));
        expect(torn).toEqual(whole.slice(0, torn.length));
      }),
      { numRuns: 100 },
    );
  });

  test('keeps names whole that are cut inside a character', async () => {
    const line = `{"type":"entry","process":"bäckup→","pid":1,"stack":"0","ns":1,"count":1,"max_ns":1,"state":1,"open":0}\n`;
    const bytes = Buffer.from(line + flushLine);
    for (let cut = 0; cut < 60; cut++) {
      const [flush] = await parse(bytes, [cut]);
      expect(flush).toMatchObject({ entries: [{ process: 'bäckup→' }] });
    }
  });

  test('keeps threads apart where the helper does, and hidden ends beside the entries', async () => {
    const [flush] = await parse(`{"type":"missed","process":"init","pid":1,"tid":3,"count":2}\n${flushLine}`);
    expect(flush).toMatchObject({
      entries: [],
      missed: [{ process: 'init', pid: 1, tid: 3, count: 2 }],
      missedIn: 1,
    });
  });

  test.each([
    ['', 'an empty line'],
    ['Segmentation fault', 'text'],
    ['[]', 'an array'],
    ['null', 'null'],
    ['{"type":"unheard-of"}', 'an unknown type'],
    ['{"type":"toString"}', 'a type that every object has'],
    [
      '{"type":"entry","process":7,"pid":1,"stack":"0","ns":1,"count":1,"max_ns":1,"state":1,"open":0}',
      'a number for a name',
    ],
    [
      '{"type":"entry","process":"a","pid":-1,"stack":"0","ns":1,"count":1,"max_ns":1,"state":1,"open":0}',
      'a negative pid',
    ],
    [
      '{"type":"entry","process":"a","pid":1,"stack":"xyz","ns":1,"count":1,"max_ns":1,"state":1,"open":0}',
      'an id not in hexadecimal',
    ],
    ['{"type":"stack","id":"1","kernel":["<svg>"]}', 'an address not in hexadecimal'],
    ['{"type":"stack","id":"1","kernel":{"length":0}}', 'no list of addresses'],
    ['{"type":"flush","seq":1}', 'a flush without counters'],
  ])('refuses %s', async (line) => {
    await expect(parse(`${line}\n`)).rejects.toMatchObject({ code: 'helper_failed' });
  });

  test('refuses a helper that speaks another version', async () => {
    await expect(
      parse('{"type":"ready","protocol":99,"program":"offcpu","variant":"atomic"}\n'),
    ).rejects.toMatchObject({
      code: 'helper_failed',
      message: expect.stringContaining('99'),
    });
  });

  test('refuses a line without an end before it fills the memory', async () => {
    await expect(parse('x'.repeat(3 << 20), [1 << 20, 2 << 20])).rejects.toMatchObject({
      code: 'helper_failed',
    });
  });

  test('whatever the bytes, gives messages or refuses in one way', async () => {
    const lines = recording.toString().split('\n');
    const damaged = fc
      .tuple(fc.constantFrom(...lines), fc.nat(200), fc.uint8Array({ maxLength: 6 }))
      .map(([line, at, bytes]) =>
        Buffer.concat([
          Buffer.from(line.slice(0, at)),
          bytes,
          Buffer.from(line.slice(at + 2)),
          Buffer.from('\n'),
        ]),
      );
    await fc.assert(
      fc.asyncProperty(fc.array(damaged, { maxLength: 4 }), async (parts) => {
        try {
          for (const message of await parse(Buffer.concat(parts)))
            expect(['ready', 'flush', 'error']).toContain(message.type);
        } catch (error) {
          expect(error).toBeInstanceOf(KernelscopeError);
          expect(error).toMatchObject({ code: 'helper_failed' });
        }
      }),
      { numRuns: 300 },
    );
  });
});
