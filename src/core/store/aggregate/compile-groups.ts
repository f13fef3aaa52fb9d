import { countColumn } from '../../category/define-category.ts';
import {
  cellExpression,
  compilePage,
  compileRecords,
  isOfBatch,
  testsBatch,
} from '../../query/compile-query.ts';
import type { GroupKey, GroupQuery, GroupSort } from '../../query/query.ts';
import type { Resolved } from '../../query/resolve-condition.ts';
import { concatSql, plainSql, type Sql, type SqlDialect } from '../../query/sql.ts';
import { isDictionary } from '../table.ts';
import { type AggregatePlan, bucketOf, type NumberColumn, planAggregates } from './plan-aggregates.ts';

/** More events than this no record stands for where records are weighed: the weights of all records then add up exactly. */
export const MAX_WEIGHT = 2 ** 32 - 1;

/** For each key: ids of what rows hold with the places of their names in order, where groups go by the names. */
export type KeyPlaces = readonly (readonly (readonly [id: number, place: number])[] | undefined)[];

/** Each row holds a group's keys, the outputs of each aggregate, then the number of all groups and that of their records. */
export interface CompiledGroups {
  readonly sql: Sql;
  readonly plan: AggregatePlan;
}

/** Compiles a question for groups into one statement: grouped, worked out, sorted and cut in the database. */
export function compileGroups(
  query: GroupQuery,
  resolved: Resolved,
  places: KeyPlaces,
  rowTable: string,
  dialect: SqlDialect,
  ranksInMemory: boolean,
): CompiledGroups {
  const plan = planAggregates(query.aggregates, dialect, ranksInMemory);
  const groups = mergeParts(
    groupRecords(query, resolved, places, plan, rowTable, dialect),
    places,
    plan,
    dialect,
  );
  const columns = [
    ...query.keys.map((_, k) => `g.k${k}`),
    ...plan.outputs.flat(),
    'COUNT(*) OVER ()',
    'COALESCE(SUM(g.n) OVER (), 0)',
  ].map((expression, at) => `${expression} AS o${at}`);
  const order = compileOrder(query, places, plan, dialect);
  const sql = concatSql(
    [
      plainSql(`SELECT ${columns.join(', ')} FROM (`),
      groups.sql,
      plainSql(`) AS g${order === '' ? '' : ` ORDER BY ${order}`}${compilePage(query)}`),
    ],
    '',
  );
  return { sql, plan };
}

/**
 * Compiles the question for what numbers come to in each group: a row holds the keys, the number of records, then for each
 * column the sum in the parts of `exactSum`, and the greatest value.
 */
export function compileGroupParts(
  query: GroupQuery,
  columns: readonly string[],
  resolved: Resolved,
  places: KeyPlaces,
  rowTable: string,
  dialect: SqlDialect,
): Sql {
  const aggregates = columns.flatMap((column) =>
    (['sum', 'max'] as const).map((kind) => ({ kind, name: '', column })),
  );
  const plan = planAggregates(aggregates, dialect, false);
  const parts = groupRecords({ ...query, aggregates }, resolved, places, plan, rowTable, dialect);
  const groups = mergeParts(parts, places, plan, dialect);
  const selected = [...query.keys.map((_, k) => `g.k${k}`), ...plan.partials.map(({ name }) => `g.${name}`)];
  return concatSql([plainSql(`SELECT ${selected.join(', ')} FROM (`), groups.sql, plainSql(') AS g')], '');
}

/** Groups, or parts of them that are yet to be brought together. */
interface Parts {
  readonly sql: Sql;
  /** Keys are ids still that are to be replaced by places. */
  readonly hasIds: boolean;
  readonly isWhole: boolean;
}

