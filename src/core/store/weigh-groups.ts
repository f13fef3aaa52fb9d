import { KernelscopeError } from '../base/kernelscope-error.ts';
import { formatTimestamp } from '../base/timestamp.ts';
import type { Column, Value } from '../category/define-category.ts';
import { requireColumn } from '../query/parse-query.ts';
import type { StackQuery } from '../query/query.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import { prefixStack } from '../stack/prefix-stack.ts';
import type { RecordSource } from './store.ts';

/**
 * Weighs stacks as `weighStacks` does, with the values of other columns in front of each as its first frames. Throws
 * `unknown_column`, and `bad_query` for a column of stacks.
 */
export async function weighGroups(
  source: Pick<RecordSource, 'select'>,
  query: StackQuery,
  by: readonly string[],
): Promise<readonly WeightedStack[]> {
  const groups = by.map((name) => groupColumn(requireColumn(query.category, name)));
  const columns = [...new Set([...by, query.stack, ...(query.weight === undefined ? [] : [query.weight])])];
  const { category, where } = query;
  const sums = new Map<string, number>();
  for await (const rows of source.select({ kind: 'rows', category, columns, where, sort: [] })) {
    for (const row of rows as readonly Readonly<Record<string, Value>>[]) {
      const stack = row[query.stack] as string | null;
      if (stack === null) continue;
      const key = prefixStack(
        stack,
        groups.map((column) => frameOf(column, row[column.name] ?? null)),
      );
      const weight = query.weight === undefined ? 1 : Number(row[query.weight] ?? 0);
      sums.set(key, (sums.get(key) ?? 0) + weight);
    }
  }
  return Array.from(sums, ([stack, weight]) => ({ stack, weight }));
}

function groupColumn(column: Column): Column {
  if (column.type !== 'stack') return column;
  throw new KernelscopeError('bad_query', `'${column.name}' is a column of stacks, which group nothing`);
}

function frameOf(column: Column, value: Value): string {
  if (value === null) return '';
  return column.type === 'timestamp' ? formatTimestamp(value as number) : String(value);
}
