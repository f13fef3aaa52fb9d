import { allOf, type Comparison, type Condition } from '../../src/core/query/condition.ts';
import { HOUR_US, START_US } from './fleet.ts';

/** Which records a question is about; every design asks in its own language. */
export interface Filter {
  readonly name: string;
  /** Microseconds since 1970 UTC; the second is the first that does not belong. */
  readonly timeUs?: readonly [number, number];
  readonly process?: string;
  readonly stackContains?: string;
  readonly elapsedAboveNs?: number;
}

/** An hour of the day that the data covers. */
const noon: readonly [number, number] = [START_US + 12 * HOUR_US, START_US + 13 * HOUR_US];
const PROCESS = 'bash';

/** Flame graphs that are asked for, of the data of one day. */
export const flameGraphFilters: readonly Filter[] = [
  { name: 'all' },
  { name: 'one hour of 24', timeUs: noon },
  { name: 'one process', process: PROCESS },
  { name: 'hour and process', timeUs: noon, process: PROCESS },
];

/** What lists are asked of. */
export const listFilters = {
  contains: { name: 'stack contains btrfs', stackContains: 'btrfs' },
  slow: {
    name: `process = ${PROCESS} and elapsed > 5ms`,
    process: PROCESS,
    elapsedAboveNs: 5_000_000,
  },
} as const satisfies Record<string, Filter>;

/** How many records a list shows. */
export const LIST_LIMIT = 20;

/** The filter as the store is asked. */
export function toCondition({ timeUs, process, stackContains, elapsedAboveNs }: Filter): Condition {
  const parts: Comparison[] = [];
  const add = (field: string, operator: Comparison['operator'], value: string | number) =>
    parts.push({ kind: 'compare', field, operator, value });
  if (timeUs !== undefined) {
    add('time', '>=', timeUs[0]);
    add('time', '<', timeUs[1]);
  }
  if (process !== undefined) add('process', '=', process);
  if (stackContains !== undefined) add('stack', 'contains', stackContains);
  if (elapsedAboveNs !== undefined) add('elapsed', '>', elapsedAboveNs);
  return allOf(parts);
}

/** The filter as SQL over a flat table whose `time` compares with what `timeLiteral` makes. */
export function toFlatWhere(
  filter: Filter,
  timeLiteral: (timeUs: number) => string,
  contains: string,
): string {
  const parts = ['1 = 1'];
  if (filter.timeUs !== undefined) {
    const [from, until] = filter.timeUs.map(timeLiteral);
    parts.push(`time >= ${from} AND time < ${until}`);
  }
  if (filter.process !== undefined) parts.push(`process = '${filter.process}'`);
  if (filter.stackContains !== undefined) parts.push(`${contains}(stack, '${filter.stackContains}')`);
  if (filter.elapsedAboveNs !== undefined) parts.push(`elapsed > ${filter.elapsedAboveNs}`);
  return parts.join(' AND ');
}
