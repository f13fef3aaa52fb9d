import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { compareRuns } from '../../../../src/core/compare/compare-runs.ts';
import { diffRenderers } from '../../../../src/core/render/diff/index.ts';
import { cellsOf } from '../../../../src/core/render/text-cells.ts';
import { expectGolden } from '../../../support/expect-golden.ts';
import { compareTrees, treeOf } from '../../stack/stacks.ts';
import { recordedTree, textOf } from '../recording.ts';

const compared = compareTrees(
  treeOf({ 'dd;entry;read;wait': 20, 'dd;same': 40, 'dd;gone;deep': 30 }),
  treeOf({ 'dd;entry;read;wait': 60, 'dd;same': 40, 'dd;new': 10 }),
);
const options = {
  unit: 'ms',
  beforeName: 'kernel=v6.11',
  afterName: 'kernel=v6.12',
  normalization: 'not normalised',
  lost: 3,
} as const;
const run = (grows: number) => ({ tree: treeOf({ 'a;grows': grows, 'a;same': 40 }), size: 1 });
const repeated = compareRuns([run(20), run(22), run(18)], [run(40), run(42), run(38)]);

test('a table says what is compared, and lists changes', () => {
  expectGolden('render/diff-table.txt', textOf(diffRenderers.table.render(compared, options)));
  expectGolden('render/diff-table-runs.txt', textOf(diffRenderers.table.render(repeated, options)));
  const short = textOf(
    diffRenderers.table.render(compared, { ...options, limit: 1, per: 'frame', width: 50 }),
  );
  expect(short).toMatch(/\+44\.4%.*\n4 smaller changes are not listed|smaller changes are not listed/);
  for (const line of short.trimEnd().split('\n')) expect(cellsOf(line)).toBeLessThanOrEqual(50);
});

test('a change of ten times and more is a multiple', () => {
  const grown = compareTrees(treeOf({ a: 3, b: 1 }), treeOf({ a: 80, b: 9 }));
  const table = textOf(diffRenderers.table.render(grown, { unit: 'count' }));
  expect(table).toMatch(/\+77 +×26\.7 +a\n.*\+8 +\+800% +b\n/);
});

test('a drawing in the terminal tells changes by sign, and by colour where there are colours', () => {
  expectGolden(
    'render/diff-terminal.txt',
    textOf(diffRenderers.text.render(compared, { ...options, width: 90 })),
  );
  for (const colorLevel of [1, 2, 3] as const) {
    const text = textOf(diffRenderers.text.render(compared, { ...options, width: 90, colorLevel }));
    expect(text).toContain('\u001b[');
    expect(stripVTControlCharacters(text)).toContain('gone -30 ms');
  }
});

test.each([
  [80, 24],
  [200, 50],
  [40, 10],
] as const)('a drawing stays in %i columns and %i lines', (width, height) => {
  const half = recordedTree((line) => line % 2 === 0);
  const text = textOf(
    diffRenderers.text.render(compareTrees(half, recordedTree()), { ...options, unit: 'ns', width, height }),
  );
  const lines = text.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(height);
  for (const line of lines) expect(cellsOf(line)).toBeLessThanOrEqual(width);
});

test('JSON has every change with both sides, and null where there was nothing to compare with', () => {
  const json = JSON.parse(textOf(diffRenderers.json.render(compared, options)));
  expect(json).toMatchObject({
    unit: 'ms',
    normalization: 'not normalised',
    beforeScale: 1,
    lost: 3,
    before: { name: 'kernel=v6.11', runs: 1, total: 90 },
    after: { name: 'kernel=v6.12', runs: 1, total: 110 },
    test: null,
  });
  expect(json.changes).toHaveLength(4);
  expect(json.changes[2]).toEqual({
    stack: 'dd;new',
    before: 0,
    after: 10,
    delta: 10,
    relative: null,
    kind: 'new',
  });
  const tested = JSON.parse(textOf(diffRenderers.json.render(repeated, { ...options, per: 'frame' })));
  expect(tested.test.difference).toBe(20);
  expect(tested.changes[0]).toMatchObject({ frame: 'a', adjustedP: expect.any(Number) });
});

test('folded text has both weights, as difffolded.pl prints them', () => {
  expect(textOf(diffRenderers.folded.render(compared))).toBe(
    'dd;entry;read;wait 20 60\ndd;gone;deep 30 0\ndd;new 0 10\ndd;same 40 40\n',
  );
  const scaled = compareRuns(
    [{ tree: treeOf({ a: 1e21 }), size: 3 }],
    [{ tree: treeOf({ '#b': 1 }), size: 1 }],
  );
  expect(textOf(diffRenderers.folded.render(scaled))).toMatch(/^;#b 0 1\na 333333333333333\d+ 0\n$/);
});

test('a page holds the picture of the difference and loads nothing', () => {
  const html = textOf(diffRenderers.html.render(compared, { ...options, title: 'A <diff>' }));
  expect(html).toContain('<title>A &lt;diff&gt;</title>');
  expect(html).toContain('before: kernel=v6.11 · after: kernel=v6.12');
  expect(html).toContain("default-src 'none'");
});
