import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  initialView,
  isUnfiltered,
  noFilters,
  printView,
  readView,
  type ViewState,
} from '../../../src/web/app/view-state.ts';

const text = fc.oneof(fc.string(), fc.constantFrom('a;b', 'x=1&y=2', '<b>', '%41', 'ä 走'));
const texts = fc.array(
  text.filter((item) => item !== ''),
  { maxLength: 3 },
);
const views: fc.Arbitrary<ViewState> = fc.record({
  category: text,
  stack: text,
  weight: text,
  where: text,
  since: text,
  until: text,
  hosts: texts,
  labels: texts,
  against: text,
  shares: fc.boolean(),
  zoom: text,
  search: text,
  matchCase: fc.boolean(),
  icicle: fc.boolean(),
  inverted: fc.boolean(),
  merged: fc.boolean(),
  heaviestFirst: fc.boolean(),
  sort: text,
  limit: fc.integer({ min: 1, max: 999_999_999 }),
});

test('an address says all of a view', () => {
  fc.assert(
    fc.property(views, (view) => {
      expect(readView(printView(view))).toEqual(view);
    }),
  );
});

test('the initial view needs no address, and an address only says what differs', () => {
  expect(printView(initialView)).toBe('');
  expect(readView('')).toEqual(initialView);
  const view = { ...initialView, where: 'elapsed > 5ms', hosts: ['a', 'b'], icicle: true, limit: 100 };
  expect(printView(view)).toBe('?where=elapsed+%3E+5ms&host=a&host=b&icicle=1&limit=100');
});

test.each(['limit=0', 'limit=-5', 'limit=1e9', 'limit=', 'icicle=yes', 'host=', 'unknown=1'])(
  'what an address says wrongly is as at first: %s',
  (address) => {
    expect(readView(`?${address}`)).toEqual(initialView);
  },
);

test('a view without filters shows everything, whatever else it says', () => {
  expect(isUnfiltered({ ...initialView, zoom: 'a', sort: '-time', limit: 1 })).toBe(true);
  expect(isUnfiltered({ ...initialView, labels: ['a=b'] })).toBe(false);
  expect(isUnfiltered({ ...initialView, since: '1h' })).toBe(false);
  expect(isUnfiltered({ ...readView('?where=a&since=1h&host=x'), ...noFilters })).toBe(true);
});
