import type { AnswerRow, AnswerValue } from '../../category/answer-column.ts';
import { type Category, findColumn } from '../../category/define-category.ts';
import type { GroupKey, GroupQuery } from '../../query/query.ts';
import type { Resolved } from '../../query/resolve-condition.ts';
import type { DictionaryReader } from '../dictionary/dictionary-reader.ts';
import type { SqlConnection, SqlValue } from '../sql-connection.ts';
import type { GroupChunk } from '../store.ts';
import { isDictionary, rowTableName } from '../table.ts';
import { type CompiledGroups, compileGroups } from './compile-groups.ts';
import type { PlacedNames } from './place-key.ts';
import { toHistogram } from './plan-aggregates.ts';
import { TooManyValues } from './too-many-values.ts';

/**
 * Answers a question for groups by one statement over the rows; names are looked up last. Where too many values would have
 * to be ranked in memory the statement is another one, by which the database ranks them on disk.
 */
export async function* answerByRows(
  query: GroupQuery,
  resolved: Resolved,
  names: readonly (PlacedNames | undefined)[],
  connection: SqlConnection,
  dictionaries: DictionaryReader,
): AsyncIterable<GroupChunk> {
  const places = names.map((placed) => placed?.pairs);
  const { dialect } = connection;
  const rowTable = dialect.quote(rowTableName(query.category));
  async function* ask(ranksInMemory: boolean): AsyncIterable<GroupChunk> {
    const compile = (page: GroupQuery) =>
      compileGroups(page, resolved, places, rowTable, dialect, ranksInMemory);
    const compiled = compile(query);
    let isEmpty = true;
    for await (const chunk of connection.stream(compiled.sql)) {
      isEmpty = false;
      yield { ...totalsOf(chunk[0]), rows: await readRows(query, compiled, chunk, names, dictionaries) };
    }
    if (!isEmpty) return;
    // Past the end no row is left to say how many there are.
    const [first] = await connection.all(compile({ ...query, limit: 1, offset: 0 }).sql);
    yield { ...totalsOf(first), rows: [] };
  }
  try {
    yield* ask(true);
  } catch (error) {
    // All groups are worked out before the first one leaves: nothing of the answer is out yet.
    if (!(error instanceof TooManyValues)) throw error;
    yield* ask(false);
  }
}

/** Every row ends with the number of all groups and of their records. */
function totalsOf(row: readonly SqlValue[] | undefined): Pick<GroupChunk, 'groups' | 'records'> {
  const [groups = 0, records = 0] = row?.slice(-2).map(Number) ?? [];
  return { groups, records };
}

async function readRows(
  { category, keys, aggregates }: GroupQuery,
  { plan }: CompiledGroups,
  chunk: readonly (readonly SqlValue[])[],
  names: readonly (PlacedNames | undefined)[],
  dictionaries: DictionaryReader,
): Promise<readonly AnswerRow[]> {
  const columns: (readonly AnswerValue[])[] = [];
  for (const [k, key] of keys.entries()) {
    const ids = chunk.map((row) => toNumber(row[k]));
    columns.push(await nameKeys(key, category, ids, names[k], dictionaries));
  }
  let at = keys.length;
  for (const [place, { kind }] of aggregates.entries()) {
    const first = at;
    const width = plan.outputs[place]!.length;
    columns.push(
      chunk.map((row) =>
        kind === 'hist' ? toHistogram(row.slice(first, first + width)) : toNumber(row[first]),
      ),
    );
    at += width;
  }
  const outputs = [...keys, ...aggregates].map(({ name }) => name);
  return chunk.map((_, line) =>
    Object.fromEntries(outputs.map((name, column) => [name, columns[column]![line]!])),
  );
}

/** What is shown of a key that groups have as a place in `placed`, an id, or as it is. */
export async function nameKeys(
  key: GroupKey,
  category: Category,
  ids: readonly (number | null)[],
  placed: PlacedNames | undefined,
  dictionaries: DictionaryReader,
): Promise<readonly AnswerValue[]> {
  if (placed !== undefined) return ids.map((place) => (place === null ? null : placed.names[place]!));
  const dictionary = dictionaryOf(key, category);
  return dictionary === undefined ? ids : dictionaries.names(dictionary, ids);
}

/** The dictionary whose entries a key's ids are; undefined where it holds what is shown. */
export function dictionaryOf(key: GroupKey, category: Category): 'string' | 'stack' | undefined {
  if (key.kind !== 'column') return undefined;
  const column = findColumn(category, key.column)!;
  return isDictionary(column) ? (column.type as 'string' | 'stack') : undefined;
}

function toNumber(value: SqlValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
