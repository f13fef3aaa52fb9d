import {
  type AnswerRow,
  allOf,
  answerColumns,
  type Condition,
  makeGroupQuery,
  type RecordSource,
  readFilters,
} from '../../core/index.ts';
import { aggregatesOf, filterCondition, type TopAnswer, type TopState } from './top-state.ts';

/** Asks for the worst groups as a state wants them; `said` is what the command line asks of records. */
export async function askTop(
  source: RecordSource,
  state: TopState,
  said: Condition,
  limit: number,
): Promise<TopAnswer> {
  const { category, groupBy, since, filter } = state;
  const nowMs = Date.now();
  const inWindow = readFilters({ since }, category, nowMs * 1000);
  const where = allOf([said, inWindow, filterCondition(category, filter)]);
  const aggregates = aggregatesOf(category);
  const query = makeGroupQuery(
    { groupBy: [groupBy], aggregates, sort: [`-${aggregates[0]}`], limit },
    category,
    where,
  );
  const rows: AnswerRow[] = [];
  let counts = { groups: 0, records: 0 };
  for await (const { rows: more, groups, records } of source.aggregate(query)) {
    rows.push(...more);
    counts = { groups, records };
  }
  const all = makeGroupQuery({ groupBy: [], aggregates: [aggregates[0]!] }, category, where);
  let total = 0;
  for await (const { rows: sums } of source.aggregate(all)) total += Number(sums[0]?.[aggregates[0]!] ?? 0);
  const { lost } = await source.scope(category, where);
  return { columns: answerColumns(query), rows, total, ...counts, lost, atMs: nowMs };
}
