import type { ElapsedUnit } from '../../base/units.ts';
import type { AnswerRow, AnswerType } from '../../category/answer-column.ts';
import { formatCell } from './format-cell.ts';

/** Writes the numbers of `collectStats` as people read them, each row in the unit of its own column. */
export function formatStats(rows: readonly AnswerRow[]): readonly AnswerRow[] {
  return rows.map((row) => {
    const unit = row.unit as ElapsedUnit | null;
    const column = { type: row.type as AnswerType, ...(unit !== null && { unit }) };
    return Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'number' && !counts.includes(name) ? formatNumber(column, value) : value,
      ]),
    );
  });
}

const counts: readonly string[] = ['distinct', 'top_records'];

function formatNumber(column: Parameters<typeof formatCell>[0], value: number): string {
  return formatCell(column.type === 'int' ? { type: 'count' } : column, value);
}
