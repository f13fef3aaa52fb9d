import { KernelscopeError } from '../base/kernelscope-error.ts';
import { suggestNames } from '../base/names.ts';
import { parseDurationNs } from '../base/units.ts';
import { type Category, type Column, findColumn, isNumeric } from '../category/define-category.ts';
import { labelKey } from './condition.ts';
import type { Aggregate, GroupKey, GroupSort } from './query.ts';
import { unknownColumn } from './read-literal.ts';

/** More digits behind the point would be lost where percentiles are worked out. */
const MAX_PERCENT_DECIMALS = 3;

/** Frames that go by a name. */
const namedFrames = { root: 1, leaf: -1, wchan: 'wchan' } as const;

const numberFunctions = ['sum', 'avg', 'min', 'max', 'hist'] as const;

/**
 * Reads what to group by: a column, `time:1m`, `labels.<key>`, or a frame of a stack: `leaf`, `root`, `frame:2` counted
 * from the root and `frame:-2` from the leaf, or `wchan`, what a blocked thread waits in, all of them with `:<column>` for
 * another than the first stack column.
 * A column that has such a word for its name is meant itself. Throws `unknown_column` or `bad_query`.
 */
export function parseGroupKey(text: string, category: Category): GroupKey {
  const column = findColumn(category, text);
  if (column !== undefined) return { kind: 'column', name: text, column: text };
  const label = labelKey(text);
  if (label !== undefined && label !== '') return { kind: 'label', name: text, key: label };
  const [head, ...rest] = text.split(':') as [string, ...string[]];
  const bucketed = findColumn(category, head);
  const named = Object.hasOwn(namedFrames, head) ? namedFrames[head as keyof typeof namedFrames] : undefined;
  const isFrame = (named !== undefined || head === 'frame') && bucketed?.type !== 'timestamp';
  if (bucketed !== undefined && rest.length === 1 && !isFrame) return parseBucket(text, bucketed, rest[0]!);
  if (named !== undefined) {
    if (rest.length <= 1)
      return { kind: 'frame', name: text, column: stackColumn(category, rest[0]), frame: named };
  } else if (head === 'frame' && rest.length >= 1 && rest.length <= 2) {
    const frame = Number(rest[0]);
    if (!/^-?\d{1,5}$/.test(rest[0]!) || frame === 0) {
      throw bad(`'${text}' names no frame`, ['frame:1 is the root, frame:2 the next, frame:-1 the leaf']);
    }
    return { kind: 'frame', name: text, column: stackColumn(category, rest[1]), frame };
  }
  const { suggestions } = unknownColumn(category, text);
  throw new KernelscopeError('unknown_column', `there is nothing to group by called '${text}'`, {
    suggestions: [...suggestions, 'or time:1m, labels.KEY, leaf, root, wchan, frame:2'],
  });
}

function parseBucket(text: string, column: Column, width: string): GroupKey {
  if (column.type !== 'timestamp') {
    throw bad(`'${text}' cuts a column of type ${column.type}, and only timestamps can be cut`, [
      `group by '${column.name}' itself, or by time:1m`,
    ]);
  }
  const widthUs = parseDurationNs(width, 's') / 1000;
  if (!Number.isSafeInteger(widthUs) || widthUs <= 0)
    throw bad(`'${width}' in '${text}' is no width of a bucket`, ['write it like time:1m']);
  return { kind: 'bucket', name: column.name, column: column.name, widthUs };
}

function stackColumn(category: Category, name: string | undefined): string {
  if (name === undefined) {
    const first = category.columns.find(({ type }) => type === 'stack');
    if (first !== undefined) return first.name;
    throw bad(`category '${category.name}' has no stack column, and so no frames`);
  }
  const column = findColumn(category, name);
  if (column === undefined) throw unknownColumn(category, name);
  if (column.type !== 'stack') throw bad(`'${name}' is of type ${column.type}, and only a stack has frames`);
  return name;
}

/** Prints a key as `parseGroupKey` reads it. */
export function printGroupKey(key: GroupKey): string {
  return key.kind === 'bucket' ? `${key.column}:${key.widthUs}us` : key.name;
}

/**
 * Reads what to work out: `count`, `sum(x)`, `avg(x)`, `min(x)`, `max(x)`, `hist(x)`, or a percentile such as `p99.9(x)`.
 * Throws `unknown_column` or `bad_query`.
 */
