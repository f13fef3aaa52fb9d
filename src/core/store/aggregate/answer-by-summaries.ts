import type { AnswerRow, AnswerValue } from '../../category/answer-column.ts';
import type { GroupQuery } from '../../query/query.ts';
import type { Resolved } from '../../query/resolve-condition.ts';
import type { DictionaryReader } from '../dictionary/dictionary-reader.ts';
import type { SqlConnection, SqlValue } from '../sql-connection.ts';
import type { GroupChunk } from '../store.ts';
import type { BatchFacts } from '../summary/summary-condition.ts';
import { rowTableName } from '../table.ts';
import { dictionaryOf, nameKeys } from './answer-by-rows.ts';
import { compileGroupParts } from './compile-groups.ts';
import { type GroupPart, SummaryGrouper, type SummedGroup, summedColumns } from './group-summaries.ts';
import type { PlacedNames } from './place-key.ts';
import { sortGroups } from './sort-groups.ts';

/** Groups that are held here at most; with more of them the database groups, sorts and keeps them on disk. */
const MAX_GROUPS = 100_000;
/** Batches whose rows are asked for at most, and by one statement; with more, one statement over all rows is quicker. */
const MAX_RAGGED_BATCHES = 10_000;
const BATCHES_PER_STATEMENT = 500;
const ROWS_PER_CHUNK = 1000;

/** A batch with what its summary says, undefined where rows have to be asked. */
export interface SummarizedBatch {
  readonly id: number;
  readonly facts: BatchFacts;
  readonly summary: Uint8Array | undefined;
}

/** Adds up the groups of a question that `canGroupSummaries`; undefined where there are too many to be held. */
export async function groupBySummaries(
  query: GroupQuery,
  resolved: Resolved,
  names: readonly (PlacedNames | undefined)[],
  batches: AsyncIterable<SummarizedBatch>,
  connection: SqlConnection,
): Promise<readonly SummedGroup[] | undefined> {
  const places = names.map((placed) => placed?.pairs);
  const grouper = new SummaryGrouper(query, resolved, places);
  const ragged: number[] = [];
  for await (const { id, facts, summary } of batches) {
    if (summary === undefined || !grouper.add(facts, summary)) ragged.push(id);
    if (grouper.groupCount > MAX_GROUPS || ragged.length > MAX_RAGGED_BATCHES) return undefined;
  }
  const columns = summedColumns(query);
  const { dialect } = connection;
  for (let at = 0; at < ragged.length; at += BATCHES_PER_STATEMENT) {
    const ids: Resolved = { kind: 'batch', ids: ragged.slice(at, at + BATCHES_PER_STATEMENT) };
    const condition: Resolved = { kind: 'and', conditions: [ids, resolved] };
    const rowTable = dialect.quote(rowTableName(query.category));
    const sql = compileGroupParts(query, columns, condition, places, rowTable, dialect);
    for await (const chunk of connection.stream(sql))
      for (const row of chunk) grouper.addPart(readPart(row, query.keys.length, columns.length));
    if (grouper.groupCount > MAX_GROUPS) return undefined;
  }
  return grouper.groups();
}

/** Sorts and cuts groups, and looks up names; in chunks. */
export async function* answerBySummaries(
  query: GroupQuery,
  groups: readonly SummedGroup[],
  names: readonly (PlacedNames | undefined)[],
  dictionaries: DictionaryReader,
): AsyncIterable<GroupChunk> {
  const { category, keys, aggregates, offset = 0, limit = groups.length } = query;
  const records = groups.reduce((sum, group) => sum + group.records, 0);
  const keyNames: (ReadonlyMap<number, string> | undefined)[] = [];
  for (const [k, key] of keys.entries()) {
    const dictionary = names[k] === undefined ? dictionaryOf(key, category) : undefined;
    if (dictionary === undefined) keyNames.push(undefined);
    else {
      const ids = [...new Set(groups.map((group) => group.keys[k]!))].filter((id) => id !== null);
      const texts = await dictionaries.names(dictionary, ids);
      keyNames.push(new Map(ids.map((id, at) => [id, texts[at]!])));
    }
  }
  const sorted = sortGroups(groups, query, keyNames).slice(offset, offset + limit);
  const outputs = [...keys, ...aggregates].map(({ name }) => name);
  for (let at = 0; at === 0 || at < sorted.length; at += ROWS_PER_CHUNK) {
    const chunk = sorted.slice(at, at + ROWS_PER_CHUNK);
    const columns: (readonly AnswerValue[])[] = [];
    for (const [k, key] of keys.entries()) {
      const ids = chunk.map((group) => group.keys[k]!);
      columns.push(await nameKeys(key, category, ids, names[k], dictionaries));
    }
    for (const [place] of aggregates.entries()) columns.push(chunk.map((group) => group.values[place]!));
    const rows = chunk.map(
      (_, line): AnswerRow =>
        Object.fromEntries(outputs.map((name, column) => [name, columns[column]![line]!])),
    );
    yield { rows, groups: groups.length, records };
  }
}

/** Reads a row of `compileGroupParts`. */
function readPart(row: readonly SqlValue[], keyCount: number, columnCount: number): GroupPart {
  const keys = row.slice(0, keyCount).map((key) => (key === null ? null : Number(key)));
  const numbers = row.slice(keyCount + 1);
  const width = columnCount === 0 ? 0 : numbers.length / columnCount;
  const columns = Array.from({ length: columnCount }, (_, at) => numbers.slice(at * width, (at + 1) * width));
  return {
    keys,
    records: Number(row[keyCount] ?? 0),
    sums: columns.map((parts) => wholeSum(parts.slice(0, -1))),
    greatest: columns.map((parts) => Number(parts.at(-1) ?? 0)),
  };
}

/** Puts together what the aggregates of `exactSum` gave: halves of 26 bits, or the sum itself. */
function wholeSum(parts: readonly SqlValue[]): number | bigint {
  const sum = parts.reduce<bigint>(
    (high, part) => high * 67_108_864n + BigInt((part ?? 0) as string | number),
    0n,
  );
  const number = Number(sum);
  return Number.isSafeInteger(number) ? number : sum;
}
