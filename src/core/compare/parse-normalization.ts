import { KernelscopeError } from '../base/kernelscope-error.ts';
import { suggestNames } from '../base/names.ts';
import { parseDurationNs } from '../base/units.ts';
import type { NormalizationBasis } from './describe-normalization.ts';

/** By what runs are made comparable, with the sizes of both sides where the user gives them. */
export interface Normalization {
  readonly basis: NormalizationBasis;
  readonly amounts?: readonly [number, number];
}

const bases = ['none', 'total', 'count', 'time'] as const satisfies readonly NormalizationBasis[];

/** Reads `none`, `total`, `count`, `time`, or what each side is of: `10m:1h`, `120:150`. Throws `usage`. */
export function parseNormalization(text: string): Normalization {
  const basis = bases.find((name) => name === text);
  if (basis !== undefined) return { basis };
  const sides = text.split(':');
  if (sides.length !== 2) {
    throw new KernelscopeError('usage', `'${text}' is nothing to normalise by`, {
      suggestions: [...suggestNames(text, bases), 'or say what each side is of, like 10m:1h or 120:150'],
    });
  }
  const [before, after] = sides.map(readAmount);
  return { basis: 'amounts', amounts: [before!, after!] };
}

function readAmount(text: string): number {
  const bare = Number(text);
  const amount = text.trim() !== '' && Number.isFinite(bare) ? bare : parseDurationNs(text);
  if (amount > 0) return amount;
  throw new KernelscopeError('usage', `'${text}' is no amount to normalise by: it must be more than 0`);
}
