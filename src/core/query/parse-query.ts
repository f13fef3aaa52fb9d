import { KernelscopeError } from '../base/kernelscope-error.ts';
import { suggestNames } from '../base/names.ts';
import {
  type Category,
  type Column,
  findColumn,
  isNumeric,
  type Value,
} from '../category/define-category.ts';
import { allOf, always, type Condition, checkSize } from './condition.ts';
import { makeGroupQuery } from './make-group-query.ts';
import type { GroupQuery, Page, Query, RowQuery, SortKey, StackQuery } from './query.ts';
import { checkOperator, findField, readLiteral, unknownColumn } from './read-literal.ts';

/** Deepest nesting of groups in constraints. */
const MAX_DEPTH = 100;
const queryKeys = [
  'elements',
  'constraints',
  'limit',
  'format',
  'oper',
  'conditions',
  'sort',
  'offset',
  'groupby',
  'aggregates',
];
const formats = ['list', 'flamegraph'];

/**
 * Reads the body of `POST /api` (SPEC 3): one query per category, or one flame graph. Times in constraints are
 * relative to `nowUs`. Throws `bad_query`, `unknown_category`, `unknown_column`, `unknown_operator`, `bad_value`.
 */
export function parseQueries(
  json: unknown,
  categories: ReadonlyMap<string, Category>,
  nowUs: number,
): readonly Query[] {
  if (!isObject(json)) throw bad('the body is not a JSON object');
  const names = Object.keys(json);
  if (names.length === 0) throw bad('the body names no category', suggestNames('', categories.keys()));
  const queries = names.map((name) => {
    const category = categories.get(name);
    if (category === undefined) {
      throw new KernelscopeError('unknown_category', `there is no category '${name}'`, {
        suggestions: suggestNames(name, categories.keys()),
      });
    }
    return parseQuery(json[name], category, nowUs);
  });
  if (queries.length > 1 && queries.some((query) => query.kind === 'stacks')) {
    throw bad('a flame graph is of exactly one category', ['ask for one flame graph at a time']);
  }
  return queries;
}

/** Reads one category's query; errors as of `parseQueries`. */
export function parseQuery(json: unknown, category: Category, nowUs: number): Query {
  if (!isObject(json)) throw bad(`the query of '${category.name}' is not an object`);
  for (const key of Object.keys(json)) {
    if (!queryKeys.includes(key)) throw bad(`a query has no key '${key}'`, suggestNames(key, queryKeys));
  }
  const format = json.format ?? 'list';
  if (typeof format !== 'string' || !formats.includes(format)) {
    throw bad(`there is no format ${JSON.stringify(format)}`, suggestNames(String(format), formats));
  }
  const where = readConstraints(json, category, nowUs);
  if (json.groupby !== undefined || json.aggregates !== undefined)
    return groupQuery(json, category, format, where);
  const elements = readElements(json.elements, category);
  return format === 'flamegraph'
    ? stackQuery(json, category, elements, where)
    : rowQuery(json, category, elements, where);
}

function rowQuery(
  json: JsonObject,
  category: Category,
  elements: readonly string[],
  where: Condition,
): RowQuery {
  for (const name of elements) requireColumn(category, name);
  const sort = (readNames(json, 'sort') ?? []).map((name) => parseSortKey(name, category));
  return { kind: 'rows', category, columns: elements, where, sort, ...readPage(json) };
}

/** Reads a question for groups: `groupby` and `aggregates` in place of `elements`; `count` where nothing is to be worked out. */
function groupQuery(json: JsonObject, category: Category, format: string, where: Condition): GroupQuery {
  if (format !== 'list') throw bad(`'groupby' and 'aggregates' make a list, not a ${format}`);
  if (json.elements !== undefined)
    throw bad("'elements' has no meaning beside 'groupby' and 'aggregates'", [
      'name columns in one of these',
    ]);
  const groupBy = readNames(json, 'groupby') ?? [];
  const aggregates = readNames(json, 'aggregates') ?? ['count'];
  if (groupBy.length + aggregates.length === 0) throw bad("'groupby' and 'aggregates' ask for nothing");
  return makeGroupQuery(
    { groupBy, aggregates, sort: readNames(json, 'sort'), ...readPage(json) },
    category,
    where,
  );
}

