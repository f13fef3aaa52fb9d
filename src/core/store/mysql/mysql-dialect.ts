import { plainSql } from '../../query/sql.ts';
import type { StoreDialect } from '../dialect.ts';

/** More ids than this are bound as one JSON array: it fits any packet, but joins as it likes, out of order. */
const MAX_INLINE_IDS = 100_000;

/** MySQL 8 and MariaDB 10.6 on: only what both understand, and nothing that a cluster does not. */
export const mysqlDialect: StoreDialect = {
  name: 'mysql',
  quote: (name) => `\`${name}\``,
  // STRAIGHT_JOIN keeps the order as written: batches outside, and for each its rows.
  fromBatchesAndRows: (rowTable) => `FROM batch AS b STRAIGHT_JOIN ${rowTable} AS r ON r.batch_id = b.id`,
  fromRowsAndBatch: (rowTable) => `FROM ${rowTable} AS r STRAIGHT_JOIN batch AS b ON b.id = r.batch_id`,
  rowOrder: ['r.batch_id', 'r.seq'],
  // The rows of a batch are found by the beginning of their primary key, and so come in the order of the rest of it.
  // Were that said too, the whole join would be sorted.
  batchOrder: ['b.id'],
  // Collations of MySQL and MariaDB differ, and most take 'a' and 'a ' for equal; bytes do not.
  exactText: (expression) => `CAST(${expression} AS BINARY)`,
  isSame: (a, b) => `${a} <=> ${b}`,
  inIds: (expression, ids) =>
    ids.length <= MAX_INLINE_IDS
      ? plainSql(`${expression} IN (${ids.join(', ')})`)
      : {
          text: `${expression} IN (SELECT id FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) AS ids)`,
          params: [JSON.stringify(ids)],
        },
  // LIMIT makes it a table of its own, which is joined by an index.
  idPlaces: (pairs) => ({
    text: `SELECT id, place FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$[0]', place BIGINT PATH '$[1]')) AS pairs LIMIT ${Number.MAX_SAFE_INTEGER}`,
    params: [JSON.stringify(pairs)],
  }),
  // SUM of whole numbers is an exact decimal; a double is made of it once.
  exactSum: (expression) => [`SUM(${expression})`],
  roundedSum: ([sum]) => `(${sum} + 0e0)`,
  columnTypes: {
    key: 'BIGINT',
    id: 'BIGINT',
    integer: 'BIGINT',
    name: 'VARCHAR(191)',
    text: 'MEDIUMTEXT',
    blob: 'LONGBLOB',
  },
  rowKey: [
    { name: 'batch_id', kind: 'key' },
    { name: 'seq', kind: 'integer' },
  ],
  tableSuffix: () => ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
  inlineIndexes: true,
  prelude: [],
  insertIgnore: (table, columns) =>
    `INSERT IGNORE INTO \`${table}\` (${columns.map((column) => `\`${column}\``).join(', ')}) VALUES`,
  readableTime: (us) => `TIMESTAMPADD(MICROSECOND, ${us}, TIMESTAMP'1970-01-01 00:00:00')`,
  explain: 'EXPLAIN',
  // id, kind, table, then how it is reached; a server may put a column or two between.
  readPlan: (rows) =>
    rows.map((row) =>
      row
        .map((cell) => (cell === null ? '-' : String(cell)))
        .join('  ')
        .trimEnd(),
    ),
  createView: (name, select) => [`CREATE OR REPLACE VIEW \`${name}\` AS\n${select}`],
};
