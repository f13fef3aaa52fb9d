import type { WeightUnit } from '../stack/weight-unit.ts';

/** What the script in a picture knows of it, besides the trees. */
export interface PictureFacts {
  readonly title: string;
  readonly unit: WeightUnit;
  /** Of a comparison: what the weights of the first tree are multiplied by. */
  readonly beforeScale?: number;
}