function readPage(json: JsonObject): Page {
  const page: { limit?: number; offset?: number } = {};
  for (const key of ['limit', 'offset'] as const) {
    const value = json[key];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || (value as number) < 0)
      throw bad(`'${key}' is ${JSON.stringify(value)}, not a whole number of at least 0`);
    page[key] = value as number;
  }
  return page;
}

function stackQuery(
  json: JsonObject,
  category: Category,
  elements: readonly string[],
  where: Condition,
): StackQuery {
  for (const key of ['limit', 'offset', 'sort']) {
    if (json[key] !== undefined)
      throw bad(`'${key}' has no meaning in a flame graph`, ['constrain the records instead']);
  }
  return { kind: 'stacks', category, ...chooseStackColumns(category, elements), where };
}

/**
 * Tells the stack column from the weight among the names that a flame graph is made of: one stack column and at most
 * one number, or the pseudo-column `count`. Throws `bad_query` or `unknown_column`.
 */
export function chooseStackColumns(
  category: Category,
  names: readonly string[],
): { readonly stack: string; readonly weight?: string } {
  const columns = names
    .filter((name) => !isPseudoCount(category, name))
    .map((name) => requireColumn(category, name));
  const stacks = columns.filter((column) => column.type === 'stack');
  const weights = columns.filter((column) => column.type !== 'stack');
  if (names.length > 2 || stacks.length !== 1 || weights.length > 1) {
    throw bad("a flame graph takes one stack column and at most one column to weigh it by in 'elements'", [
      `columns of '${category.name}': ${category.columns.map((column) => `${column.name} (${column.type})`).join(', ')}`,
    ]);
  }
  const weight = weights[0];
  if (weight !== undefined && !isNumeric(weight)) {
    throw bad(`'${weight.name}' is of type ${weight.type} and cannot weigh a stack`, [
      `numbers are: ${[...category.columns.filter(isNumeric).map((column) => column.name), 'count'].join(', ')}`,
    ]);
  }
  return weight === undefined ? { stack: stacks[0]!.name } : { stack: stacks[0]!.name, weight: weight.name };
}

/** `count` stands for the number of records, unless the category has a column of that name. */
function isPseudoCount(category: Category, name: string): boolean {
  return name === 'count' && findColumn(category, name) === undefined;
}

function readElements(json: unknown, category: Category): readonly string[] {
  if (json === undefined) return category.columns.map((column) => column.name);
  if (!Array.isArray(json) || json.length === 0) throw bad("'elements' is not an array of column names");
  for (const name of json) {
    if (typeof name !== 'string')
      throw bad(`'elements' holds ${JSON.stringify(name)}, which is no column name`);
  }
  if (new Set(json).size !== json.length) throw bad("'elements' names a column twice");
  return json;
}

function readNames(json: JsonObject, key: 'sort' | 'groupby' | 'aggregates'): readonly string[] | undefined {
  const names = json[key];
  if (names === undefined) return undefined;
  if (!Array.isArray(names)) throw bad(`'${key}' is not an array of column names`);
  for (const name of names) {
    if (typeof name !== 'string')
      throw bad(`'${key}' holds ${JSON.stringify(name)}, which is no column name`);
  }
  return names;
}

/** Reads `elapsed` or `-elapsed` (descending). Throws `unknown_column`. */
export function parseSortKey(text: string, category: Category): SortKey {
  const descending = text.startsWith('-');
  return { column: requireColumn(category, descending ? text.slice(1) : text).name, descending };
}

/** Finds a column or throws `unknown_column`. */
export function requireColumn(category: Category, name: string): Column {
  const column = findColumn(category, name);
  if (column === undefined) throw unknownColumn(category, name);
  return column;
}

type JsonObject = Readonly<Record<string, unknown>>;

