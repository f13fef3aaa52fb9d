import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import { parseFolded, parseFoldedStream } from '../../../src/core/stack/parse-folded.ts';
import { printFolded } from '../../../src/core/stack/print-folded.ts';

const parse = (text: string) =>
  [...parseFolded(Buffer.from(text))].map(({ stack, weight }) => [stack, weight]);

test('sums equal stacks and keeps their order of appearance', () => {
  expect(parse('b;c 2\na 1\nb;c 40\n')).toEqual([
    ['b;c', 42],
    ['a', 1],
  ]);
});

test('takes CRLF, blank lines, comments, tabs, a last line without its end', () => {
  expect(parse('# a comment\r\n\r\na;b 1\r\n   \na b;c\t 2  \n#\nd 3')).toEqual([
    ['a;b', 1],
    ['a b;c', 2],
    ['d', 3],
  ]);
});

test('takes fractions, exponents and numbers too long for plain digits', () => {
  expect(parse('a 1.5\na .25\nb 2e3\nc 18446744073709551615\nd 0')).toEqual([
    ['a', 1.75],
    ['b', 2000],
    ['c', 18446744073709552000],
    ['d', 0],
  ]);
});

test('a line of a space and a count is the empty stack', () => {
  expect(parse(' 5\n')).toEqual([['', 5]]);
});

test('where no line has a count, each weighs 1', () => {
  expect(parse('main;read\nmain;write\nmain;read')).toEqual([
    ['main;read', 2],
    ['main;write', 1],
  ]);
});

test.each([
  ['a;b 1\nc;d\n', 'line 2 of the folded stacks has no count at its end'],
  ['a;b\nc;d 1\n', 'line 2 of the folded stacks has a count, though the lines before it have none'],
  ['a 1\n\n# x\nb -3\n', 'line 4 of the folded stacks has the count -3, which is not a weight'],
  ['a 1e999\n', 'line 1 of the folded stacks has the count 1e999, which is not a weight'],
  ['a 1\n17\n', 'line 2 of the folded stacks is a number without a stack'],
  ['a 1\nb\0c 2\n', 'line 2 of the folded stacks holds a zero byte'],
])('refuses %j', (text, message) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'bad_input', message }));
});

test('chunks may part the text anywhere', async () => {
  const text = '# comment\nalpha;beta;läuft 12\r\n\ngamma 3.5\nalpha;beta;läuft 30\nlast;line 7';
  const bytes = Buffer.from(text);
  const whole = parse(text);
  for (let size = 1; size < 20; size++) {
    const chunks: Buffer[] = [];
    // One buffer for all chunks, as a reader that uses its own again would have it.
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    const stacks = await parseFoldedStream(reusing(chunks, size));
    expect([...stacks].map(({ stack, weight }) => [stack, weight])).toEqual(whole);
    expect(stacks.lineCount).toBe(4);
    expect(stacks.stackCount).toBe(3);
  }
});

test('reads the recording of 13 k lines', () => {
  const recording = new URL('../../fixtures/recordings/switches-real.folded.gz', import.meta.url);
  const bytes = gunzipSync(readFileSync(recording));
  const stacks = parseFolded(bytes);
  expect(stacks.stackCount).toBe(13_206);
  const lines = bytes.toString().trimEnd().split('\n');
  expect([...stacks].map(({ stack, weight }) => `${stack} ${weight}`).join('\n')).toBe(lines.join('\n'));
  const tree = buildTree(stacks);
  const total = lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  expect(tree.totals[0]).toBe(total);
  expect([...printFolded(buildTree([...stacks]))].join('')).toBe([...printFolded(tree)].join(''));
});

test('stacks that wait make the same tree as those of a table', async () => {
  const lines = ['a;b;c 1', 'a;b;d 2', 'a;b;c 0.5', 'a;b;c 3', 'b 4', 'a;b;d 0.25'];
  const waiting = parseFolded(Buffer.from(lines.join('\n')));
  const tree = buildTree(waiting);
  expect(waiting.stackCount).toBe(3);
  expect(buildTree(waiting)).toEqual(tree);
  expect([...printFolded(tree)].join('')).toBe('a;b;c 4.5\na;b;d 2.25\nb 4\n');
});

test('a table is made when more comes than may wait, whatever becomes of the chunks', async () => {
  const line = (index: number) => `${`stack_${index % 7};`.repeat(200)}leaf_${index % 3} ${index}\n`;
  const bytes = Buffer.from(Array.from({ length: 8_000 }, (_, index) => line(index)).join(''));
  expect(bytes.length).toBeGreaterThan(10 << 20);
  const size = 1 << 18;
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  const stacks = await parseFoldedStream(reusing(chunks, size));
  const tree = buildTree(stacks);
  expect(stacks.stackCount).toBe(21);
  expect(stacks.lineCount).toBe(8_000);
  expect(tree.totals[0]).toBe((8_000 * 7_999) / 2);
  expect(buildTree(parseFolded(bytes))).toEqual(tree);
});

test('a table is made of many short lines too', () => {
  const bytes = Buffer.from('a;b 1\nc 2\n'.repeat(40_000));
  const stacks = parseFolded(bytes);
  expect(stacks.isWaiting).toBe(false);
  expect(Array.from(stacks)).toEqual([
    { stack: 'a;b', weight: 40_000 },
    { stack: 'c', weight: 80_000 },
  ]);
  expect(stacks.lineCount).toBe(80_000);
});

function* reusing(chunks: readonly Buffer[], size: number): Generator<Buffer> {
  const buffer = Buffer.alloc(size);
  for (const chunk of chunks) {
    chunk.copy(buffer);
    yield buffer.subarray(0, chunk.length);
  }
}

test('bytes that are no UTF-8, and no number where they are compared as such, are told apart all the same', () => {
  // 0xff all over is a NaN as a double, which equals nothing, and 0x80 the sign of a zero.
  const line = (last: number) => Buffer.from([...Array<number>(47).fill(0xff), last, 0x20, 0x31, 0x0a]);
  const stacks = parseFolded(Buffer.concat([line(0xff), line(0xfe), line(0xff), line(0x80), line(0xfe)]));
  expect(stacks.stackCount).toBe(3);
  expect(Array.from(stacks, ({ weight }) => weight)).toEqual([2, 2, 1]);
});
