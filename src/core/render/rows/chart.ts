import { KernelscopeError } from '../../base/kernelscope-error.ts';
import { formatCount, formatDurationNs } from '../../base/units.ts';
import type { AnswerColumn, AnswerRow, Histogram } from '../../category/answer-column.ts';
import { findWaitPlace } from '../../stack/before-scheduler.ts';
import { cellsOf, fitCells, truncateCells } from '../text-cells.ts';
import { bar, sparkline } from './bars.ts';
import { allBuckets, formatBound, formatCell, isNumberColumn } from './format-cell.ts';
import type { RowPrintOptions, RowStream } from './row-format.ts';

/** Cells that a line takes where nothing bounds it. */
const DEFAULT_WIDTH = 80;
/** Groups that a chart holds at most: no one looks at more bars, and a line of blocks is made of many points. */
const MAX_BARS = 1000;
const MAX_POINTS = 200_000;
/** Least cells for bars and lines of blocks. */
const MIN_BAR_CELLS = 10;

/** The columns of an answer by what they are in a chart. */
interface Roles {
  readonly labels: readonly AnswerColumn[];
  readonly time: AnswerColumn | undefined;
  readonly histograms: readonly AnswerColumn[];
  readonly numbers: readonly AnswerColumn[];
}

/**
 * Draws groups: histograms as bars of their buckets, groups of times as a line of blocks over time for each of the other
 * keys, and any others as a bar each, by the first number that was worked out. Throws `bad_query` for plain records.
 */
export async function* printChart(
  { columns, keyCount, chunks }: RowStream,
  options: RowPrintOptions,
): AsyncIterable<string> {
  if (keyCount === undefined) {
    throw new KernelscopeError('bad_query', 'a chart draws groups, and these are single records', {
      suggestions: ['group them: --group-by process --agg "sum(elapsed)"'],
    });
  }
  const width = options.width ?? DEFAULT_WIDTH;
  const keys = columns.slice(0, keyCount);
  const values = columns.slice(keyCount);
  const time = keys.find(({ type }) => type === 'timestamp');
  const roles: Roles = {
    labels: keys.filter((column) => column !== time),
    time,
    histograms: values.filter(({ type }) => type === 'histogram'),
    numbers: values.filter(isNumberColumn),
  };
  if (roles.numbers.length + roles.histograms.length === 0) {
    throw new KernelscopeError('bad_query', 'a chart draws numbers, and none is worked out', {
      suggestions: ["work one out: --agg count, or --agg 'hist(elapsed)'"],
    });
  }
  const isOverTime = time !== undefined && roles.histograms.length === 0;
  const { rows, leftOut } = await collect(chunks, isOverTime ? MAX_POINTS : MAX_BARS);
  if (roles.histograms.length > 0) yield* drawHistograms(roles, rows, width);
  else if (time !== undefined) yield* drawLines(roles, time, rows, width);
  else yield* drawBars(roles, rows, width);
  if (leftOut > 0) yield `… and ${formatCount(leftOut)} more\n`;
}

async function collect(
  chunks: AsyncIterable<readonly AnswerRow[]>,
  most: number,
): Promise<{ readonly rows: readonly AnswerRow[]; readonly leftOut: number }> {
  const rows: AnswerRow[] = [];
  let leftOut = 0;
  for await (const chunk of chunks) {
    const taken = chunk.slice(0, most - rows.length);
    rows.push(...taken);
    leftOut += chunk.length - taken.length;
  }
  return { rows, leftOut };
}

function* drawBars({ labels, numbers }: Roles, rows: readonly AnswerRow[], width: number): Iterable<string> {
  const names = rows.map((row) => labelOf(labels, row));
  const cells = rows.map((row) => numbers.map((column) => formatCell(column, row[column.name] ?? null)));
  const widths = numbers.map(({ name }, c) => widest([name, ...cells.map((line) => line[c]!)]));
  const ofNumbers = widths.reduce((sum, each) => sum + each + 2, 0);
  const head = labels.map(({ name }) => name).join(', ');
  const nameWidth = Math.min(widest([head, ...names]), Math.max(8, width - ofNumbers - MIN_BAR_CELLS - 2));
  const barCells = Math.max(MIN_BAR_CELLS, width - nameWidth - ofNumbers - 2);
  const first = numbers[0]!.name;
  const most = Math.max(...rows.map((row) => Number(row[first] ?? 0)), 0);
  const line = (name: string, values: readonly string[], drawn: string) =>
    `${[fitCells(name, nameWidth), ...values.map((value, c) => value.padStart(widths[c]!)), drawn].join('  ').trimEnd()}\n`;
  yield line(
    head,
    numbers.map(({ name }) => name),
    '',
  );
  for (const [at, row] of rows.entries())
    yield line(names[at]!, cells[at]!, bar(Number(row[first] ?? 0), most, barCells));
}

