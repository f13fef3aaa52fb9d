import type { Category, Row, Value } from '../category/define-category.ts';
import { checkConditionPatterns } from '../query/check-patterns.ts';
import { compileRows, compileScope, compileSummaries, compileWeights } from '../query/compile-query.ts';
import { type Comparison, type Condition, labelKey } from '../query/condition.ts';
import { matchText } from '../query/match-text.ts';
import type { GroupQuery, RowQuery, StackQuery } from '../query/query.ts';
import {
  aboutBatches,
  type IdLookup,
  isNothing,
  nothing,
  type Resolved,
  resolveCondition,
} from '../query/resolve-condition.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import type { SummarizedBatch } from './aggregate/answer-by-summaries.ts';
import { answerGroups } from './aggregate/answer-groups.ts';
import { DictionaryReader } from './dictionary/dictionary-reader.ts';
import type { SqlConnection } from './sql-connection.ts';
import type { Explanation, GroupChunk, Scope } from './store.ts';
import { BatchRanker, rankQuestion } from './summary/rank-batches.ts';
import { summaryTableName } from './summary/summary-layout.ts';
import { chooseSummary, type SummaryKind, SummaryWeigher } from './summary/weigh-summaries.ts';
import { rowTableName } from './table.ts';

/** Batches that one statement asks the rows of. */
const BATCHES_PER_STATEMENT = 500;

/** Answers every question about records over an SQL database: resolve names to ids, run on ids, look names up last. */
export class SqlReader implements IdLookup {
  readonly #connection: SqlConnection;
  readonly #dictionaries: DictionaryReader;

  constructor(connection: SqlConnection) {
    this.#connection = connection;
    this.#dictionaries = new DictionaryReader(connection);
  }

  async *select<C extends Category>(query: RowQuery<C>): AsyncIterable<readonly Row<C>[]> {
    const resolved = await this.#resolve(query.where, query.category);
    if (isNothing(resolved) || query.limit === 0) return;
    const narrowed = await this.#narrow(query as RowQuery, resolved);
    if (isNothing(narrowed)) return;
    const { sql, cells } = compileRows(
      query as RowQuery,
      narrowed,
      this.#rowTable(query.category),
      this.#connection.dialect,
    );
    for await (const chunk of this.#connection.stream(sql)) {
      const columns: (readonly Value[])[] = [];
      for (const [index, { kind }] of cells.entries()) {
        const values = chunk.map((row) => toValue(row[index]));
        columns.push(
          kind === 'value'
            ? values
            : await this.#dictionaries.names(kind, values as readonly (number | null)[]),
        );
      }
      yield chunk.map((_, at) => {
        const row: Record<string, Value> = {};
        for (const [index, { column }] of cells.entries()) row[column] = columns[index]![at]!;
        return row as Row<C>;
      });
    }
  }

