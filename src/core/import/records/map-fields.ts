import { KernelscopeError } from '../../base/kernelscope-error.ts';
import { suggestNames } from '../../base/names.ts';
import {
  type Category,
  type Column,
  entryColumns,
  findColumn,
  isNumeric,
} from '../../category/define-category.ts';

/** Where a column's values come from: a field of the input, or one value for all. */
export type Origin = { readonly field: string } | { readonly value: string };

/** The origin of each column by its name, `hostname` and `time` among them; one that is not there stays absent. */
export type Mapping = ReadonlyMap<string, Origin>;

/** Reads `column=field` and `column=value` pairs. Throws `usage` and `unknown_column`. */
export function readOrigins(
  category: Category,
  pairs: { readonly maps: readonly string[]; readonly values: readonly string[] },
): Mapping {
  const origins = new Map<string, Origin>();
  const add = (flag: string, pair: string, make: (text: string) => Origin) => {
    const at = pair.indexOf('=');
    if (at <= 0) {
      throw new KernelscopeError('usage', `${flag} '${pair}' names no column`, {
        suggestions: [`write it like ${flag} latency=...`],
      });
    }
    const name = pair.slice(0, at);
    const names = category.columns.map((column) => column.name);
    if (findColumn(category, name) === undefined) {
      throw new KernelscopeError('unknown_column', `category '${category.name}' has no column '${name}'`, {
        suggestions: suggestNames(name, names),
      });
    }
    if (origins.has(name)) throw new KernelscopeError('usage', `the column '${name}' is given twice`);
    origins.set(name, make(pair.slice(at + 1)));
  };
  for (const pair of pairs.maps) add('--map', pair, (field) => ({ field }));
  for (const pair of pairs.values) add('--set', pair, (value) => ({ value }));
  return origins;
}

/**
 * Finds an origin for each column: what was said, then a field of the same name, whatever its case and signs. Where
 * fields stand for columns by their place, the parts of a key go to the columns that are left, in order, and its value to
 * the first number among them. Throws `bad_input` for a column that must be there and has none.
 */
export function mapFields(
  category: Category,
  fields: Readonly<Record<string, unknown>>,
  said: Mapping,
  isPositional: boolean,
): Mapping {
  const mapping = new Map(said);
  const names = Object.keys(fields);
  for (const { name } of category.columns) {
    if (mapping.has(name)) continue;
    const field =
      names.find((candidate) => candidate === name) ?? names.find((each) => plain(each) === plain(name));
    if (field !== undefined) mapping.set(name, { field });
  }
  if (isPositional) mapByPlace(category, names, mapping);
  else mapFolded(category, names, mapping);
  for (const column of entryColumns(category))
    if (!mapping.has(column.name) && !column.optional) throw unmapped(category, column, names);
  return mapping;
}

function mapByPlace(category: Category, names: readonly string[], mapping: Map<string, Origin>): void {
  const free = () => entryColumns(category).filter(({ name }) => !mapping.has(name));
  const used = new Set([...mapping.values()].map((origin) => ('field' in origin ? origin.field : '')));
  const stacks = free().filter(({ type }) => type === 'stack');
  // One column for all stacks of a key, or one for each.
  const stackFields = stacks.length === 1 ? ['stack'] : ['stack1', 'stack2'];
  for (const [index, { name }] of stacks.entries())
    if (names.includes(stackFields[index] ?? '')) mapping.set(name, { field: stackFields[index]! });
  const keys = names.filter((name) => /^key\d+$/.test(name) && !used.has(name));
  const values = names.filter((name) => /^value\d+$/.test(name) && !used.has(name));
  const rest = free().filter(({ type }) => type !== 'stack');
  for (const [index, { name }] of rest.entries()) {
    const field = [...keys, ...values][index];
    if (field !== undefined) mapping.set(name, { field });
  }
  mapValue(free(), names, used, mapping);
}

/** Of folded stacks the count is the value: of the one number that nothing else is said of. */
function mapFolded(category: Category, names: readonly string[], mapping: Map<string, Origin>): void {
  if (names.length !== 3 || !['stack', 'count', 'value'].every((name) => names.includes(name))) return;
  const free = entryColumns(category).filter(({ name }) => !mapping.has(name));
  const stack = free.find(({ type }) => type === 'stack');
  if (stack !== undefined) mapping.set(stack.name, { field: 'stack' });
  const used = new Set([...mapping.values()].map((origin) => ('field' in origin ? origin.field : '')));
  mapValue(free, names, used, mapping);
}

function mapValue(
  free: readonly Column[],
  names: readonly string[],
  used: ReadonlySet<string>,
  mapping: Map<string, Origin>,
): void {
  if (!names.includes('value') || used.has('value') || used.has('count')) return;
  const number = free.find(isNumeric);
  if (number !== undefined) mapping.set(number.name, { field: 'value' });
}

/** `Latency-us` and `latency_us` are one name to people. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function unmapped(category: Category, column: Column, names: readonly string[]): KernelscopeError {
  const { name } = column;
  return new KernelscopeError(
    'bad_input',
    `nothing in the input is called '${name}', which every record of '${category.name}' has`,
    {
      suggestions: [
        `its fields are: ${names.join(', ')}`,
        `say which one it is, --map ${name}=FIELD, or one value for all, --set ${name}=VALUE`,
      ],
    },
  );
}

/** Names of one and the same thing: where one of them is taken, the others are not left out. */
const twins = [/^(value|count)$/, /^stack\d?$/];

/** The fields that no column takes. */
export function unusedFields(
  category: Category,
  mapping: Mapping,
  names: Iterable<string>,
): readonly string[] {
  const used = new Set([...mapping.values()].map((origin) => ('field' in origin ? origin.field : '')));
  const isTaken = (name: string) =>
    used.has(name) ||
    used.has(name.split('.')[0]!) ||
    name === 'map' ||
    findColumn(category, name) !== undefined;
  return [...names].filter(
    (name) =>
      !isTaken(name) && !twins.some((twin) => twin.test(name) && [...used].some((each) => twin.test(each))),
  );
}

/** Takes a field out of a record; `a.b` is field b of the object a, unless a field is called so. */
export function takeField(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  let value: unknown = fields;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
