import fc from 'fast-check';
import { expect, test } from 'vitest';
import { graphKeys, pressKey } from '../../../src/core/render/terminal-viewer/press-key.ts';
import { pressMouse } from '../../../src/core/render/terminal-viewer/press-mouse.ts';
import { printScreen } from '../../../src/core/render/terminal-viewer/print-screen.ts';
import { resizeViewer } from '../../../src/core/render/terminal-viewer/resize-viewer.ts';
import { placeOfNode, startViewer } from '../../../src/core/render/terminal-viewer/viewer-state.ts';
import { cellsOf } from '../../../src/core/render/text-cells.ts';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import { stacks } from '../stack/arbitrary-stacks.ts';

const size = fc.record({ columns: fc.integer({ min: 10, max: 120 }), rows: fc.integer({ min: 5, max: 40 }) });
const key = fc.constantFrom(...graphKeys.flatMap(({ keys }) => keys), 'a', '(', 'End', 'nothing');
const event = fc.oneof(
  { weight: 8, arbitrary: key },
  { weight: 1, arbitrary: size },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('press', 'wheel-up', 'wheel-down'),
      column: fc.nat(130),
      row: fc.nat(45),
    }),
  },
);

test('whatever is pressed, a frame that is drawn is chosen, and the screen is full and no wider than it is', () => {
  fc.assert(
    fc.property(stacks, size, fc.array(event, { maxLength: 30 }), (list, startSize, events) => {
      let state = startViewer(buildTree(list), { unit: 'count', title: 't' }, startSize);
      for (const each of events) {
        if (typeof each === 'string') state = pressKey(state, each);
        else state = 'rows' in each ? resizeViewer(state, each) : pressMouse(state, each);
        const place = placeOfNode(state, state.chosen);
        expect(state.layout.nodes[place]).toBe(state.chosen);
        const lines = printScreen(state);
        expect(lines).toHaveLength(state.size.rows);
        for (const line of lines) expect(cellsOf(line)).toBeLessThanOrEqual(state.size.columns);
      }
    }),
  );
});
