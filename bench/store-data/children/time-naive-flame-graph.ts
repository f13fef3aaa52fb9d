import Database from 'better-sqlite3';
import { naiveFlameGraph } from '../../peers/flat-sqlite.ts';
import { timed } from '../../take-turns.ts';
import type { Filter } from '../questions.ts';

/** Times the original's way once, from the question to the tree. */
export async function run(file: string, filter: Filter): Promise<{ wallMs: number; total: number }> {
  const database = new Database(file, { readonly: true });
  const { wallMs, result } = await timed(() => naiveFlameGraph(database, filter));
  database.close();
  return { wallMs, total: result.value };
}
