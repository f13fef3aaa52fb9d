import { KernelscopeError } from '../base/kernelscope-error.ts';
import { suggestNames } from '../base/names.ts';
import { parseTimestampUs } from '../base/timestamp.ts';
import { nsPerUnit, parseDurationNs, parseSizeBytes } from '../base/units.ts';
import { type Category, type Column, findColumn } from '../category/define-category.ts';
import { labelKey, type Operator, operators } from './condition.ts';

/** A field that a comparison is about: what its literals are read as. */
export type Field = Pick<Column, 'name' | 'type' | 'unit'>;

const textOperators: readonly Operator[] = ['contains', 'not contains', '~', '!~'];

/** Finds the field of that name: a column, or `labels.<key>`. Throws `unknown_column` with the nearest name. */
export function findField(category: Category, name: string): Field {
  const key = labelKey(name);
  if (key !== undefined && key !== '') return { name, type: 'string' };
  const column = findColumn(category, name);
  if (column === undefined) throw unknownColumn(category, name);
  return column;
}

/** The error for a name that is no column of the category. */
export function unknownColumn(category: Category, name: string): KernelscopeError {
  return new KernelscopeError('unknown_column', `category '${category.name}' has no column '${name}'`, {
    suggestions: suggestNames(
      name,
      category.columns.map((column) => column.name),
    ),
  });
}

/** Checks that an operator exists and fits the field's type. Throws `unknown_operator`. */
export function checkOperator(field: Field, operator: string): Operator {
  const known = operators.find((candidate) => candidate === operator);
  if (known === undefined) throw unknownOperator(operator);
  if (textOperators.includes(known) && field.type !== 'string' && field.type !== 'stack') {
    throw new KernelscopeError(
      'unknown_operator',
      `'${known}' compares text, and '${field.name}' is of type ${field.type}`,
      {
        suggestions: [
          `operators for it are: ${operators.filter((o) => !textOperators.includes(o)).join(', ')}`,
        ],
      },
    );
  }
  return known;
}

/** What people coming from other languages write, and what it is here. */
const otherLanguages: Readonly<Record<string, string>> = {
  '==': '=',
  '<>': '!=',
  like: 'contains',
  '=~': '~',
  matches: '~',
};

/** The error for a word or sign that is no operator. */
export function unknownOperator(operator: string): KernelscopeError {
  const word = operator.toLowerCase();
  const meant = Object.hasOwn(otherLanguages, word) ? otherLanguages[word] : undefined;
  const all = `operators are: ${operators.join(', ')}`;
  return new KernelscopeError('unknown_operator', `there is no operator '${operator}'`, {
    suggestions: meant === undefined ? suggestNames(operator, operators) : [`did you mean '${meant}'?`, all],
  });
}

/**
 * Reads a literal that was written as text into the stored form of the field: a time absolute, or relative to
 * `nowUs` (`-2h`, `now`); a duration in the column's own unit; a size in bytes for an int. Throws `bad_value`.
 */
export function readLiteral(field: Field, text: string, nowUs: number): string | number {
  switch (field.type) {
    case 'string':
    case 'stack':
      if (text.isWellFormed()) return text;
      throw new KernelscopeError('bad_value', `the value for '${field.name}' holds half of a surrogate pair`);
    case 'timestamp':
      return readTime(text, nowUs);
    case 'elapsed': {
      const unit = field.unit ?? 'us';
      const bare = Number(text);
      if (text.trim() !== '' && Number.isFinite(bare)) return bare;
      return placed(field, () => parseDurationNs(text, unit) / nsPerUnit(unit));
    }
    case 'int': {
      const value = Number(text);
      if (text.trim() !== '' && Number.isFinite(value)) return value;
      if (!/\d/.test(text))
        throw new KernelscopeError(
          'bad_value',
          `'${text}' is not a number, which column '${field.name}' of type int needs`,
          { suggestions: ['write a number, or a size like 10MB'] },
        );
      return placed(field, () => parseSizeBytes(text));
    }
  }
}

/** Tells whether a word is a unit of the field's numbers. */
export function isUnit({ type }: Field, word: string): boolean {
  const read = type === 'elapsed' ? parseDurationNs : type === 'int' ? parseSizeBytes : undefined;
  if (read === undefined || !/^[a-zµ]+$/i.test(word)) return false;
  try {
    read(`1${word}`);
    return true;
  } catch (error) {
    if (!(error instanceof KernelscopeError)) throw error;
    return false;
  }
}

/**
 * Reads `2016-10-24 17:12`, ISO 8601, `now`, `now-2h`, or a duration before now (`-2h`, `2h`) into microseconds since
 * 1970 UTC. Throws `bad_value`.
 */
export function readTime(text: string, nowUs: number): number {
  const word = text.trim().replace(/^now\s*(?=[+-])/, '');
  if (word === 'now') return nowUs;
  if (/^[+-]?[\d.]+\s*[a-z]+$/i.test(word)) {
    const ns = parseDurationNs(word);
    // '2h' and '-2h' both say two hours ago; only '+2h' looks ahead.
    const timeUs = nowUs + Math.round((word.startsWith('+') ? ns : -Math.abs(ns)) / 1000);
    if (Number.isSafeInteger(timeUs)) return timeUs;
    throw new KernelscopeError('bad_value', `'${word}' is further from now than times go`);
  }
  try {
    return parseTimestampUs(word);
  } catch (error) {
    if (!(error instanceof KernelscopeError)) throw error;
    const { code, message, suggestions } = error;
    throw new KernelscopeError(code, message, { suggestions: [...suggestions, 'or from now on back: 2h'] });
  }
}

function placed<T>(field: Field, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof KernelscopeError)) throw error;
    throw new KernelscopeError(
      error.code,
      `${error.message}, which column '${field.name}' of type ${field.type} needs`,
      {
        suggestions: error.suggestions,
      },
    );
  }
}
