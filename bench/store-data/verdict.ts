/** A line that says whether a goal was met: `what: 0.31, at most 0.6 wanted: met`. */
export function judge(what: string, value: number, bound: 'at most' | 'at least', goal: number): string {
  const met = bound === 'at most' ? value <= goal : value >= goal;
  return `${met ? 'met   ' : 'MISSED'} ${what}: ${short(value)}, ${bound} ${short(goal)} wanted`;
}

/** A number in a table: three digits that count. */
export function short(value: number): string {
  if (value === 0) return '0';
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 3));
}
