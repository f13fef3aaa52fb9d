/**
 * Puts values in front of a folded stack as its first frames: grouping by columns. A `;` in a value, which would part
 * it, becomes `:`; an empty value becomes `[none]`.
 */
export function prefixStack(stack: string, values: readonly string[]): string {
  const frames = values.map((value) => (value === '' ? '[none]' : value.replaceAll(';', ':')));
  return [...frames, ...(stack === '' ? [] : [stack])].join(';');
}
