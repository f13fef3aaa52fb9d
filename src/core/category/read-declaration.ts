import { KernelscopeError } from '../base/kernelscope-error.ts';
import { suggestNames } from '../base/names.ts';
import { type Category, type Column, defineCategory } from './define-category.ts';

/** Reads a column as people write it: `NAME:TYPE`, `NAME:elapsed:UNIT`, with `:optional` behind where it may be absent. Throws `bad_category`. */
export function parseColumn(text: string): Column {
  const [name = '', type = '', ...rest] = text.split(':').map((part) => part.trim());
  const optional = rest.at(-1) === 'optional';
  const [unit, ...tooMany] = optional ? rest.slice(0, -1) : rest;
  if (type === '' || tooMany.length > 0) {
    throw new KernelscopeError('bad_category', `'${text}' declares no column`, {
      suggestions: ['write it like process:string, latency:elapsed:us or note:string:optional'],
    });
  }
  return {
    name,
    type: type as Column['type'],
    prettyName: prettyName(name),
    ...(unit !== undefined && { unit: unit as NonNullable<Column['unit']> }),
    ...(optional && { optional }),
  };
}

/** Prints a column as `parseColumn` reads it; its pretty name is not part of that. */
export function printColumn({ name, type, unit, optional }: Column): string {
  return [name, type, ...(unit === undefined ? [] : [unit]), ...(optional ? ['optional'] : [])].join(':');
}

/** Makes a title of a name: `run_queue` becomes `Run queue`. */
export function prettyName(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/**
 * Reads the declaration of a category from parsed JSON: `{"name", "prettyName"?, "columns": [{"name", "type", "unit"?,
 * "optional"?, "prettyName"?}]}`; a column may also be text as `parseColumn` takes it. Throws `bad_category`.
 */
export function readDeclaration(json: unknown): Category {
  const { name, columns, ...rest } = readObject(json, 'the declaration', ['name', 'prettyName', 'columns']);
  if (typeof name !== 'string') throw bad("the declaration has no 'name'");
  if (!Array.isArray(columns)) throw bad(`the declaration of '${name}' has no array 'columns'`);
  return defineCategory({
    name,
    prettyName: readTitle(rest.prettyName, name),
    columns: columns.map((column, index) => readColumn(column, index)),
  });
}

function readColumn(json: unknown, index: number): Column {
  if (typeof json === 'string') return parseColumn(json);
  const keys = ['name', 'type', 'unit', 'optional', 'prettyName'];
  const { name, type, unit, optional, ...rest } = readObject(json, `column ${index + 1}`, keys);
  if (typeof name !== 'string' || typeof type !== 'string')
    throw bad(`column ${index + 1} has no 'name' and 'type'`);
  if (optional !== undefined && typeof optional !== 'boolean')
    throw bad(`'optional' of column '${name}' is neither true nor false`);
  return {
    name,
    type: type as Column['type'],
    prettyName: readTitle(rest.prettyName, name),
    ...(unit !== undefined && { unit: unit as NonNullable<Column['unit']> }),
    ...(optional && { optional }),
  };
}

function readTitle(value: unknown, name: string): string {
  if (value === undefined) return prettyName(name);
  if (typeof value === 'string' && value !== '') return value;
  throw bad(`'prettyName' of '${name}' is no text`);
}

function readObject(json: unknown, what: string, keys: readonly string[]): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw bad(`${what} is no JSON object`);
  const stray = Object.keys(json).find((key) => !keys.includes(key));
  if (stray === undefined) return json as Record<string, unknown>;
  throw new KernelscopeError('bad_category', `${what} has the unknown key '${stray}'`, {
    suggestions: suggestNames(stray, keys),
  });
}

function bad(message: string): KernelscopeError {
  return new KernelscopeError('bad_category', message, {
    suggestions: [
      'write it like {"name": "runqlat", "columns": [{"name": "process", "type": "string"}, "latency:elapsed:us"]}',
    ],
  });
}
