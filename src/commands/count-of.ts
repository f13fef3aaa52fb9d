import { formatCount } from '../core/index.ts';

/** Says how many there are of something that has its plural by an s: `1 record`, `2,345 records`. */
export function countOf(number: number, what: string): string {
  return `${formatCount(number)} ${what}${number === 1 ? '' : 's'}`;
}
