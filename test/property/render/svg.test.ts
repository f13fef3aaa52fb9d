import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { decodeTree } from '../../../src/core/render/decode-tree.ts';
import { renderDiffSvg } from '../../../src/core/render/diff/diff-svg.ts';
import { encodeTree } from '../../../src/core/render/encode-tree.ts';
import { renderSvg } from '../../../src/core/render/svg.ts';
import { renderTerminal } from '../../../src/core/render/terminal.ts';
import { cellsOf } from '../../../src/core/render/text-cells.ts';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import { compareTrees } from '../../unit/stack/stacks.ts';

/** Any string at all, lone surrogates, controls and markup among them. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 12 }),
  fc.constantFrom(
    ']]>',
    '</script>',
    '</svg>',
    '<!--',
    '&#0;',
    '\u0000',
    '\ufffe',
    '\ud800',
    '"onload="',
    "'",
  ),
);
const stacks = fc.array(
  fc.record({
    stack: fc.array(hostile, { maxLength: 5 }).map((frames) => frames.join(';')),
    weight: fc.oneof(fc.nat(1e6), fc.double({ min: 0, max: 1e12, noNaN: true })),
  }),
  { maxLength: 12 },
);

const decoder = new TextDecoder();
const textOf = (chunks: Iterable<string | Uint8Array>) =>
  Array.from(chunks, (chunk) => (typeof chunk === 'string' ? chunk : decoder.decode(chunk))).join('');

/** Parses as XML, and answers the element names that there are. */
function elementNames(xml: string): Set<string> {
  const names = new Set<string>();
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => void names.add(name));
  parser.write(xml).close();
  return names;
}

test('a picture is valid XML whatever the names, and they make no elements', () => {
  const known = new Set(
    elementNames(textOf(renderSvg(buildTree([{ stack: 'a', weight: 1 }]), { unit: 'ns' }))),
  );
  fc.assert(
    fc.property(stacks, hostile, hostile, (list, title, subtitle) => {
      const svg = textOf(renderSvg(buildTree(list), { unit: 'count', title, subtitle }));
      for (const name of elementNames(svg)) expect(known).toContain(name);
    }),
    { numRuns: 200 },
  );
});

test('so is a difference', () => {
  fc.assert(
    fc.property(stacks, stacks, hostile, (before, after, title) => {
      elementNames(
        textOf(renderDiffSvg(compareTrees(buildTree(before), buildTree(after)), { unit: 'count', title })),
      );
    }),
  );
});

test('the data of a tree reads back as the tree', () => {
  fc.assert(
    fc.property(stacks, (list) => {
      const tree = buildTree(list);
      const back = decodeTree(JSON.parse(textOf(encodeTree(tree))));
      expect(back.names).toEqual(tree.names);
      expect(back.nameIds).toEqual(tree.nameIds);
      expect(back.selfs).toEqual(tree.selfs);
      expect(back.depths).toEqual(tree.depths);
      expect(back.subtreeEnds).toEqual(tree.subtreeEnds);
    }),
  );
});

test('a drawing in a terminal stays in its width and sends no controls, whatever the names', () => {
  fc.assert(
    fc.property(
      stacks,
      fc.integer({ min: 10, max: 120 }),
      fc.integer({ min: 3, max: 30 }),
      (list, width, height) => {
        const text = textOf(renderTerminal(buildTree(list), { unit: 'count', width, height }));
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
        const lines = text.slice(0, -1).split('\n');
        expect(lines.length).toBeLessThanOrEqual(height);
        for (const line of lines) expect(cellsOf(line)).toBeLessThanOrEqual(width);
      },
    ),
  );
});