function* drawLines(
  { labels, numbers }: Roles,
  time: AnswerColumn,
  rows: readonly AnswerRow[],
  width: number,
): Iterable<string> {
  const value = numbers[0]!;
  const series = new Map<string, Map<number, number>>();
  const times = new Set<number>();
  for (const row of rows) {
    const at = row[time.name];
    if (typeof at !== 'number') continue;
    const name = labelOf(labels, row);
    if (!series.has(name)) series.set(name, new Map());
    series.get(name)!.set(at, Number(row[value.name] ?? 0));
    times.add(at);
  }
  if (times.size === 0) return;
  const sorted = [...times].sort((a, b) => a - b);
  const [from, until] = [sorted[0]!, sorted.at(-1)!];
  const stepUs = sorted.slice(1).reduce((least, at, index) => Math.min(least, at - sorted[index]!), Infinity);
  const slots = Number.isFinite(stepUs) ? Math.round((until - from) / stepUs) + 1 : 1;
  const most = [...series.values()].map((points) => Math.max(...points.values()));
  const shown = most.map((each) => formatCell(value, each));
  const head = labels.map(({ name }) => name).join(', ');
  const mostHead = `most ${value.name}`;
  const mostWidth = widest([mostHead, ...shown]);
  const nameWidth = Math.min(
    widest([head, ...series.keys()]),
    Math.max(8, width - mostWidth - MIN_BAR_CELLS - 4),
  );
  const room = Math.max(MIN_BAR_CELLS, width - nameWidth - mostWidth - 4);
  const perCell = Math.ceil(slots / room);
  const cells = Math.ceil(slots / perCell);
  const span = `${formatCell(time, from)} + ${formatDurationNs((Number.isFinite(stepUs) ? slots * stepUs : 0) * 1000)}`;
  yield `${fitCells(head, nameWidth)}  ${mostHead.padStart(mostWidth)}  ${truncateCells(span, room)}`.trimEnd() +
    '\n';
  for (const [at, [name, points]] of [...series].entries()) {
    const levels: (number | null)[] = Array(cells).fill(null);
    for (const [when, point] of points) {
      const cell = Number.isFinite(stepUs) ? Math.floor(Math.round((when - from) / stepUs) / perCell) : 0;
      levels[cell] = Math.max(levels[cell] ?? 0, point);
    }
    yield `${fitCells(name, nameWidth)}  ${shown[at]!.padStart(mostWidth)}  ${sparkline(levels)}`.trimEnd() +
      '\n';
  }
}

function* drawHistograms(
  { labels, time, histograms }: Roles,
  rows: readonly AnswerRow[],
  width: number,
): Iterable<string> {
  const keys = time === undefined ? labels : [time, ...labels];
  let isFirst = true;
  for (const row of rows) {
    for (const column of histograms) {
      const heading = [...(keys.length === 0 ? [] : [labelOf(keys, row)]), column.name].join('  ');
      yield `${isFirst ? '' : '\n'}${truncateCells(heading, width)}\n`;
      isFirst = false;
      yield* drawHistogram(column, (row[column.name] ?? []) as Histogram, width);
    }
  }
}

function* drawHistogram(column: AnswerColumn, histogram: Histogram, width: number): Iterable<string> {
  const buckets = allBuckets(histogram);
  const starts = buckets.map(({ from }) => (from === null ? 'below' : formatBound(column, from)));
  const ends = buckets.map(({ to }) => formatBound(column, to));
  const counts = buckets.map(({ count }) => formatCount(count));
  const [startWidth, endWidth, countWidth] = [widest(starts), widest(ends), widest(counts)];
  const most = Math.max(...buckets.map(({ count }) => count), 0);
  const room = Math.max(MIN_BAR_CELLS, width - startWidth - endWidth - countWidth - 8);
  for (const [at, { count }] of buckets.entries()) {
    const range = `${starts[at]!.padStart(startWidth)} .. ${ends[at]!.padStart(endWidth)}`;
    yield `${`${range}  ${counts[at]!.padStart(countWidth)}  ${bar(count, most, room)}`.trimEnd()}\n`;
  }
}

/** Names a group by its keys; a stack by its end and depth, as the line has other things to hold. */
function labelOf(labels: readonly AnswerColumn[], row: AnswerRow): string {
  return labels
    .map((column) => {
      const value = row[column.name] ?? null;
      if (value === null) return '-';
      const text = formatCell(column, value);
      if (column.type !== 'stack') return text;
      const frames = text.split(';');
      return frames.length === 1 ? text : `…;${frames[findWaitPlace(frames)]} [${frames.length}]`;
    })
    .join(', ');
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, cellsOf(text)), 0);
}
