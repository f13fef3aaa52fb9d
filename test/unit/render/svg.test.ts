import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { genSvgClient } from '../../../scripts/gen-svg-client.ts';
import { describeNormalization } from '../../../src/core/compare/describe-normalization.ts';
import { decodeTree } from '../../../src/core/render/decode-tree.ts';
import { renderDiffSvg } from '../../../src/core/render/diff/diff-svg.ts';
import { renderSvg } from '../../../src/core/render/svg.ts';
import { svgClient } from '../../../src/core/render/svg-client.generated.ts';
import { svgStyle } from '../../../src/core/render/svg-style.ts';
import { expectGolden } from '../../support/expect-golden.ts';
import { compareTrees, treeOf } from '../stack/stacks.ts';
import { recordedTree, textOf } from './recording.ts';

const small = treeOf({
  'dd;read;schedule': 5_120_000,
  'dd;write': 900_000,
  'sh;wait_[k]': 60_000,
  'sh;<b>&"x': 1,
});
const options = { unit: 'ns', title: 'Off-CPU time', subtitle: 'host destiny', lost: 3 } as const;

/** A golden file without the parts that have files of their own. */
function withoutScript(svg: string): string {
  return svg.replace(svgClient, '(script)').replace(svgStyle(), '(style)');
}

function elementsOf(svg: string): { name: string; attributes: Record<string, string>; text: string }[] {
  const elements: { name: string; attributes: Record<string, string>; text: string }[] = [];
  const open: typeof elements = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, text: '' };
    elements.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(svg).close();
  return elements;
}

test('draws a small tree', () => {
  expectGolden('render/small.svg', withoutScript(textOf(renderSvg(small, options))));
});

test('draws a difference', () => {
  const before = treeOf({ 'a;grows': 20, 'a;same': 40, 'a;gone;deep': 30 });
  const after = treeOf({ 'a;grows': 60, 'a;same': 40, 'a;new': 10 });
  const compared = compareTrees(before, after, 'total');
  const normalization = describeNormalization('total', compared);
  const svg = textOf(renderDiffSvg(compared, { unit: 'count', normalization }));
  expectGolden('render/difference.svg', withoutScript(svg));
  const labels = elementsOf(svg).filter(({ name }) => name === 'text');
  const texts = labels.map(({ text }) => text);
  expect(texts).toContain('gone -33.3% gone');
  expect(texts).toContain('new +new');
  expect(texts.some((text) => text.includes('before × 1.222'))).toBe(true);
});

test('the same tree gives the same bytes, in whatever order its stacks came', () => {
  const again = treeOf({
    'sh;<b>&"x': 1,
    'sh;wait_[k]': 60_000,
    'dd;write': 900_000,
    'dd;read;schedule': 5_120_000,
  });
  expect(textOf(renderSvg(again, options))).toBe(textOf(renderSvg(small, options)));
});

test('carries the whole tree as data', () => {
  const tree = recordedTree();
  const data = elementsOf(textOf(renderSvg(tree, options))).find(({ name }) => name === 'metadata')!;
  const { trees } = JSON.parse(data.text);
  expect(decodeTree(trees[0])).toEqual(tree);
});

test('a cap merges the smallest frames, and says how many, and what share they have', () => {
  const svg = textOf(renderSvg(recordedTree(), { ...options, maxFrames: 500 }));
  const data = JSON.parse(elementsOf(svg).find(({ name }) => name === 'metadata')!.text);
  const tree = decodeTree(data.trees[0]);
  expect(tree.names).toContain('[smaller frames]');
  expect(tree.totals[0]).toBe(recordedTree().totals[0]);
  expect(svg).toMatch(/the [\d,]+ smallest are merged \(\d[\d.]*%\)/);
  const few = treeOf({ a: 50, b: 30, c: 12, d: 8 });
  expect(textOf(renderSvg(few, { unit: 'count', maxFrames: 2 }))).toContain(
    'the 1 smallest are merged (20%)',
  );
});

test('draws no frame under a pixel, and a mark where such frames are one together', () => {
  const tree = recordedTree();
  const paths = elementsOf(textOf(renderSvg(tree, options))).filter(({ name }) => name === 'path');
  const widths = paths.flatMap(({ attributes: { d, class: name } }) =>
    [...d!.matchAll(/ \d+h([\d.]+)v/g)].map(([, width]) => ({ name, width: Number(width) })),
  );
  expect(widths.length).toBeGreaterThan(500);
  for (const { width } of widths) expect(width).toBeGreaterThanOrEqual(1);
  expect(widths.filter(({ name }) => name === 'rest').length).toBeGreaterThan(10);
});

test('says what is too narrow, with its share, and what was lost', () => {
  const svg = textOf(renderSvg(recordedTree(), options));
  expect(svg).toMatch(
    /13\.7 s in 19,313 frames · 3 events lost · 18,\d+ under a pixel wide \(4%\) show when zoomed/,
  );
});

test('has no ids that could clash, and loads nothing', () => {
  const elements = elementsOf(textOf(renderSvg(small, options)));
  for (const { attributes } of elements) {
    expect(attributes).not.toHaveProperty('id');
    expect(attributes).not.toHaveProperty('href');
  }
  expect(svgStyle()).not.toMatch(/url\(|@import/);
  const addresses = textOf(renderSvg(small, options)).match(/https?:\/\/[^\s"'`]*/g);
  expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xhtml']));
});

test('adapts to dark mode, contrast, forced colours and paper, and moves nothing', () => {
  const queries = [
    'screen and (prefers-color-scheme:dark)',
    '(prefers-contrast:more)',
    '(forced-colors:active)',
    'print',
  ];
  for (const query of queries) expect(svgStyle()).toContain(`@media ${query}{`);
  expect(svgStyle()).not.toMatch(/transition|animation/);
});

test('an empty tree is a picture too', () => {
  const texts = elementsOf(textOf(renderSvg(treeOf({}), { unit: 'ns' }))).map(({ text }) => text);
  expect(texts).toContain('root: 0 ns');
});

test('the script in it is the one that its source makes', async () => {
  const made = await genSvgClient();
  expect(made.includes(JSON.stringify(svgClient)), 'stale: npm run gen').toBe(true);
  expect(svgClient).not.toContain(']]>');
});