  async explain(query: RowQuery): Promise<Explanation> {
    const resolved = await this.#resolve(query.where, query.category);
    if (isNothing(resolved)) return { sql: undefined, plan: [] };
    const { dialect } = this.#connection;
    const { sql } = compileRows(query, resolved, this.#rowTable(query.category), dialect);
    const rows = await this.#connection.all({ text: `${dialect.explain} ${sql.text}`, params: sql.params });
    return { sql, plan: dialect.readPlan(rows) };
  }

  async *aggregate(query: GroupQuery): AsyncIterable<GroupChunk> {
    const resolved = await this.#resolve(query.where, query.category);
    yield* answerGroups(query, resolved, this.#connection, this.#dictionaries, () =>
      this.#summaries(query.category, resolved, 'by_all'),
    );
  }

  async weighStacks(query: StackQuery): Promise<readonly WeightedStack[]> {
    const resolved = await this.#resolve(query.where, query.category);
    if (isNothing(resolved)) return [];
    const kind = chooseSummary(query, resolved);
    const sums =
      kind === undefined
        ? await this.#weighRows(query, resolved)
        : await this.#weighSummaries(query, resolved, kind);
    const stacks = await this.#dictionaries.names('stack', [...sums.keys()]);
    return [...sums.values()].map((sum, index) => ({ stack: stacks[index]!, weight: Number(sum) }));
  }

  /** Narrows a question for the greatest records to the batches that can hold some of them. */
  async #narrow(query: RowQuery, resolved: Resolved): Promise<Resolved> {
    const question = rankQuestion(query, resolved);
    if (question === undefined) return resolved;
    const ranker = new BatchRanker(question);
    for await (const { id, facts, summary } of this.#summaries(query.category, question.condition, 'by_all'))
      ranker.add(id, facts, summary);
    const { batchIds, least } = ranker.ranking();
    if (batchIds.length === 0) return nothing;
    const column = query.sort[0]!.column;
    return {
      kind: 'and',
      conditions: [
        { kind: 'batch', ids: batchIds },
        resolved,
        { kind: 'number', column, operator: '>=', value: least },
      ],
    };
  }

  /** The batches that a condition may be about, with their summaries; without one where rows have to be asked. */
  async *#summaries(
    category: Category,
    resolved: Resolved,
    kind: SummaryKind,
  ): AsyncIterable<SummarizedBatch> {
    const { dialect } = this.#connection;
    const sql = compileSummaries(
      category,
      resolved,
      { summaryTable: dialect.quote(summaryTableName(category)), column: kind },
      dialect,
    );
    for await (const chunk of this.#connection.stream(sql)) {
      for (const [id, sourceId, timeFirst, timeLast, summary] of chunk) {
        const facts = {
          sourceId: Number(sourceId),
          timeFirst: Number(timeFirst),
          timeLast: Number(timeLast),
        };
        yield { id: Number(id), facts, summary: (summary as Uint8Array | null) ?? undefined };
      }
    }
  }

  async #weighRows(query: StackQuery, resolved: Resolved): Promise<ReadonlyMap<number, number | bigint>> {
    const { key, weight, source } = compileWeights(
      query,
      resolved,
      this.#rowTable(query.category),
      this.#connection.dialect,
    );
    return this.#connection.sumByKey(key, weight, source);
  }

  async #weighSummaries(
    query: StackQuery,
    resolved: Resolved,
    kind: SummaryKind,
  ): Promise<ReadonlyMap<number, number | bigint>> {
    const weigher = new SummaryWeigher(query, resolved, kind);
    const ragged: number[] = [];
    for await (const { id, facts, summary } of this.#summaries(query.category, resolved, kind))
      if (summary === undefined || !weigher.add(facts, summary)) ragged.push(id);
    for (let at = 0; at < ragged.length; at += BATCHES_PER_STATEMENT) {
      const batches: Resolved = { kind: 'batch', ids: ragged.slice(at, at + BATCHES_PER_STATEMENT) };
      weigher.addSums(await this.#weighRows(query, { kind: 'and', conditions: [batches, resolved] }));
    }
    return weigher.sums();
  }

  async scope(category: Category, where: Condition): Promise<Scope> {
    // Events are lost before anyone knows of which process they are: what else is asked does not matter.
    const resolved = await this.#resolve(aboutBatches(where), category);
    const [row] = await this.#connection.all(compileScope(category, resolved, this.#connection.dialect));
    return { batches: Number(row?.[0] ?? 0), lost: Number(row?.[1] ?? 0) };
  }

  async matchSources(comparison: Comparison): Promise<readonly number[]> {
    const matches = await matchText(comparison);
    const key = labelKey(comparison.field);
    const ids: number[] = [];
    for (const { id, hostname, labels } of await this.#dictionaries.sources()) {
      if (matches(key === undefined ? hostname : Object.hasOwn(labels, key) ? labels[key]! : null))
        ids.push(id);
    }
    return ids;
  }

  async matchEntries(dictionary: 'string' | 'stack', comparison: Comparison): Promise<readonly number[]> {
    return this.#dictionaries.match(dictionary, comparison);
  }

  async #resolve(where: Condition, category: Category): Promise<Resolved> {
    // Also where what stands before it leaves no record to be matched.
    await checkConditionPatterns(where);
    return resolveCondition(where, category, this);
  }

  #rowTable(category: Category): string {
    return this.#connection.dialect.quote(rowTableName(category));
  }
}

function toValue(value: unknown): Value {
  return typeof value === 'bigint' ? Number(value) : (value as Value);
}
