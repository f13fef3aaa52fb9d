import { KernelscopeError } from '../base/kernelscope-error.ts';
import { formatTimestamp } from '../base/timestamp.ts';
import type { AnswerValue } from '../category/answer-column.ts';
import { findColumn } from '../category/define-category.ts';
import { makeGroupQuery } from '../query/make-group-query.ts';
import type { GroupKey, StackQuery } from '../query/query.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import { prefixStack } from '../stack/prefix-stack.ts';
import type { RecordSource } from './store.ts';

/**
 * Weighs stacks as `weighStacks` does, with what they are grouped by, keys as `parseGroupKey` reads them, in front of
 * each as its first frames. Throws `unknown_column`, and `bad_query` for a column of stacks.
 */
export async function weighGroups(
  source: Pick<RecordSource, 'aggregate'>,
  query: StackQuery,
  by: readonly string[],
): Promise<readonly WeightedStack[]> {
  const { category, where, stack, weight } = query;
  const words = {
    groupBy: [...by, stack],
    aggregates: [weight === undefined ? 'count' : `sum(${weight})`],
    sort: [],
  };
  const groups = makeGroupQuery(words, category, where);
  const keys = groups.keys.slice(0, -1);
  const stacks = keys.find(
    (key) => key.kind === 'column' && findColumn(category, key.column)?.type === 'stack',
  );
  if (stacks !== undefined) {
    throw new KernelscopeError('bad_query', `'${stacks.name}' is a column of stacks, which group nothing`, {
      suggestions: ['leaf, root or frame:2 groups by one of their frames'],
    });
  }
  const weightName = groups.aggregates[0]!.name;
  const weighed: WeightedStack[] = [];
  for await (const { rows } of source.aggregate(groups)) {
    for (const row of rows) {
      const text = row[stack] as string | null;
      if (text === null) continue;
      const frames = keys.map((key) => frameOf(key, row[key.name] ?? null));
      weighed.push({ stack: prefixStack(text, frames), weight: Number(row[weightName] ?? 0) });
    }
  }
  return weighed;
}

function frameOf(key: GroupKey, value: AnswerValue): string {
  if (value === null) return '';
  const isTime = key.kind === 'bucket' || (key.kind === 'column' && key.column === 'time');
  return isTime ? formatTimestamp(value as number) : String(value);
}
