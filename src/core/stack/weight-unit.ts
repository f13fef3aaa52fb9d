import type { ElapsedUnit } from '../base/units.ts';

/** What the weights of a tree are: durations in a unit, bytes, or a number of something. */
export type WeightUnit = ElapsedUnit | 'bytes' | 'count';
