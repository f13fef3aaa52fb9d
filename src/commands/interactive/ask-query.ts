import {
  always,
  type Category,
  type Column,
  KernelscopeError,
  makeGroupQuery,
  parseWhere,
  printable,
  printWhere,
  type RecordSource,
} from '../../core/index.ts';
import { askingContext, loadPrompts } from '../ask-user.ts';

/** Values of a column that are offered, the most frequent ones. */
const MAX_OFFERED = 200;

type Prompts = Awaited<ReturnType<typeof loadPrompts>>;

/** Asks which category is meant, unless it was said. */
export async function askCategory(
  categories: ReadonlyMap<string, Category>,
  said: string | undefined,
): Promise<Category> {
  const known = said === undefined ? undefined : categories.get(said);
  if (known !== undefined) return known;
  const { select } = await loadPrompts();
  const choices = [...categories.values()].map((category) => ({
    name: `${category.name}  ${printable(category.prettyName)}`,
    value: category,
  }));
  return select({ message: 'Which category?', choices }, askingContext);
}

/** Asks for conditions, columns, order and number of records, and gives the flags of `query` that say the same. */
export async function askQuery(source: RecordSource, category: Category): Promise<readonly string[]> {
  const prompts = await loadPrompts();
  const conditions: string[] = [];
  while (await wantsCondition(prompts, conditions.length)) {
    conditions.push(await askCondition(prompts, source, category));
  }
  const columns = await prompts.checkbox(
    {
      message: 'Which columns? None for all.',
      choices: category.columns.map(({ name, type }) => ({
        name: `${name}  ${type}`,
        value: name,
        short: name,
      })),
    },
    askingContext,
  );
  const sort = await askSort(prompts, category);
  const limit = await prompts.number(
    { message: 'How many records at most? Nothing for all.', default: 20, min: 0 },
    askingContext,
  );
  return [
    '--category',
    category.name,
    ...(conditions.length > 0 ? ['--where', conditions.join(' and ')] : []),
    ...(columns.length > 0 ? ['--select', columns.join(',')] : []),
    ...(sort === undefined ? [] : ['--sort', sort]),
    ...(limit === undefined ? [] : ['--limit', String(limit)]),
  ];
}

function wantsCondition({ confirm }: Prompts, count: number): Promise<boolean> {
  const message = count === 0 ? 'Only some of the records?' : 'One more condition?';
  return confirm({ message, default: count === 0 }, askingContext);
}

async function askSort({ select }: Prompts, category: Category): Promise<string | undefined> {
  const sorted = category.columns.filter(({ type }) => type !== 'stack');
  const choices = [
    { name: 'in no order', value: undefined },
    ...sorted.flatMap(({ name }) => [
      { name: `${name}, largest first`, value: `-${name}` },
      { name: `${name}, smallest first`, value: name },
    ]),
  ];
  return select<string | undefined>({ message: 'In which order?', choices }, askingContext);
}

async function askCondition(prompts: Prompts, source: RecordSource, category: Category): Promise<string> {
  const column = await prompts.select(
    {
      message: 'Of which column?',
      choices: category.columns.map((each) => ({
        name: `${each.name}  ${each.type}`,
        value: each,
        short: each.name,
      })),
    },
    askingContext,
  );
  const operator = await prompts.select(
    { message: `${column.name} ...`, choices: operatorsOf(column).map((value) => ({ value })) },
    askingContext,
  );
  const isText = column.type === 'string' || column.type === 'stack';
  const value =
    isText && (operator === '=' || operator === '!=')
      ? await askKnownValue(prompts, source, category, column)
      : await prompts.input(
          {
            message: `${column.name} ${operator} ${hintOf(column)}`,
            required: true,
            validate: (text) => whyNotValid(category, condition(category, column, operator, text)),
          },
          askingContext,
        );
  return condition(category, column, operator, value);
}

/** Offers the operators that mean something for a column, the usual one first. */
export function operatorsOf({ type }: Column): readonly string[] {
  if (type === 'string') return ['=', '!=', 'contains', 'not contains', '~', '!~'];
  if (type === 'stack') return ['contains', 'not contains', '~', '!~', '=', '!='];
  return type === 'timestamp' ? ['>=', '<'] : ['>', '>=', '<', '<=', '=', '!='];
}

function hintOf({ type, unit }: Column): string {
  if (type === 'elapsed') return `(like 5ms; bare numbers are ${unit ?? 'us'})`;
  if (type === 'timestamp') return '(like 2016-10-24 17:12, or 2h for two hours ago)';
  return type === 'int' ? '(a number, or a size like 10MB)' : '(text, as it is)';
}

/** Prints a condition as `--where` takes it, what was typed left as it is where that is possible. */
export function condition(category: Category, column: Column, operator: string, value: string): string {
  if (column.type !== 'string' && column.type !== 'stack')
    return `${column.name} ${operator} ${value.trim()}`;
  const compared = { kind: 'compare', field: column.name, operator, value } as Parameters<
    typeof printWhere
  >[0];
  return printWhere(compared, category);
}

function whyNotValid(category: Category, where: string): true | string {
  try {
    parseWhere(where, category, Date.now() * 1000);
    return true;
  } catch (error) {
    if (error instanceof KernelscopeError) return printable(error.message.split('\n')[0]!);
    throw error;
  }
}

async function askKnownValue(
  prompts: Prompts,
  source: RecordSource,
  category: Category,
  column: Column,
): Promise<string> {
  const known = await frequentValues(source, category, column.name);
  return prompts.search<string>(
    {
      message: `${column.name} is`,
      source: (typed = '') => {
        const found = known.filter((value) => value.toLowerCase().includes(typed.toLowerCase()));
        // What is not among the records, or not among those offered, can be asked for all the same.
        const own = typed === '' || found.includes(typed) ? [] : [typed];
        return [...found, ...own].map((value) => ({ value, name: printable(value) || '(empty)' }));
      },
    },
    askingContext,
  );
}

async function frequentValues(
  source: RecordSource,
  category: Category,
  column: string,
): Promise<readonly string[]> {
  const words = { groupBy: [column], aggregates: ['count'], limit: MAX_OFFERED };
  const values: string[] = [];
  for await (const { rows } of source.aggregate(makeGroupQuery(words, category, always)))
    for (const row of rows) if (typeof row[column] === 'string') values.push(row[column]);
  return values;
}
