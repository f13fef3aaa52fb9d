import { expect } from 'vitest';
import { optionalTextDetail } from '../../../src/core/trace/entry-details.ts';
import type { HelperFlush } from '../../../src/core/trace/parse-helper-output.ts';
import { sum } from './support.ts';

/**
 * Every flush adds up by itself: what its entries hold, and what found no place, is what the kernel side counted. The
 * stack of an entry is in its flush; `orBefore`: or in an earlier one, where it was walked before the event ended.
 */
export function expectToAddUp(flushes: readonly HelperFlush[], orBefore?: 'orBefore'): void {
  const stacks = new Set(['0']);
  const userStacks = new Set(['0', '1', undefined]);
  const wakers = new Set(['0', '1', undefined]);
  for (const flush of flushes) {
    expect(sum(flush.entries, 'ns')).toBe(flush.sum.ns);
    expect(sum(flush.entries, 'count')).toBe(flush.sum.count);
    expect(flush.sum.ns + flush.lost.ns).toBe(flush.total.ns);
    expect(flush.sum.count + flush.lost.count).toBe(flush.total.count);
    expect(flush.lost.count).toBe(flush.lostFull + flush.lostBusy);
    for (const id of flush.stacks.keys()) stacks.add(id);
    for (const id of flush.userStacks.keys()) {
      userStacks.add(id);
      wakers.add(id);
    }
    for (const entry of flush.entries) {
      expect(stacks).toContain(entry.stack);
      expect(userStacks).toContain(entry.user);
      // It woke the thread before that ran again.
      expect(wakers).toContain(optionalTextDetail(entry, 'waker_user'));
    }
    if (orBefore === undefined) {
      for (const id of flush.stacks.keys()) stacks.delete(id);
      for (const id of flush.userStacks.keys()) userStacks.delete(id);
    }
    for (const { ns, count, maxNs } of flush.entries) {
      expect(maxNs).toBeLessThanOrEqual(ns);
      expect(maxNs * count).toBeGreaterThanOrEqual(ns);
    }
  }
}
