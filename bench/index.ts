// Runs benchmarks: `npm run bench` all of them, `npm run bench startup ...` those named. Each lies in a file of its
// own, `bench/<name>.ts`, that exports
//   title: string        the question that it answers
//   run(): Result        measures; may be async; see `Result` below
// Files without these exports are parts of benchmarks.
import { globSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';

/** What a benchmark measured. */
export interface Result {
  readonly columns: readonly string[];
  /** One per thing measured, its name first. */
  readonly rows: readonly (readonly (string | number)[])[];
  /** What one has to know to read the table, and goals that were missed: a line each. */
  readonly notes?: readonly string[];
}

/** A file of bench/. */
export interface Benchmark {
  readonly title: string;
  readonly run: () => Result | Promise<Result>;
}

const folder = dirname(fileURLToPath(import.meta.url));
const names = globSync('*.ts', { cwd: folder })
  .map((file) => basename(file, '.ts'))
  .filter((name) => name !== 'index')
  .sort();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`no bench/${unknown.join(', ')}.ts; there are ${names.join(', ')}`);

for (const name of wanted.length > 0 ? wanted : names) {
  const module: Partial<Benchmark> = await import(`./${name}.ts`);
  if (module.title === undefined || module.run === undefined) continue;
  console.log(`\n${name}: ${module.title}`);
  const { columns, rows, notes } = await module.run();
  const table = new Table({
    head: [...columns],
    colAligns: columns.map((_, place) => (place === 0 ? 'left' : 'right')),
    style: { head: [], border: [] },
  });
  table.push(...rows.map((row) => row.map(String)));
  console.log(table.toString());
  for (const note of notes ?? []) console.log(note);
}