function groupRecords(
  query: GroupQuery,
  resolved: Resolved,
  places: KeyPlaces,
  plan: AggregatePlan,
  rowTable: string,
  dialect: SqlDialect,
): Parts {
  const { numbers } = plan;
  const ranked = numbers.filter(({ isRanked }) => isRanked);
  const isMapped = places.some((pairs) => pairs !== undefined);
  // Ranks are of whole groups: names must be known before. Else it is cheaper to look up those of the parts.
  const mapsFirst = isMapped && plan.needsWholeGroups;
  let records = compileCells(query, resolved, plan, rowTable, dialect);
  const cells = numbers.flatMap(({ place, isParted }) => [
    `a.x${place}`,
    `a.w${place}`,
    ...(isParted ? [`a.b${place}`] : []),
  ]);
  if (mapsFirst) {
    const columns = [...places.map((pairs, k) => `${keyOf(pairs, k)} AS k${k}`), ...cells];
    records = concatSql(
      [
        plainSql(`SELECT ${columns.join(', ')} FROM (`),
        records,
        plainSql(') AS a'),
        ...joins(places, dialect),
      ],
      '',
    );
  }
  if (ranked.length > 0) records = rankRecords(records, ranked, cells, places.length, dialect);
  const parted = numbers.filter(({ isParted }) => isParted).map(({ place }) => `a.b${place}`);
  const keys = places.map((_, k) => `a.k${k}`);
  const columns = [
    ...keys.map((key, k) => `${key} AS k${k}`),
    ...plan.partials.map(({ name, expression }) => `${expression} AS ${name}`),
  ];
  return {
    sql: grouped(columns, records, [], [...keys, ...parted]),
    hasIds: isMapped && !mapsFirst,
    isWhole: parted.length === 0 && (!isMapped || mapsFirst),
  };
}

/**
 * Adds to records, for each number that is ranked, what it weighs with all that are less or the same in its group, as `c`,
 * and what all of the group weigh, as `t`. The latter by a second look at the records: a window without an order would have
 * the database write and read all of them once more.
 */
function rankRecords(
  records: Sql,
  ranked: readonly NumberColumn[],
  cells: readonly string[],
  keyCount: number,
  dialect: SqlDialect,
): Sql {
  const keys = Array.from({ length: keyCount }, (_, k) => `a.k${k}`);
  const by = keyCount === 0 ? '' : `PARTITION BY ${keys.join(', ')} `;
  const placed = [
    ...keys,
    ...cells,
    ...ranked.map(({ place }) => `SUM(a.w${place}) OVER (${by}ORDER BY a.x${place}) AS c${place}`),
  ];
  const totals = [
    ...keys.map((key, k) => `${key} AS k${k}`),
    ...ranked.map(({ place }) => `SUM(a.w${place}) AS t${place}`),
  ];
  const columns = [...keys, ...cells, ...ranked.flatMap(({ place }) => [`a.c${place}`, `t.t${place}`])];
  const sameGroup = keys.map((key, k) => dialect.isSame(key, `t.k${k}`)).join(' AND ');
  return concatSql(
    [
      plainSql(`SELECT ${columns.join(', ')} FROM (SELECT ${placed.join(', ')} FROM (`),
      records,
      plainSql(') AS a) AS a CROSS JOIN ('),
      grouped(totals, records, [], keys),
      plainSql(`) AS t${sameGroup === '' ? '' : ` ON ${sameGroup}`}`),
    ],
    '',
  );
}

/** Brings the parts of groups together, under the names of their keys. */
function mergeParts(parts: Parts, places: KeyPlaces, plan: AggregatePlan, dialect: SqlDialect): Parts {
  if (parts.isWhole) return parts;
  const keys = places.map((pairs, k) => (parts.hasIds ? keyOf(pairs, k) : `a.k${k}`));
  const columns = [
    ...keys.map((key, k) => `${key} AS k${k}`),
    ...plan.partials.map(({ name, merge }) => `${merge}(a.${name}) AS ${name}`),
  ];
  const sql = grouped(columns, parts.sql, parts.hasIds ? joins(places, dialect) : [], keys);
  return { sql, hasIds: false, isWhole: true };
}

function grouped(columns: readonly string[], from: Sql, joined: readonly Sql[], by: readonly string[]): Sql {
  const groupBy = by.length === 0 ? '' : ` GROUP BY ${by.join(', ')}`;
  return concatSql(
    [plainSql(`SELECT ${columns.join(', ')} FROM (`), from, plainSql(') AS a'), ...joined, plainSql(groupBy)],
    '',
  );
}