function readConstraints(json: JsonObject, category: Category, nowUs: number): Condition {
  const groups = json.constraints ?? [];
  if (!Array.isArray(groups)) throw bad("'constraints' is not an array of groups");
  const conditions = groups.map((group) => readGroup(group, category, nowUs, 1));
  if (json.conditions !== undefined) {
    conditions.push(readGroup({ oper: json.oper, conditions: json.conditions }, category, nowUs, 1));
  } else if (json.oper !== undefined) throw bad("'oper' stands without 'conditions'");
  return conditions.length === 0 ? always : checkSize(allOf(conditions));
}

function readGroup(json: unknown, category: Category, nowUs: number, depth: number): Condition {
  if (depth > MAX_DEPTH) throw bad(`constraints are nested more than ${MAX_DEPTH} deep`);
  if (!isObject(json)) throw bad('a group of constraints is not an object');
  for (const key of Object.keys(json)) {
    if (key !== 'oper' && key !== 'conditions')
      throw bad(`a group has no key '${key}'`, ["a group has 'oper' and 'conditions'"]);
  }
  const { oper, conditions } = json;
  if (!Array.isArray(conditions)) throw bad("'conditions' is not an array");
  if (oper !== undefined && oper !== 'and' && oper !== 'or') {
    throw bad(`'oper' is ${JSON.stringify(oper)}`, ["it is 'and' or 'or'"]);
  }
  if (oper === undefined && conditions.length > 1)
    throw bad("'oper' is missing", ["say 'and' or 'or' for more than one condition"]);
  const parts = conditions.map((condition) => readCondition(condition, category, nowUs, depth + 1));
  return parts.length === 1 ? parts[0]! : { kind: oper ?? 'and', conditions: parts };
}

function readCondition(json: unknown, category: Category, nowUs: number, depth: number): Condition {
  if (!isObject(json)) throw bad('a condition is not an object');
  if (json.conditions !== undefined) return readGroup(json, category, nowUs, depth);
  const names = Object.keys(json).filter((key) => key !== 'expr');
  if (names.length !== 1)
    throw bad(`a condition names ${names.length} columns`, ['write one column and "expr" in each condition']);
  const field = findField(category, names[0]!);
  const value = json[field.name];
  const expr = json.expr;
  if (typeof expr !== 'string') throw bad(`the condition on '${field.name}' has no "expr"`);
  if (value === null && (expr === '=' || expr === '!=')) {
    return {
      kind: 'compare',
      field: field.name,
      operator: expr === '=' ? 'is null' : 'is not null',
      value: null,
    };
  }
  const operator = checkOperator(field, expr);
  if (operator === 'is null' || operator === 'is not null')
    throw bad(`write null with "=" or "!=" for '${operator}'`);
  if (operator === 'in' || operator === 'not in') {
    if (!Array.isArray(value) || value.length === 0)
      throw bad(`'${operator}' on '${field.name}' needs an array of values`);
    return {
      kind: 'compare',
      field: field.name,
      operator,
      value: value.map((item) => readJsonValue(field, item, nowUs)),
    };
  }
  return { kind: 'compare', field: field.name, operator, value: readJsonValue(field, value, nowUs) };
}

function readJsonValue(field: Pick<Column, 'name' | 'type' | 'unit'>, json: unknown, nowUs: number): Value {
  if (typeof json === 'string') return readLiteral(field, json, nowUs);
  const isNumber = field.type === 'int' || field.type === 'elapsed';
  if (isNumber && typeof json === 'number') {
    // JSON has numbers that no double holds, such as 1e999.
    if (Number.isFinite(json)) return json;
    throw new KernelscopeError(
      'bad_value',
      `'${field.name}' is compared with what is not a number that can be stored`,
    );
  }
  const wanted = isNumber ? 'a number' : field.type === 'timestamp' ? 'a timestamp' : 'a string';
  throw new KernelscopeError(
    'bad_value',
    `'${field.name}' is of type ${field.type} and compares with ${wanted}, not ${JSON.stringify(json)}`,
    {
      suggestions: [`a timestamp is written like ${JSON.stringify(exampleTime)}`].filter(
        () => field.type === 'timestamp',
      ),
    },
  );
}

const exampleTime = '2016-10-24 17:12:43.288693';

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(message: string, suggestions: readonly string[] = []): KernelscopeError {
  return new KernelscopeError('bad_query', message, { suggestions });
}
