import { hash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FLEET_VERSION, type FleetParameters, HOUR_US } from './fleet.ts';

const folder = fileURLToPath(new URL('../../build/bench', import.meta.url));

/** A file that is made once and kept for later runs. */
export interface KeptFile {
  /** What it is; files of the same name and parameters replace each other. */
  readonly name: string;
  readonly parameters: FleetParameters;
  /** What else it depends on, such as the text of a schema: another text is another file. */
  readonly madeBy: string;
}

/** Gives the path of a kept file, after making it with `make` where it is missing or made by something else. */
export async function keptFile(
  { name, parameters, madeBy }: KeptFile,
  make: (path: string) => void | Promise<void>,
): Promise<string> {
  const stem = `${name}-${parameters.rows}-${parameters.spanUs / HOUR_US}h`;
  const key = hash('sha1', `${FLEET_VERSION} ${parameters.startUs} ${madeBy}`).slice(0, 12);
  const path = join(benchFolder(), `${stem}-${key}`);
  if (existsSync(path)) return path;
  for (const old of globSync(`${stem}-*`, { cwd: folder })) rmSync(join(folder, old));
  removeFiles(`${path}.part`);
  const started = performance.now();
  process.stderr.write(`making ${basename(path)} ...`);
  await make(`${path}.part`);
  for (const part of globSync(`${basename(path)}.part*`, { cwd: folder }))
    renameSync(join(folder, part), join(folder, part.replace('.part', '')));
  process.stderr.write(` ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
  return path;
}

/** Gives the path of a file that does not exist, for one run; delete it with `removeFiles`. */
export function scratchFile(name: string): string {
  const path = join(benchFolder(), `scratch-${process.pid}-${name}`);
  removeFiles(path);
  return path;
}

/** Deletes a database with what it keeps beside itself. */
export function removeFiles(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '.wal']) rmSync(path + suffix, { force: true });
}

/** The text of source files, to tell whether what they make has changed. */
export function sourceText(pattern: string): string {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const files = globSync(pattern, { cwd: root }).sort();
  if (files.length === 0) throw new Error(`no file matches ${pattern}`);
  return files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
}

function benchFolder(): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}
