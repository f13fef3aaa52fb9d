import type { AnsweredRow } from './answered-row.ts';

const MAX_VALUES = 200;

/** Lists the texts that a column has in some records, the most frequent first. */
export function knownValues(rows: readonly AnsweredRow[], column: string): readonly string[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = row[column];
    if (typeof value === 'string') counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, MAX_VALUES)
    .map(([value]) => value);
}
