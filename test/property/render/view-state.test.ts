import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFragment, printFragment } from '../../../src/web/svg-client/view-state.ts';

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((text) => text.isWellFormed());
const view = fc.record({
  zoom: fc.array(name, { maxLength: 5 }),
  search: fc.oneof(fc.constant(''), name),
  matchCase: fc.boolean(),
  inverted: fc.boolean(),
  merged: fc.boolean(),
  filters: fc.array(fc.record({ kind: fc.constantFrom('focus', 'exclude', 'hide'), name }), { maxLength: 3 }),
  widths: fc.constantFrom('both', 'before', 'after'),
});

test('a view that was written into an address is read back as it was', () => {
  fc.assert(
    fc.property(view, (state) => {
      const fragment = printFragment(state);
      expect(fragment).toMatch(/^[\x21-\x7e]*$/);
      expect(parseFragment(`#${fragment}`)).toEqual(state);
    }),
  );
});

test('any fragment is read into some view', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (fragment) => {
      const state = parseFragment(fragment);
      expect(parseFragment(printFragment(state))).toEqual(state);
    }),
  );
});
