import { plainSql } from '../../query/sql.ts';
import type { StoreDialect } from '../dialect.ts';
import { MAX_SHARES, packShares } from './rank-function.ts';

/** More ids than this are bound as one JSON array, so that the statement stays short and can be prepared again. */
const MAX_INLINE_IDS = 64;

/** Whole numbers up to 2^53 in two halves of at most 27 bits. */
const HALF = 2 ** 26;

/** "KSCP": marks the file as ours for `file` and for us. */
export const APPLICATION_ID = 0x4b534350;

/** SQLite: a batch's id is the id of its first row, so that rows need no column for their batch. */
export const sqliteDialect: StoreDialect = {
  name: 'sqlite',
  quote: (name) => `"${name}"`,
  // CROSS JOIN keeps the order as written: batches outside, and for each a range of row ids.
  fromBatchesAndRows: (rowTable) =>
    `FROM batch AS b CROSS JOIN ${rowTable} AS r ON r.id >= b.id AND r.id < b.id + b.row_count`,
  fromRowsAndBatch: (rowTable) =>
    `FROM ${rowTable} AS r CROSS JOIN batch AS b ON b.id = (SELECT max(id) FROM batch WHERE id <= r.id)`,
  rowOrder: ['r.id'],
  batchOrder: ['b.id', 'r.id'],
  exactText: (expression) => expression,
  isSame: (a, b) => `${a} IS ${b}`,
  inIds: (expression, ids) =>
    ids.length <= MAX_INLINE_IDS
      ? plainSql(`${expression} IN (${ids.join(', ')})`)
      : { text: `${expression} IN (SELECT value FROM json_each(?))`, params: [JSON.stringify(ids)] },
  // LIMIT keeps json_each from being walked anew for each row: what it gives is stored once, with an index.
  idPlaces: (pairs) => ({
    text: 'SELECT CAST(key AS INTEGER) AS id, value AS place FROM json_each(?) LIMIT -1',
    params: [JSON.stringify(Object.fromEntries(pairs))],
  }),
  // In two halves: the sum of whole numbers fails above 2^63. The product is exact, so that adding rounds once.
  exactSum: (expression) => [`SUM(${expression} / ${HALF})`, `SUM(${expression} % ${HALF})`],
  roundedSum: ([high, low]) => `(${high} * ${HALF}.0 + ${low})`,
  ranks: {
    maxShares: MAX_SHARES,
    aggregate: (value, weight, shares, most) =>
      `nearest_ranks(${value}, ${weight}, ${packShares(shares)}, ${most})`,
    at: (ranks, place) => `json_extract(${ranks}, '$[${place}]')`,
  },
  columnTypes: {
    key: 'INTEGER',
    id: 'INTEGER',
    integer: 'INTEGER',
    name: 'TEXT',
    text: 'TEXT',
    blob: 'BLOB',
  },
  rowKey: [{ name: 'id', kind: 'key' }],
  tableSuffix: (table) => (table.columns[0]?.kind === 'name' ? ' WITHOUT ROWID' : ''),
  inlineIndexes: false,
  // Before any table: a file that was begun without auto_vacuum gives no space back until it is made anew.
  prelude: [
    `PRAGMA auto_vacuum = INCREMENTAL`,
    `PRAGMA journal_mode = WAL`,
    `PRAGMA application_id = ${APPLICATION_ID}`,
  ],
  insertIgnore: (table, columns) => `INSERT OR IGNORE INTO "${table}" (${columns.join(', ')}) VALUES`,
  readableTime: (us) => {
    const fraction = `((${us} % 1000000 + 1000000) % 1000000)`;
    return `strftime('%Y-%m-%d %H:%M:%S', (${us} - ${fraction}) / 1000000, 'unixepoch') || printf('.%06d', ${fraction})`;
  },
  explain: 'EXPLAIN QUERY PLAN',
  // id, parent, an unused number, and what it does; a step stands below its parent.
  readPlan: (rows) => {
    const depths = new Map<unknown, number>([[0, 0]]);
    return rows.map(([id, parent, , detail]) => {
      const depth = depths.get(parent) ?? 0;
      depths.set(id, depth + 1);
      return `${'  '.repeat(depth)}${detail}`;
    });
  },
  createView: (name, select) => [`DROP VIEW IF EXISTS "${name}"`, `CREATE VIEW "${name}" AS\n${select}`],
};