export function parseAggregate(text: string, category: Category): Aggregate {
  // With brackets it has a name that no column can have.
  if (text === 'count' || text === 'count()') return { kind: 'count', name: text };
  const [, word, name] = /^([a-z]+[\d.]*)\(\s*([^()\s]+)\s*\)$/.exec(text) ?? [];
  if (word === undefined || name === undefined) throw unknownAggregate(text);
  const column = findColumn(category, name);
  if (column === undefined) throw unknownColumn(category, name);
  const plain = numberFunctions.find((candidate) => candidate === word);
  const isRange = plain === 'min' || plain === 'max';
  if (!isNumeric(column) && !(isRange && column.type === 'timestamp')) {
    throw bad(`'${text}' needs a number, and '${name}' is of type ${column.type}`, [
      `numbers are: ${category.columns
        .filter(isNumeric)
        .map((candidate) => candidate.name)
        .join(', ')}`,
    ]);
  }
  if (plain !== undefined) return { kind: plain, name: `${plain}(${name})`, column: name };
  const percentText = /^p(\d{1,3}(?:\.\d+)?)$/.exec(word)?.[1];
  if (percentText === undefined) throw unknownAggregate(text);
  const percent = Number(percentText);
  const decimals = percentText.split('.')[1]?.length ?? 0;
  if (percent > 100 || decimals > MAX_PERCENT_DECIMALS) {
    throw bad(`'${word}' is no percentile`, [
      `percentiles go from p0 to p100, with up to ${MAX_PERCENT_DECIMALS} digits behind the point`,
    ]);
  }
  return { kind: 'percentile', name: `p${percent}(${name})`, column: name, percent };
}

function unknownAggregate(text: string): KernelscopeError {
  return bad(`there is nothing to work out called '${text}'`, [
    'there are: count, sum(x), avg(x), min(x), max(x), hist(x), and percentiles such as p50(x), p99.9(x)',
  ]);
}

/** Checks that no two columns of an answer would have the same name. Throws `bad_query`. */
export function checkAnswerNames(keys: readonly GroupKey[], aggregates: readonly Aggregate[]): void {
  const names = new Set<string>();
  for (const { name } of [...keys, ...aggregates]) {
    if (names.has(name)) throw bad(`the answer would have two columns '${name}'`);
    names.add(name);
  }
}

/** Reads `count` or `-sum(elapsed)` (descending): the name of a column of the answer. Throws `bad_query`. */
export function parseGroupSort(
  text: string,
  keys: readonly GroupKey[],
  aggregates: readonly Aggregate[],
): GroupSort {
  const descending = text.startsWith('-');
  const name = descending ? text.slice(1) : text;
  // A bucket may be named as it was asked for; there is only one of each column.
  const key = keys.findIndex(
    (candidate) =>
      candidate.name === name || (candidate.kind === 'bucket' && name.startsWith(`${candidate.column}:`)),
  );
  if (key >= 0) return { by: 'key', place: key, descending };
  const place = aggregates.findIndex((candidate) => candidate.name === name);
  if (place < 0) {
    const names = [...keys, ...aggregates].map((column) => column.name);
    throw bad(`the answer has no column '${name}' to sort by`, suggestNames(name, names));
  }
  if (aggregates[place]!.kind === 'hist') throw bad(`a histogram such as '${name}' has no order to sort by`);
  return { by: 'aggregate', place, descending };
}

/** Prints a sort key as `parseGroupSort` reads it. */
export function printGroupSort(
  { by, place, descending }: GroupSort,
  keys: readonly GroupKey[],
  aggregates: readonly Aggregate[],
): string {
  const { name } = by === 'key' ? keys[place]! : aggregates[place]!;
  return `${descending ? '-' : ''}${name}`;
}

/** The order that groups come in where none is asked for: that of their keys where they are of times, else the most first. */
export function defaultGroupSort(
  keys: readonly GroupKey[],
  aggregates: readonly Aggregate[],
): readonly GroupSort[] {
  if (keys.some(({ kind }) => kind === 'bucket')) return [];
  const place = aggregates.findIndex(({ kind }) => kind !== 'hist');
  return place < 0 ? [] : [{ by: 'aggregate', place, descending: true }];
}

function bad(message: string, suggestions: readonly string[] = []): KernelscopeError {
  return new KernelscopeError('bad_query', message, { suggestions });
}
