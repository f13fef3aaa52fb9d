import { readFileSync } from 'node:fs';
import { KernelscopeError } from '../base/kernelscope-error.ts';

/** A value of a config file: what flags can be given. */
export type ConfigValue = string | number | boolean | readonly (string | number)[];

/** A setting as it was written: `key` is a flag's name, `section` the command that it is for, empty for all. */
export interface ConfigEntry {
  readonly section: string;
  readonly key: string;
  readonly value: ConfigValue;
  readonly file: string;
}

/**
 * Reads config files, TOML or JSON, into settings; of one that is in several files the first file's counts. A table such
 * as `[query]` or `[trace.offcpu]` holds flags of a command. Throws `bad_config`.
 */
export async function readConfig(files: readonly string[]): Promise<readonly ConfigEntry[]> {
  const entries = new Map<string, ConfigEntry>();
  for (const file of files) {
    for (const entry of flatten(await parseFile(file), [], file)) {
      const id = `${entry.section}\0${entry.key}`;
      if (!entries.has(id)) entries.set(id, entry);
    }
  }
  return [...entries.values()];
}

async function parseFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw bad(file, `it cannot be read: ${(error as Error).message}`);
  }
  let config: unknown;
  try {
    // The parser is loaded by those who have such a file alone.
    config = file.endsWith('.json') ? JSON.parse(text) : (await import('smol-toml')).parse(text);
  } catch (error) {
    throw bad(file, (error as Error).message.trimEnd());
  }
  if (typeof config === 'object' && config !== null && !Array.isArray(config))
    return config as Record<string, unknown>;
  throw bad(file, 'it holds no object');
}

function* flatten(
  table: Readonly<Record<string, unknown>>,
  path: readonly string[],
  file: string,
): Iterable<ConfigEntry> {
  for (const [name, value] of Object.entries(table)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)) {
      yield* flatten(value as Record<string, unknown>, [...path, name], file);
      continue;
    }
    if (!isConfigValue(value)) throw bad(file, `'${[...path, name].join('.')}' is nothing that a flag takes`);
    // As flags are written; TOML's own habit is the underscore.
    yield { section: path.join(':'), key: name.replaceAll('_', '-'), value, file };
  }
}

function isConfigValue(value: unknown): value is ConfigValue {
  if (Array.isArray(value))
    return value.every((item) => typeof item === 'string' || typeof item === 'number');
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function bad(file: string, reason: string): KernelscopeError {
  return new KernelscopeError('bad_config', `the config file ${file}: ${reason}`);
}