function keyOf(pairs: KeyPlaces[number], k: number): string {
  return pairs === undefined ? `a.k${k}` : `m${k}.place`;
}

function joins(places: KeyPlaces, dialect: SqlDialect): readonly Sql[] {
  return places.flatMap((pairs, k) =>
    pairs === undefined
      ? []
      : [plainSql(' LEFT JOIN ('), dialect.idPlaces(pairs), plainSql(`) AS m${k} ON m${k}.id = a.k${k}`)],
  );
}

/** The records with what keys and aggregates need of them: `k` for each key, `x`, `w` and `b` for numbers. */
function compileCells(
  query: GroupQuery,
  resolved: Resolved,
  { numbers }: AggregatePlan,
  rowTable: string,
  dialect: SqlDialect,
): Sql {
  const columns = [
    ...query.keys.map((key, k) => `${storedKey(key, dialect)} AS k${k}`),
    ...numbers.flatMap((number) => compileNumber(query, number, dialect)),
  ];
  const joinsBatch =
    testsBatch(resolved) ||
    query.keys.some((key) => key.kind === 'label' || isOfBatch(key.column)) ||
    numbers.some(({ column }) => isOfBatch(column));
  const select = columns.length === 0 ? '1 AS one' : columns.join(', ');
  return concatSql(
    [plainSql(`SELECT ${select}`), compileRecords(resolved, rowTable, dialect, joinsBatch)],
    ' ',
  );
}

/** What rows or their batches hold of a key: an id, or a number. */
export function storedKey(key: GroupKey, dialect: SqlDialect): string {
  if (key.kind === 'label') return 'b.source_id';
  const cell = cellExpression(key.column, dialect);
  if (key.kind !== 'bucket') return cell;
  // Remainders of times before 1970 are negative: the bucket starts before them all the same.
  return `(${cell} - ((${cell} % ${key.widthUs}) + ${key.widthUs}) % ${key.widthUs})`;
}

function compileNumber(
  { category }: GroupQuery,
  { column, place, isParted }: NumberColumn,
  dialect: SqlDialect,
): readonly string[] {
  const events = countColumn(category)?.name;
  const cell = cellExpression(column, dialect);
  // A record without a count stands for one event.
  const value = column === events ? `COALESCE(${cell}, 1)` : cell;
  const count = events === undefined ? '1' : `r.${dialect.quote(events)}`;
  const clamped = `CASE WHEN ${count} IS NULL THEN 1 WHEN ${count} < 0 THEN 0 WHEN ${count} > ${MAX_WEIGHT} THEN ${MAX_WEIGHT} ELSE ${count} END`;
  const weight = events === undefined || column === events ? '1' : clamped;
  return [
    `${value} AS x${place}`,
    `CASE WHEN ${value} IS NULL THEN 0 ELSE ${weight} END AS w${place}`,
    ...(isParted ? [`${bucketOf(value)} AS b${place}`] : []),
  ];
}

function compileOrder(
  query: GroupQuery,
  places: KeyPlaces,
  plan: AggregatePlan,
  dialect: SqlDialect,
): string {
  const keyOrder = (k: number) => {
    const key = query.keys[k]!;
    const column =
      key.kind === 'column' ? query.category.columns.find(({ name }) => name === key.column) : undefined;
    if (places[k] !== undefined || column === undefined || !isDictionary(column)) return `g.k${k}`;
    return `(SELECT ${dialect.exactText('value')} FROM ${dialect.quote(column.type)} WHERE id = g.k${k})`;
  };
  const asked = query.sort.map(({ by, place, descending }: GroupSort) => {
    const expression = by === 'key' ? keyOrder(place) : plan.outputs[place]![0]!;
    return `${expression}${descending ? ' DESC' : ''}`;
  });
  const sorted = new Set(query.sort.flatMap(({ by, place }) => (by === 'key' ? [place] : [])));
  const ties = query.keys.flatMap((_, k) => (sorted.has(k) ? [] : [keyOrder(k)]));
  return [...asked, ...ties].join(', ');
}
