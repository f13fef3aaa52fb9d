/**
 * How a tree is written into a picture: `names` with the most frequent first, `nodes` in preorder. Each node but the
 * root is a number `name * 4 + closes * 2 + weighs`; where it closes, how many levels the next node is up from being
 * its child; where it weighs, its own weight. The root is its own weight alone.
 * A number is base-64 digits of five bits each, the lowest first, with the sixth bit set on all but the last. A weight
 * is twice itself where it is a whole number below 2^51, else 1 and the decimal number up to a `!`.
 */
export interface TreeData {
  readonly names: readonly string[];
  readonly nodes: string;
}

/** The digits; none has a meaning in XML or JSON. */
export const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';
/** Whole weights from here on are written as decimals. */
export const WHOLE_LIMIT = 2 ** 51;
export const TEXT_END = '!';
