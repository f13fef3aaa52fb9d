import type { ComparedRuns } from '../../compare/compare-runs.ts';
import type { ChangeKind } from '../../compare/list-changes.ts';
import type { RenderOptions } from '../render-options.ts';

/** What every renderer of differences takes; each uses what it can show. */
export interface DiffOptions extends RenderOptions {
  /** What is compared, in words: a condition, a label, a file. */
  readonly beforeName?: string;
  readonly afterName?: string;
  /** How the sides were made comparable, in words, as `describeNormalization` does it. */
  readonly normalization?: string;
  /** What is listed; stacks if absent. */
  readonly per?: ChangeKind;
  /** How many changes are listed; all if absent. */
  readonly limit?: number;
}

/** An output format of differences. */
export interface DiffRenderer {
  readonly mediaType: string;
  /** What such files end in, without the dot. */
  readonly extension: string;
  readonly render: (compared: ComparedRuns, options: DiffOptions) => Iterable<string | Uint8Array>;
}
