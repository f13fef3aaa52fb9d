import type { Histogram, HistogramBucket } from '../../category/answer-column.ts';
import type { Aggregate } from '../../query/query.ts';
import type { SqlDialect } from '../../query/sql.ts';
import type { SqlValue } from '../sql-connection.ts';
import { MAX_RANKED_VALUES } from './too-many-values.ts';

/** Buckets of a histogram: one below 0, one for 0, and one for each power of two up to 2^53. */
const HISTOGRAM_BUCKETS = 55;
/** Percentiles have up to three digits behind the point: they are compared as whole numbers. */
const PERCENT_SCALE = 1000;

/** A column of the groups: what it is worked out by, and, where parts of a group are brought together, how. */
export interface Partial {
  readonly name: string;
  readonly expression: string;
  /** Absent where groups have to be whole. */
  readonly merge?: 'SUM' | 'MIN' | 'MAX';
}

/** A column that was numbered: `x<place>` is its value in a record, `w<place>` what the value weighs, 0 where it is absent. */
export interface NumberColumn {
  readonly column: string;
  readonly place: number;
  /** Its values are put in order, group by group. */
  readonly isRanked: boolean;
  /** Groups are parted by the bucket of its values first. */
  readonly isParted: boolean;
}

/** How aggregates are worked out in SQL. */
export interface AggregatePlan {
  readonly numbers: readonly NumberColumn[];
  /** Groups cannot be put together of parts that go by ids: their names have to be known first. */
  readonly needsWholeGroups: boolean;
  readonly partials: readonly Partial[];
  /** For each aggregate: the expressions over the groups that it is read from; the first one is what it sorts by. */
  readonly outputs: readonly (readonly string[])[];
}

/**
 * Plans the aggregates; `n`, the number of records, is always the first partial. `ranksInMemory` lets percentiles be found
 * by an aggregate of our own where the dialect has one.
 */
export function planAggregates(
  aggregates: readonly Aggregate[],
  dialect: SqlDialect,
  ranksInMemory: boolean,
): AggregatePlan {
  const columns = [...new Set(aggregates.flatMap((each) => (each.kind === 'count' ? [] : [each.column])))];
  const asks = (column: string, kind: Aggregate['kind']) =>
    aggregates.some((each) => each.kind === kind && each.kind !== 'count' && each.column === column);
  const sharesOf = (column: string) =>
    aggregates.flatMap((each) =>
      each.kind === 'percentile' && each.column === column ? [shareOf(each.percent)] : [],
    );
  const ranked = columns.filter((column) => asks(column, 'percentile'));
  const { ranks } = dialect;
  const callsRanks =
    ranks !== undefined &&
    ranksInMemory &&
    !aggregates.some(({ kind }) => kind === 'hist') &&
    ranked.every((column) => sharesOf(column).length <= ranks.maxShares);
  const numbers = columns.map((column, place) => ({
    column,
    place,
    isRanked: !callsRanks && ranked.includes(column),
    isParted: asks(column, 'hist'),
  }));
  const partials = new Map<string, Partial>();
  const add = (name: string, expression: string, merge?: Partial['merge']): string => {
    partials.set(name, { name, expression, ...(merge !== undefined && { merge }) });
    return `g.${name}`;
  };
  // Brought together of no parts at all it would be absent.
  const records = `COALESCE(${add('n', 'COUNT(*)', 'SUM')}, 0)`;
  const compile = (aggregate: Aggregate): readonly string[] => {
    if (aggregate.kind === 'count') return [records];
    const place = columns.indexOf(aggregate.column);
    const value = `a.x${place}`;
    const sum = () =>
      dialect.roundedSum(
        dialect
          .exactSum(value)
          .map((expression, part) => `COALESCE(${add(`s${place}_${part}`, expression, 'SUM')}, 0)`),
      );
    switch (aggregate.kind) {
      case 'sum':
        return [sum()];
      case 'avg': {
        const present = add(`n${place}`, `COUNT(${value})`, 'SUM');
        return [`CASE WHEN ${present} > 0 THEN ${sum()} / ${present} END`];
      }
      case 'min':
        return [add(`l${place}`, `MIN(${value})`, 'MIN')];
      case 'max':
        return [add(`h${place}`, `MAX(${value})`, 'MAX')];
      case 'percentile': {
        const share = shareOf(aggregate.percent);
        if (callsRanks) {
          const shares = sharesOf(aggregate.column);
          const most = Math.floor(MAX_RANKED_VALUES / ranked.length);
          const call = ranks.aggregate(value, `a.w${place}`, shares, most);
          return [ranks.at(add(`r${place}`, call), shares.indexOf(share))];
        }
        const reaches = `a.c${place} * ${100 * PERCENT_SCALE} >= a.t${place} * ${share}`;
        const expression = `MIN(CASE WHEN a.w${place} > 0 AND ${reaches} THEN ${value} END)`;
        return [add(`p${place}_${share}`, expression, 'MIN')];
      }
      case 'hist':
        return Array.from({ length: HISTOGRAM_BUCKETS }, (_, bucket) =>
          add(
            `b${place}_${bucket}`,
            // Each part of a group holds one bucket alone.
            `CASE WHEN a.b${place} = ${bucket} THEN SUM(a.w${place}) END`,
            'SUM',
          ),
        );
    }
  };
  const outputs = aggregates.map(compile);
  return { numbers, needsWholeGroups: ranked.length > 0, partials: [...partials.values()], outputs };
}

function shareOf(percent: number): number {
  return Math.round(percent * PERCENT_SCALE);
}

/** The bucket of a number as SQL: 0 below 0, 1 for 0, then by powers of two; null for an absent one. */
export function bucketOf(value: string): string {
  const between = (first: number, last: number): string => {
    if (first === last) return String(first);
    const middle = Math.ceil((first + last) / 2);
    return `CASE WHEN ${value} < ${lowerBound(middle)} THEN ${between(first, middle - 1)} ELSE ${between(middle, last)} END`;
  };
  return `CASE WHEN ${value} IS NULL THEN NULL WHEN ${value} < 0 THEN 0 ELSE ${between(1, HISTOGRAM_BUCKETS - 1)} END`;
}

/** Makes a histogram of the weights of its buckets. */
export function toHistogram(weights: readonly (SqlValue | undefined)[]): Histogram {
  return weights.flatMap((weight, bucket): HistogramBucket[] => {
    const count = Number(weight ?? 0);
    if (count === 0) return [];
    return [{ from: bucket === 0 ? null : lowerBound(bucket), to: lowerBound(bucket + 1), count }];
  });
}

/** The least number of a bucket: 0, 1, 2, 4 and so on, for bucket 1 on. */
function lowerBound(bucket: number): number {
  return bucket === 1 ? 0 : 2 ** (bucket - 2);
}
