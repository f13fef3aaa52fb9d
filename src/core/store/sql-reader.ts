import type { Category, Row, Value } from '../category/define-category.ts';
import { compileRows, compileScope, compileWeights } from '../query/compile-query.ts';
import { type Comparison, type Condition, labelKey } from '../query/condition.ts';
import { matchText } from '../query/match-text.ts';
import type { RowQuery, StackQuery } from '../query/query.ts';
import {
  aboutBatches,
  type IdLookup,
  isNothing,
  type Resolved,
  resolveCondition,
} from '../query/resolve-condition.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import { DictionaryReader } from './dictionary-reader.ts';
import type { SqlConnection } from './sql-connection.ts';
import type { Scope } from './store.ts';
import { rowTableName } from './table.ts';

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
    const { sql, cells } = compileRows(
      query as RowQuery,
      resolved,
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

  async weighStacks(query: StackQuery): Promise<readonly WeightedStack[]> {
    const resolved = await this.#resolve(query.where, query.category);
    if (isNothing(resolved)) return [];
    const { key, weight, source } = compileWeights(
      query,
      resolved,
      this.#rowTable(query.category),
      this.#connection.dialect,
    );
    const sums = await this.#connection.sumByKey(key, weight, source);
    const stacks = await this.#dictionaries.names('stack', [...sums.keys()]);
    return [...sums.values()].map((sum, index) => ({ stack: stacks[index]!, weight: sum }));
  }

  async scope(category: Category, where: Condition): Promise<Scope> {
    // Events are lost before anyone knows of which process they are: what else is asked does not matter.
    const resolved = await this.#resolve(aboutBatches(where), category);
    const [row] = await this.#connection.all(compileScope(resolved, this.#connection.dialect));
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

  #resolve(where: Condition, category: Category): Promise<Resolved> {
    return resolveCondition(where, category, this);
  }

  #rowTable(category: Category): string {
    return this.#connection.dialect.quote(rowTableName(category));
  }
}

function toValue(value: unknown): Value {
  return typeof value === 'bigint' ? Number(value) : (value as Value);
}
