import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { renderTerminal } from '../../../src/core/render/terminal.ts';
import { cellsOf } from '../../../src/core/render/text-cells.ts';
import { expectGolden } from '../../support/expect-golden.ts';
import { treeOf } from '../stack/stacks.ts';
import { recordedTree, textOf } from './recording.ts';

const recorded = recordedTree();
const options = { unit: 'ns', title: 'Off-CPU time', subtitle: 'by process' } as const;

test.each([
  [80, 24],
  [200, 50],
  [40, 10],
] as const)('draws the recording in %i columns and %i lines', (width, height) => {
  const text = textOf(renderTerminal(recorded, { ...options, width, height }));
  const lines = text.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(height);
  for (const line of lines) expect(cellsOf(line)).toBeLessThanOrEqual(width);
  expectGolden(`render/terminal-${width}x${height}.txt`, text);
});

test('without a height takes the lines it needs, and lists ten stacks', () => {
  const text = textOf(renderTerminal(recorded, { ...options, width: 100 }));
  expect(text.split('Heaviest stacks\n')[1]!.trimEnd().split('\n')).toHaveLength(10);
});

test('says how many rows do not fit', () => {
  const deep = treeOf({ 'a;b': 1, 'a;c;d': 1, 'a;c;e;f': 2, 'a;c;e;g': 2 });
  const text = textOf(renderTerminal(deep, { unit: 'count', width: 60, height: 5 }));
  expect(text).toContain('… 2 more rows below');
});

test('a chain of single calls is one frame that keeps the last name', () => {
  const text = textOf(
    renderTerminal(treeOf({ 'dd;entry;do_syscall;read': 3, 'sh;x': 1 }), { unit: 'count', width: 60 }),
  );
  expect(text).toContain('|entry… > read 3 75%');
  expect(
    textOf(
      renderTerminal(treeOf({ 'dd;entry;do_syscall;read': 3, 'sh;x': 1 }), { unit: 'count', width: 16 }),
    ),
  ).toContain('|read 3 75%');
});

test('siblings come by weight, with value and share where these fit', () => {
  const tree = treeOf({ light: 100_000, heavy: 600_000, middle: 300_000 });
  const rowOf = (width: number) =>
    textOf(renderTerminal(tree, { unit: 'ns', width, height: 3 })).split('\n')[2];
  expect(rowOf(100)).toMatch(/^\|heavy 600 us 60% +\|middle 300 us 30% +\|light.*$/);
  expect(rowOf(40)).toMatch(/^\|heavy 600 us 60% +\|middle 30% +\|li…$/);
});

test('siblings under three cells become a count', () => {
  const stacks = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [`p${index}`, index === 0 ? 60 : 1]),
  );
  const text = textOf(renderTerminal(treeOf(stacks), { unit: 'count', width: 40 }));
  expect(text).toMatch(/^\|p0 60 50\.4% +\+59 59 49\.6%$/m);
});

test.each([0, 1, 2, 3] as const)('colour level %i changes the colours, not the names', (colorLevel) => {
  const text = textOf(renderTerminal(recorded, { ...options, width: 80, height: 24, colorLevel }));
  expect(stripVTControlCharacters(text)).toContain('mariadbd');
  expect(text.includes('\x1b[48;2;')).toBe(colorLevel === 3);
  expect(text.includes('\x1b[48;5;')).toBe(colorLevel === 2);
  expect(text.includes('\x1b[')).toBe(colorLevel > 0);
});

test('a name cannot give orders to the terminal, and wide characters keep the columns', () => {
  const tree = treeOf({ '\x1b]0;owned\x07': 4, 走る走る走る走る走る: 4, '\u{1f600}': 1 });
  const text = textOf(renderTerminal(tree, { unit: 'count', width: 30 }));
  expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  for (const line of text.trimEnd().split('\n')) expect(cellsOf(line)).toBeLessThanOrEqual(30);
  expect(text).toContain('走る');
});

test('an empty tree is drawn as one', () => {
  expect(textOf(renderTerminal(treeOf({}), { unit: 'ns', width: 30 }))).toBe(
    'Flame graph · 0 ns\n|root 0 ns 0%\n',
  );
});

test('says what was lost', () => {
  expect(textOf(renderTerminal(treeOf({ a: 1 }), { unit: 'count', width: 60, lost: 1200 }))).toContain(
    '1,200 events were lost',
  );
});
