import { KernelscopeError } from '../base/kernelscope-error.ts';
import { formatTimestamp } from '../base/timestamp.ts';
import type { AnswerValue } from '../category/answer-column.ts';
import { findColumn } from '../category/define-category.ts';
import { parseGroupKey } from '../query/parse-groups.ts';
import type { GroupKey, StackQuery } from '../query/query.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import { prefixStack } from '../stack/prefix-stack.ts';
import type { RecordSource } from './store.ts';

/** What the answer's columns of stacks and weights are called: no column of a category can be. */
const [stackName, weightName] = ['*stack', '*weight'];

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
  const keys = by.map((text) => parseGroupKey(text, category));
  const stacks = keys.find(
    (key) => key.kind === 'column' && findColumn(category, key.column)?.type === 'stack',
  );
  if (stacks !== undefined) {
    throw new KernelscopeError('bad_query', `'${stacks.name}' is a column of stacks, which group nothing`, {
      suggestions: ['leaf, root or frame:2 groups by one of their frames'],
    });
  }
  const groups = keys.map((key): GroupKey => ({ ...key, name: `*${key.name}` }));
  const weighed: WeightedStack[] = [];
  const answer = source.aggregate({
    kind: 'groups',
    category,
    where,
    keys: [...groups, { kind: 'column', name: stackName, column: stack }],
    aggregates: [
      weight === undefined
        ? { kind: 'count', name: weightName }
        : { kind: 'sum', name: weightName, column: weight },
    ],
    sort: [],
  });
  for await (const { rows } of answer) {
    for (const row of rows) {
      const text = row[stackName] as string | null;
      if (text === null) continue;
      const frames = groups.map((key) => frameOf(key, row[key.name] ?? null));
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
