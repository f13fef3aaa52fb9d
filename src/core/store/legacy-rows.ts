import { createHash } from 'node:crypto';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import { parseTimestampUs } from '../base/timestamp.ts';
import type { Category, Value } from '../category/define-category.ts';
import { makeEntries } from '../category/entry-columns.ts';
import { offcputime } from '../category/index.ts';
import type { Batch } from '../wire/batch.ts';
import { convertLegacy } from '../wire/convert-legacy.ts';
import { openSqliteFile, translateSqliteError } from './sqlite/sqlite-driver.ts';
import type { KeyedBatch } from './store.ts';

/** Records of one batch at most. */
const ROWS_PER_BATCH = 5000;

type LegacyRow = readonly [
  hostname: string,
  time: string,
  process: string,
  pid: number,
  stack: string,
  elapsed: number,
];

/**
 * Reads the flat table of a kernelscope of 2016 as batches, one per host and time in the order they were stored:
 * leaf-first stacks and microseconds become what we store. A batch's key is made of its content, so that reading the
 * same file again stores nothing twice. Throws `bad_input` where the file has no such table, or a row cannot be read.
 */
export async function* readLegacyRows(file: string): AsyncIterable<KeyedBatch> {
  const database = await openSqliteFile(file, { readOnly: true, create: false });
  try {
    const columns = database
      .prepare("SELECT name FROM pragma_table_info('offcputime')")
      .pluck()
      .all() as string[];
    const wanted: Category = offcputime;
    const missing = wanted.columns.filter(({ name, optional }) => !optional && !columns.includes(name));
    const isView = database
      .prepare("SELECT count(*) FROM sqlite_master WHERE type = 'view' AND name = 'offcputime'")
      .pluck()
      .get();
    if (missing.length > 0 || isView !== 0) {
      throw new KernelscopeError('bad_input', `${file} is not a database of the kernelscope of 2016`, {
        suggestions: [
          'it would have a table offcputime with hostname, time, process, pid, stack and elapsed',
        ],
      });
    }
    const rows = database
      .prepare('SELECT hostname, time, process, pid, stack, elapsed FROM offcputime ORDER BY rowid')
      .raw();
    let group: LegacyRow[] = [];
    let number = 0;
    for (const row of rows.iterate() as Iterable<LegacyRow>) {
      const first = group[0];
      if (
        first !== undefined &&
        (first[0] !== row[0] || first[1] !== row[1] || group.length === ROWS_PER_BATCH)
      ) {
        yield toBatch(file, group, number);
        number += group.length;
        group = [];
      }
      group.push(row);
    }
    if (group.length > 0) yield toBatch(file, group, number);
  } catch (error) {
    throw translateSqliteError(error, file);
  } finally {
    database.close();
  }
}

function toBatch(file: string, rows: readonly LegacyRow[], firstRow: number): KeyedBatch {
  const [hostname, time] = rows[0]!;
  const column = <T extends Value>(place: number, test: (value: unknown) => boolean): T[] =>
    rows.map((row, index) => {
      if (test(row[place])) return row[place] as T;
      throw new KernelscopeError(
        'bad_input',
        `${file}, record ${firstRow + index + 1} of offcputime: ${JSON.stringify(row[place])} cannot be its value`,
      );
    });
  const isText = (value: unknown) => typeof value === 'string';
  const isWhole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  column(0, isText);
  const values = [column(2, isText), column(3, isWhole), column(4, isText), column(5, isWhole)];
  const batch: Batch = {
    hostname,
    timeUs: parseTimestampUs(time),
    labels: {},
    lost: 0,
    entries: [makeEntries({ category: offcputime, length: rows.length, values })],
  };
  const digest = createHash('sha256').update(JSON.stringify(rows)).update(String(firstRow)).digest('hex');
  return { batch: convertLegacy(batch), key: `import-${digest.slice(0, 40)}` };
}
