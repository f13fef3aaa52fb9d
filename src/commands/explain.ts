import * as Args from '@oclif/core/args';
import {
  type Category,
  type Condition,
  KernelscopeError,
  locateStore,
  openStore,
  printable,
  printWhere,
  readFilters,
  suggestNames,
} from '../core/index.ts';
import { databaseFlags, filterFlags, storeChoice } from './flags.ts';
import { KernelscopeCommand } from './kernelscope-command.ts';

/** What a condition means, from what was written to what the database does. */
interface Explained {
  readonly where: string;
  readonly condition: Condition;
  readonly sql: string | null;
  readonly params: readonly unknown[];
  readonly plan: readonly string[];
}

export class Explain extends KernelscopeCommand {
  static override summary =
    'Show what a condition means: how it is read, the SQL that it becomes, and the plan of the database.';
  static override description =
    'Names are looked up first, so that the statement holds ids of names in place of text; where no name matches, nothing is asked.';
  static override examples = ["<%= config.bin %> explain 'elapsed > 5ms and stack contains btrfs'"];
  static override args = {
    where: Args.string({ description: 'The condition, as --where takes it.', ignoreStdin: true }),
  };
  static override flags = { ...filterFlags, ...databaseFlags };

  async run(): Promise<Explained> {
    const { args, flags } = await this.parse(Explain);
    const store = await openStore(locateStore(storeChoice(flags), process.env), { readOnly: true });
    try {
      const category = requireCategory(flags.category, await store.categories());
      const written = [args.where, flags.where].filter((where) => where !== undefined);
      const where = readFilters(
        {
          ...flags,
          where: written.length > 1 ? `(${written.join(') and (')})` : written[0],
          labels: flags.label,
          hosts: flags.host,
        },
        category,
        Date.now() * 1000,
      );
      const columns = category.columns.map(({ name }) => name);
      const { sql, plan } = await store.explain({ kind: 'rows', category, columns, where, sort: [] });
      const explained = {
        where: printWhere(where, category),
        condition: where,
        sql: sql?.text ?? null,
        params: sql?.params.map((param) => (param instanceof Uint8Array ? '(bytes)' : param)) ?? [],
        plan,
      };
      this.#print(explained);
      return explained;
    } finally {
      await store.close();
    }
  }

  #print({ where, condition, sql, params, plan }: Explained): void {
    this.log(`where      ${where === '' ? '(every record)' : printable(where)}`);
    for (const [index, line] of drawCondition(condition, '').entries())
      this.log(`${index === 0 ? 'condition' : '         '}  ${printable(line)}`);
    this.log(`sql        ${sql === null ? '(none: no name matches, so no record can)' : printable(sql)}`);
    if (params.length > 0) this.log(`params     ${printable(JSON.stringify(params))}`);
    for (const [index, line] of plan.entries())
      this.log(`${index === 0 ? 'plan     ' : '         '}  ${printable(line)}`);
  }
}

/** Draws a condition as a tree, a line for each part. */
function drawCondition(condition: Condition, indent: string): readonly string[] {
  if (condition.kind === 'compare') {
    const { field, operator, value } = condition;
    return [`${indent}${field} ${operator}${value === null ? '' : ` ${JSON.stringify(value)}`}`];
  }
  return [
    `${indent}${condition.kind}`,
    ...condition.conditions.flatMap((part) => drawCondition(part, `${indent}  `)),
  ];
}

function requireCategory(name: string, categories: ReadonlyMap<string, Category>): Category {
  const category = categories.get(name);
  if (category !== undefined) return category;
  throw new KernelscopeError('unknown_category', `there is no category '${name}'`, {
    suggestions: suggestNames(name, categories.keys()),
  });
}
