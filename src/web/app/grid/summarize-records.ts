import { formatCount } from '../../../core/base/units.ts';
import { countColumn } from '../../../core/category/define-category.ts';
import { formatShare } from '../../../core/render/format-weight.ts';
import type { AnsweredRow } from '../answered-row.ts';
import type { Choice } from '../query/choose-columns.ts';
import { headingOf } from './format-cell.ts';

/**
 * Says what is shown of what there is: which records, and which part of the whole weight they have. `total` is the
 * weight of all that match and have a stack, undefined where it is not known.
 */
export function summarizeRecords(
  rows: readonly AnsweredRow[],
  { category, stack, weight, sort }: Choice,
  limit: number,
  total: number | undefined,
): string {
  const count = rows.length === 1 ? '1 record' : `${formatCount(rows.length)} records`;
  if (rows.length < limit) return rows.length === 0 ? 'none' : `all ${count} that match`;
  const column = category.columns.find((candidate) => candidate.name === sort.column);
  const order = `${sort.descending ? 'descending' : 'ascending'} ${column === undefined ? sort.column : headingOf(column)}`;
  const first = `the first ${count} by ${order}`;
  if (total === undefined || stack === undefined || total === 0) return `${first}; there may be more`;
  const withStack = rows.filter((row) => row[stack.name] !== null && row[stack.name] !== undefined);
  // A record that does not say how many events it stands for is one.
  const weightOfAbsent = Number(weight.column === countColumn(category)?.name);
  const weigh = (row: AnsweredRow) =>
    weight.column === undefined ? 1 : Number(row[weight.column] ?? weightOfAbsent);
  const shown = withStack.reduce((sum, row) => sum + weigh(row), 0);
  const share = `${formatShare(shown, total)} of ${weight.label}`;
  return shown < total ? `${first}, with ${share}; more match` : `${first}, with all of ${weight.label}`;
}
