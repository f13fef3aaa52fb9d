import { type Category, type Condition, checkPatterns, type Filters, readFilters } from '../core/index.ts';

/** What `filterFlags` say of which records are meant. */
type WhereFlags = Pick<Filters, 'where' | 'since' | 'until' | 'at'> & {
  readonly label?: readonly string[] | undefined;
  readonly host?: readonly string[] | undefined;
};

/** Makes one condition of what the flags say; times are relative to `nowUs`. Throws as `readFilters` and `checkPatterns`. */
export async function readWhere(flags: WhereFlags, category: Category, nowUs: number): Promise<Condition> {
  const where = readFilters({ ...flags, labels: flags.label, hosts: flags.host }, category, nowUs);
  await checkPatterns(flags.where);
  return where;
}
