import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderPerfetto } from '../../../src/core/render/perfetto.ts';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import { stacks } from '../../property/stack/arbitrary-stacks.ts';
import { treeOf } from '../stack/stacks.ts';
import { type recordedTree, textOf } from './recording.ts';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
}

function eventsOf(text: string): readonly TraceEvent[] {
  const { traceEvents } = JSON.parse(text) as { traceEvents: readonly TraceEvent[] };
  return traceEvents.filter(({ ph }) => ph !== 'M');
}

test('callees lie in their callers, one after the other, with what they weigh in microseconds', () => {
  const tree = treeOf({ 'a;b': 2000, 'a;c': 3000, a: 500, 'x;\ud800"': 1000 });
  const events = eventsOf(textOf(renderPerfetto(tree, { unit: 'ns', title: 'A "title"' })));
  expect(events.map(({ name, ph, ts }) => `${ph} ${name} ${ts}`)).toEqual([
    'B root 0',
    'B a 0',
    'B b 0',
    'E b 2',
    'B c 2',
    'E c 5',
    'E a 5.5',
    'B x 5.5',
    'B \ufffd" 5.5',
    'E \ufffd" 6.5',
    'E x 6.5',
    'E root 6.5',
  ]);
});

test('counts and seconds have lengths too', () => {
  const lengthIn = (unit: 'count' | 's') =>
    eventsOf(textOf(renderPerfetto(treeOf({ a: 7 }), { unit }))).at(-1)!.ts;
  expect(lengthIn('count')).toBe(7);
  expect(lengthIn('s')).toBe(7e6);
});

test('begins and ends every frame once, each in the one around it, and never goes back in time', () => {
  const check = (tree: ReturnType<typeof recordedTree>) => {
    const events = eventsOf(textOf(renderPerfetto(tree, { unit: 'ns' })));
    expect(events).toHaveLength(tree.nameIds.length * 2);
    const open: string[] = [];
    let last = 0;
    for (const { name, ph, ts } of events) {
      expect(ts).toBeGreaterThanOrEqual(last);
      last = ts;
      if (ph === 'B') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  };
  check(treeOf({ 'a;b': 0.1, 'a;c': 0.2, 'a;d': 0.3 }));
  fc.assert(fc.property(stacks, (list) => check(buildTree(list))));
});
