import type { WeightedStack } from '../stack/frame-tree.ts';
import type { WeightUnit } from '../stack/weight-unit.ts';

/** Stacks that were read, and what their weights are as far as the input says; a number of something if it does not. */
export interface StackInput {
  readonly stacks: Iterable<WeightedStack>;
  readonly unit: WeightUnit;
}

/** An input format of stacks. */
export interface StackFormat {
  /** Tells from the first bytes of an input, up to some thousands, whether it is in this format. */
  readonly recognizes: (head: Uint8Array) => boolean;
  /** Reads an input to its end. Throws `bad_input`. */
  readonly read: (chunks: AsyncIterable<Uint8Array>) => Promise<StackInput>;
}
