import { expect, test } from 'vitest';
import { countPosts, DAY_US, fleetBatches, START_US } from '../../../bench/store-data/fleet.ts';
import { sliceEntries } from '../../../src/core/category/entry-columns.ts';
import { plainValues } from '../../support/plain-values.ts';

const parameters = { rows: 300_000, spanUs: DAY_US };

test('the same parameters make the same data, and another size makes the same start of a post', () => {
  const [first] = fleetBatches(parameters);
  expect([...fleetBatches({ rows: 5000, spanUs: DAY_US })]).toEqual([
    ...fleetBatches({ rows: 5000, spanUs: DAY_US }),
  ]);
  const [short] = fleetBatches({ rows: 100, spanUs: DAY_US });
  expect(plainValues(short!.entries[0]!).map((column) => column?.length)).toEqual([100, 100, 100, 100]);
  expect(sliceEntries(first!.entries[0]!, 0, 100)).toEqual(short!.entries[0]);
});

test('a fleet is what real hosts were found to be', () => {
  const batches = [...fleetBatches(parameters)];
  const rows = batches.reduce((sum, { entries }) => sum + entries[0]!.length, 0);
  expect(rows).toBe(parameters.rows);
  expect(Math.abs(batches.length - countPosts(parameters))).toBeLessThanOrEqual(3);
  expect(new Set(batches.map(({ hostname }) => hostname)).size).toBe(50);
  const times = batches.map(({ timeUs }) => timeUs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[0]).toBe(START_US);
  expect(times.at(-1)! - START_US).toBeGreaterThan(0.95 * DAY_US);
  expect(times.at(-1)! - START_US).toBeLessThan(DAY_US);
  // Of the entries of a post, 36 % differ in more than their pid.
  const shares = batches.map(({ entries: [entries] }) => {
    const [process, , stack] = plainValues(entries!);
    return new Set(process!.map((name, at) => `${name}\t${stack![at]}`)).size / entries!.length;
  });
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  expect(mean).toBeGreaterThan(0.33);
  expect(mean).toBeLessThan(0.39);
});

test('the roles rank the recorded pairs each in its own way', () => {
  const commonest = [...fleetBatches({ rows: 15_000, spanUs: DAY_US })].map(({ entries: [entries] }) => {
    const counts = new Map<unknown, number>();
    for (const stack of plainValues(entries!)[2]!) counts.set(stack, (counts.get(stack) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1])[0]![0];
  });
  expect(new Set(commonest.slice(0, 5)).size).toBeGreaterThan(1);
});
