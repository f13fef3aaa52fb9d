import type { GroupQuery } from '../../query/query.ts';
import type { Resolved } from '../../query/resolve-condition.ts';
import type { DictionaryReader } from '../dictionary/dictionary-reader.ts';
import type { SqlConnection } from '../sql-connection.ts';
import type { GroupChunk } from '../store.ts';
import { answerByRows } from './answer-by-rows.ts';
import { answerBySummaries, groupBySummaries, type SummarizedBatch } from './answer-by-summaries.ts';
import { canGroupSummaries } from './group-summaries.ts';
import { type PlacedNames, placeKey } from './place-key.ts';

/**
 * Answers a question for groups: by packed summaries where they say all that is asked, else by one statement over the
 * rows. `batches` gives the batches that a condition may be about, with their summaries.
 */
export async function* answerGroups(
  query: GroupQuery,
  resolved: Resolved,
  connection: SqlConnection,
  dictionaries: DictionaryReader,
  batches: () => AsyncIterable<SummarizedBatch>,
): AsyncIterable<GroupChunk> {
  const names: (PlacedNames | undefined)[] = [];
  for (const key of query.keys) names.push(await placeKey(key, dictionaries));
  const groups = canGroupSummaries(query, resolved)
    ? await groupBySummaries(query, resolved, names, batches(), connection)
    : undefined;
  yield* groups === undefined
    ? answerByRows(query, resolved, names, connection, dictionaries)
    : answerBySummaries(query, groups, names, dictionaries);
}
