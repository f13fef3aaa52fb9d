/** A piece of SQL with its values apart: text from a user or a host is only ever in `params`. */
export interface Sql {
  readonly text: string;
  readonly params: readonly (string | number | bigint | Uint8Array | null)[];
}

/** What the databases say differently; everything else is said once, for all of them. */
export interface SqlDialect {
  readonly name: 'sqlite' | 'mysql';
  /** Quotes a name that was checked to be a declared one. */
  quote(name: string): string;
  /** `FROM` clause that walks the batches `b` in order and, within each, the category's rows `r`. */
  fromBatchesAndRows(rowTable: string): string;
  /** `FROM` clause that walks all rows `r` and reaches each one's batch `b`. */
  fromRowsAndBatch(rowTable: string): string;
  /** Columns of `r` that put the rows in the order they were logged in. */
  readonly rowOrder: readonly string[];
  /** The same order where batches are walked, said so that the walk gives it and nothing has to be sorted. */
  readonly batchOrder: readonly string[];
  /** Text, of a column or a bound value, as it compares by its bytes: exactly, case and trailing spaces included. */
  exactText(expression: string): string;
  /** Tells whether two numbers are the same, absent ones too. */
  isSame(a: string, b: string): string;
  /** `x IN (...)` for many ids. */
  inIds(expression: string, ids: readonly number[]): Sql;
  /** A statement that gives these pairs of whole numbers as `id` and `place`, to be joined by id. */
  idPlaces(pairs: readonly (readonly [id: number, place: number])[]): Sql;
  /** Aggregates that add up whole numbers exactly, however many; of no rows they may be null. */
  exactSum(expression: string): readonly string[];
  /** The correctly rounded double of what the aggregates of `exactSum` gave, by the names of their columns. */
  roundedSum(parts: readonly string[]): string;
  /** An aggregate for percentiles of our own; absent where windows have to do. */
  readonly ranks?: RankDialect;
}

/** An aggregate that finds the values of nearest rank, in memory. */
export interface RankDialect {
  /** Percentiles that one call takes at most. */
  readonly maxShares: number;
  /** The call for whole groups, at shares in thousandths of a per cent; it fails for more than `most` values. */
  aggregate(value: string, weight: string, shares: readonly number[], most: number): string;
  /** What a call gave for the share at a place. */
  at(ranks: string, place: number): string;
}

/** Joins pieces of SQL. */
export function concatSql(parts: readonly Sql[], separator: string): Sql {
  return {
    text: parts.map((part) => part.text).join(separator),
    params: parts.flatMap((part) => part.params),
  };
}

/** A piece of SQL without values. */
export function plainSql(text: string): Sql {
  return { text, params: [] };
}
