import { formatCount } from '../base/units.ts';
import type { FrameTree } from '../stack/frame-tree.ts';
import { keepTop, SMALLER_NAME } from '../stack/keep-top.ts';
import { layoutFlameGraph } from '../stack/layout-flame-graph.ts';
import { searchTree } from '../stack/search-tree.ts';
import { encodeTree } from './encode-tree.ts';
import { formatShare, formatWeight } from './format-weight.ts';
import { plainLook } from './frame-look.ts';
import { lostNote } from './lost-note.ts';
import type { RenderOptions } from './render-options.ts';
import { DEFAULT_WIDTH, type Picture, svgDocument } from './svg-document.ts';
import { drawFrames, PLOT_SHARE } from './svg-frames.ts';

/** How many frames a picture carries unless told: about 5 MB. */
export const MAX_FRAMES = 1_500_000;

/**
 * Draws a flame graph as one SVG file, the root on top: a static picture of the frames of a pixel and more, the whole
 * tree as data, and a script that makes it interactive where scripts run. Nothing is fetched, the same tree gives the
 * same bytes, and any name gives valid XML.
 */
export function renderSvg(tree: FrameTree, options: RenderOptions): Iterable<string | Uint8Array> {
  return svgDocument(drawPicture(tree, options));
}

/** Draws what a picture of a tree is made of. */
export function drawPicture(tree: FrameTree, options: RenderOptions): Picture {
  const carried = keepTop(tree, options.maxFrames ?? MAX_FRAMES);
  const width = options.width ?? DEFAULT_WIDTH;
  const plotWidth = width * PLOT_SHARE;
  const layout = layoutFlameGraph(carried, { width: plotWidth });
  const title = options.title ?? 'Flame graph';
  const total = formatWeight(tree.totals[0]!, options.unit);
  return {
    facts: { title, unit: options.unit },
    summary: `${title}: ${total} in ${formatCount(tree.totals.length - 1)} frames`,
    notes: [
      ...(options.subtitle === undefined ? [] : [options.subtitle]),
      [
        `${total} in ${formatCount(tree.totals.length - 1)} frames`,
        ...lostNote(options),
        ...carriedNote(tree, carried),
        ...(layout.droppedFrames === 0
          ? []
          : [
              `${formatCount(layout.droppedFrames)} under a pixel wide (${formatShare(layout.droppedShare, 1)}) show when zoomed`,
            ]),
      ].join(' · '),
    ],
    width,
    rows: layout.rowStarts.length - 1,
    frames: drawFrames(carried, layout, plotWidth, plainLook(carried, options.unit)),
    trees: [encodeTree(carried)],
  };
}

function carriedNote(tree: FrameTree, carried: FrameTree): string[] {
  if (carried === tree) return [];
  const merged = tree.totals.length - carried.totals.length;
  const weight = smallerWeight(carried) - smallerWeight(tree);
  return [`the ${formatCount(merged)} smallest are merged (${formatShare(weight, tree.totals[0]!)})`];
}

function smallerWeight(tree: FrameTree): number {
  return searchTree(tree, (name) => name === SMALLER_NAME).weight;
}
