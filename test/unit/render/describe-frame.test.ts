import { expect, test } from 'vitest';
import { describeDelta, describeFrame } from '../../../src/core/render/describe-frame.ts';
import type { FrameTree } from '../../../src/core/stack/frame-tree.ts';
import { namesTo } from '../../../src/core/stack/frame-tree.ts';
import { compareTrees, treeOf } from '../stack/stacks.ts';

function nodeAt(tree: FrameTree, stack: string): number {
  const nodes = Array.from(tree.nameIds.keys());
  return nodes.find((node) => namesTo(tree, node).join(';') === stack)!;
}

const tree = treeOf({
  'dd;read_[k]': 100_000,
  'dd;read_[k];wait': 300_000,
  'dd;write;wake_[w]': 50_000,
  'dd;write;inlined_[i]': 25_000,
  'dd;write;jitted_[j]': 25_000,
  'sh;--': 500_000,
});

test('tells the weight in its unit, the own one apart, and shares of total, caller and zoom', () => {
  const [dd, read, wait] = ['dd', 'dd;read_[k]', 'dd;read_[k];wait'].map((stack) => nodeAt(tree, stack));
  expect(describeFrame(tree, 0, 0, 'ns')).toBe('1 ms · 100% of total');
  expect(describeFrame(tree, dd!, 0, 'us')).toBe('500 ms · 50% of total');
  expect(describeFrame(tree, read!, 0, 'ms')).toBe(
    '6.67 m · own 1.67 m · 40% of total · 80% of caller · kernel',
  );
  expect(describeFrame(tree, wait!, dd!, 'count')).toBe(
    '300,000 · 30% of total · 75% of caller · 60% of zoom',
  );
});

test('says in words what the mark at the end of a name stands for', () => {
  const said = [
    'dd;read_[k]',
    'dd;write;wake_[w]',
    'dd;write;inlined_[i]',
    'dd;write;jitted_[j]',
    'sh;--',
  ].map((stack) => describeFrame(tree, nodeAt(tree, stack), 0, 'count').split(' · ').at(-1));
  expect(said).toEqual(['kernel', 'waker', 'inlined', 'just-in-time compiled', 'not a frame']);
});

test('tells the change of all below a frame and of the frame alone apart', () => {
  const { diff } = compareTrees(
    treeOf({ a: 30, 'a;same': 10, 'a;gone': 20, 'a;grows': 20 }),
    treeOf({ a: 10, 'a;same': 10, 'a;new': 5, 'a;grows': 75 }),
  );
  const say = (stack: string) => describeDelta(diff, nodeAt(diff.tree, stack), 'count');
  // Its own weight fell while that of what it calls grew.
  expect(say('a')).toBe('80 → 100 · +20 · +25% of before · own -20 · 100% → 100% of total');
  expect(say('a;same')).toBe('10 → 10 · +0 · 12.5% → 10% of total');
  expect(say('a;gone')).toBe('20 → 0 · -20 · gone · 25% → 0% of total');
  expect(say('a;new')).toBe('0 → 5 · +5 · new · 0% → 5% of total');
});
