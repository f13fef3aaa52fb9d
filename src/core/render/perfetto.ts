import { nsPerUnit } from '../base/units.ts';
import type { FrameTree } from '../stack/frame-tree.ts';
import type { WeightUnit } from '../stack/weight-unit.ts';
import type { RenderOptions } from './render-options.ts';

/**
 * Prints a tree as trace events in JSON, which Perfetto, chrome://tracing and others open: one slice a frame, callees below
 * and beside each other as if they had run one after the other, since a merged tree does not know when. Durations keep
 * their microseconds; one of anything else is a microsecond. The format is Google's "Trace Event Format".
 */
export function* renderPerfetto(tree: FrameTree, options: RenderOptions): Generator<string> {
  const usPerWeight = microseconds(options.unit);
  const title = options.title ?? 'Flame graph';
  const names = tree.names.map((name) => JSON.stringify(name.toWellFormed()));
  // Beginnings and ends rather than lengths: a sum that is rounded would let a slice end after the one around it.
  const event = (kind: 'B' | 'E', node: number, at: number) =>
    `,\n{"name":${names[tree.nameIds[node]!]},"ph":"${kind}","pid":1,"tid":1,"ts":${at * usPerWeight}}`;
  yield `{"displayTimeUnit":"ns","otherData":{"exporter":"kernelscope","unit":"${options.unit}"},"traceEvents":[\n`;
  yield `{"name":"process_name","ph":"M","pid":1,"tid":1,"args":{"name":${JSON.stringify(title.toWellFormed())}}}`;
  const open: { readonly node: number; readonly end: number; next: number }[] = [];
  let text = '';
  for (let node = 0; node < tree.nameIds.length; node++) {
    while (open.length > tree.depths[node]!) {
      const ended = open.pop()!;
      text += event('E', ended.node, ended.end);
    }
    const caller = open.at(-1);
    const start = caller?.next ?? 0;
    // What is rounded in sums of fractions stays within the caller.
    const end = Math.min(start + tree.totals[node]!, caller?.end ?? Number.POSITIVE_INFINITY);
    if (caller !== undefined) caller.next = end;
    open.push({ node, end, next: start });
    text += event('B', node, start);
    if (text.length < 1 << 16) continue;
    yield text;
    text = '';
  }
  for (const { node, end } of open.reverse()) text += event('E', node, end);
  yield `${text}\n]}\n`;
}

function microseconds(unit: WeightUnit): number {
  return unit === 'count' || unit === 'bytes' ? 1 : nsPerUnit(unit) / 1000;
}
