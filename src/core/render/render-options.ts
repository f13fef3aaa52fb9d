import type { FrameTree } from '../stack/frame-tree.ts';
import type { WeightUnit } from '../stack/weight-unit.ts';

/** What every renderer takes; each uses what it can show. */
export interface RenderOptions {
  /** What the weights are. */
  readonly unit: WeightUnit;
  readonly title?: string;
  /** Says where the stacks come from: filters, hosts, times. */
  readonly subtitle?: string;
  /** How many events could not be recorded; shown unless 0. */
  readonly lost?: number;
  /** Of the picture: in pixels for svg and html (1200 if absent), in cells for text (80 if absent). */
  readonly width?: number;
  /** In lines, for text: as many as the terminal has; as many as it takes if absent. */
  readonly height?: number;
  /** For text, as chalk counts: 0 none, 1 sixteen, 2 256, 3 all colours; 0 if absent. */
  readonly colorLevel?: 0 | 1 | 2 | 3;
  /** How many frames svg and html carry at most, the heaviest ones; 1,000,000 if absent. */
  readonly maxFrames?: number;
}

/** An output format. */
export interface Renderer {
  readonly mediaType: string;
  /** What such files end in, without the dot. */
  readonly extension: string;
  /** Draws or prints the tree, in chunks to be written one after the other. */
  readonly render: (tree: FrameTree, options: RenderOptions) => Iterable<string | Uint8Array>;
}
