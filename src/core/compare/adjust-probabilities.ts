/**
 * Adjusts the p-values of many tests made at once: among those of at most q, a part of q at most is there by chance.
 * Y. Benjamini, Y. Hochberg, Controlling the false discovery rate, 1995.
 */
export function adjustProbabilities(values: readonly number[]): number[] {
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]!);
  const adjusted = new Array<number>(values.length);
  let least = 1;
  for (const [place, index] of order.entries()) {
    least = Math.min(least, (values[index]! * values.length) / (values.length - place));
    // Never less than it was, whatever the division has rounded.
    adjusted[index] = Math.max(least, values[index]!);
  }
  return adjusted;
}
