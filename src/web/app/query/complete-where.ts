import { KernelscopeError } from '../../../core/base/kernelscope-error.ts';
import { type Category, findColumn } from '../../../core/category/define-category.ts';
import { type Operator, operators } from '../../../core/query/condition.ts';
import { printWhere } from '../../../core/query/print-where.ts';
import { checkOperator, type Field, findField } from '../../../core/query/read-literal.ts';
import { type Token, tokenizeWhere } from '../../../core/query/tokenize-where.ts';

/** A word that could be next, and what it is. */
export interface Completion {
  readonly text: string;
  readonly hint: string;
}

/** Words that could stand where the caret is: they replace the text from `start` up to it. */
export interface Completions {
  readonly start: number;
  readonly options: readonly Completion[];
}

/** Gives values that a column is known to have. */
export type KnownValues = (column: string) => readonly string[];

const MAX_OPTIONS = 12;

/** Lists what a where clause, written up to the caret, could go on with. */
export function completeWhere(written: string, category: Category, valuesOf: KnownValues): Completions {
  const tokens = tokenizeUnfinished(written);
  if (tokens === undefined) return { start: written.length, options: [] };
  const last = tokens.at(-1);
  const isUnfinished = last?.kind === 'word' && last.start + last.text.length === written.length;
  const typed = isUnfinished ? last.text : '';
  const place = findPlace(isUnfinished ? tokens.slice(0, -1) : tokens, category);
  const options = listOptions(place, category, valuesOf).filter((option) => startsLike(option.text, typed));
  // What is there already needs no completing.
  const isComplete = options.length === 1 && options[0]!.text === typed;
  return { start: written.length - typed.length, options: isComplete ? [] : options.slice(0, MAX_OPTIONS) };
}

/** What the grammar of parseWhere expects after the tokens so far. */
type Place =
  | { readonly expects: 'column' | 'joiner' | 'nothing' }
  | { readonly expects: 'operator' | 'list'; readonly field: Field; readonly operator: string }
  | { readonly expects: 'value'; readonly field: Field; readonly isInList: boolean };

function findPlace(tokens: readonly Token[], category: Category): Place {
  return tokens.reduce<Place>((place, token) => placeAfter(place, token, category), { expects: 'column' });
}

function placeAfter(place: Place, { kind, text }: Token, category: Category): Place {
  const word = text.toLowerCase();
  switch (place.expects) {
    case 'nothing':
      return place;
    case 'column': {
      if (kind === 'sign' || (kind === 'word' && word === 'not')) return place;
      const field = fieldOf(category, text);
      return field === undefined ? { expects: 'nothing' } : { expects: 'operator', field, operator: '' };
    }
    case 'operator': {
      const { field } = place;
      const operator = `${place.operator} ${word}`.trim();
      if (operator === 'not' || operator === 'is' || operator === 'is not') return { ...place, operator };
      if (operator === 'is null' || operator === 'is not null') return { expects: 'joiner' };
      if (operator === 'in' || operator === 'not in') return { expects: 'list', field, operator };
      return { expects: 'value', field, isInList: false };
    }
    case 'list':
      return { expects: 'value', field: place.field, isInList: true };
    case 'value':
      return place.isInList && !(kind === 'sign' && text === ')') ? place : { expects: 'joiner' };
    case 'joiner':
      return word === 'and' || word === 'or' ? { expects: 'column' } : place;
  }
}

function listOptions(place: Place, category: Category, valuesOf: KnownValues): readonly Completion[] {
  switch (place.expects) {
    case 'nothing':
      return [];
    case 'column':
      return [
        ...category.columns.map(({ name, type, unit }) => ({
          text: name,
          hint: unit === undefined ? type : `${type}, ${unit}`,
        })),
        { text: 'labels.', hint: 'a label of the batch' },
        { text: 'not', hint: '' },
      ];
    case 'joiner':
      return ['and', 'or'].map((text) => ({ text, hint: '' }));
    case 'list':
      return [{ text: '(', hint: '' }];
    case 'operator': {
      const prefix = place.operator === '' ? '' : `${place.operator} `;
      return operators
        .filter((operator) => operator.startsWith(prefix) && suits(place.field, operator))
        .map((operator) => ({ text: operator.slice(prefix.length), hint: '' }));
    }
    case 'value':
      return listValues(place.field, category, valuesOf);
  }
}

function listValues(field: Field, category: Category, valuesOf: KnownValues): readonly Completion[] {
  switch (field.type) {
    case 'timestamp':
      return [
        { text: '-15m', hint: '15 minutes ago' },
        { text: '-1h', hint: 'an hour ago' },
        { text: '-24h', hint: 'a day ago' },
      ];
    case 'elapsed':
      return ['100us', '1ms', '10ms', '100ms', '1s'].map((text) => ({ text, hint: '' }));
    case 'string':
      if (findColumn(category, field.name) === undefined) return [];
      return valuesOf(field.name).map((value) => ({
        text: quoteValue(field.name, value, category),
        hint: '',
      }));
    default:
      return [];
  }
}

/** Writes a text as a value of a where clause. */
function quoteValue(field: string, value: string, category: Category): string {
  const clause = printWhere({ kind: 'compare', field, operator: '=', value }, category);
  return clause.slice(clause.indexOf(' = ') + ' = '.length);
}

function suits(field: Field, operator: Operator): boolean {
  try {
    checkOperator(field, operator);
    return true;
  } catch (error) {
    if (error instanceof KernelscopeError) return false;
    throw error;
  }
}

function fieldOf(category: Category, name: string): Field | undefined {
  try {
    return findField(category, name);
  } catch (error) {
    if (error instanceof KernelscopeError) return undefined;
    throw error;
  }
}

function tokenizeUnfinished(written: string): readonly Token[] | undefined {
  try {
    return tokenizeWhere(written).slice(0, -1);
  } catch (error) {
    // Inside a quote, which only its own end ends.
    if (error instanceof KernelscopeError) return undefined;
    throw error;
  }
}

function startsLike(text: string, typed: string): boolean {
  const plain = text.startsWith("'") ? text.slice(1) : text;
  return plain.toLowerCase().startsWith(typed.toLowerCase());
}
