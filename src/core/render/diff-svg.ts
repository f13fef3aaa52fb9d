import { type DiffTree, diffTrees, type Normalization, nodeDelta } from '../stack/diff-trees.ts';
import type { FrameTree } from '../stack/frame-tree.ts';
import { layoutFlameGraph } from '../stack/layout-flame-graph.ts';
import { encodeTree } from './encode-tree.ts';
import { formatShare, formatWeight } from './format-weight.ts';
import { diffLook, STEP_SHARES } from './frame-look.ts';
import { DIFF_STEPS } from './palette.ts';
import type { RenderOptions } from './render-options.ts';
import { lostNote } from './svg.ts';
import { DEFAULT_WIDTH, svgDocument } from './svg-document.ts';
import { drawFrames, PLOT_SHARE } from './svg-frames.ts';
import { stepClass } from './svg-style.ts';

/** Pixels of a step in the legend. */
const SWATCH = 44;

/**
 * Draws two trees laid over each other as one SVG file: each frame is as wide as the wider of its sides, coloured by the
 * change of all that is in it, blue for less and orange for more. What vanished stays, and is marked.
 */
export function* renderDiffSvg(
  before: FrameTree,
  after: FrameTree,
  options: RenderOptions & { readonly normalize?: Normalization },
): Generator<string | Uint8Array> {
  const diff = diffTrees(before, after, { normalize: options.normalize ?? 'none' });
  const width = options.width ?? DEFAULT_WIDTH;
  const plotWidth = width * PLOT_SHARE;
  const layout = layoutFlameGraph(diff.tree, { width: plotWidth });
  const title = options.title ?? 'Difference flame graph';
  const change = changeNote(diff, options);
  yield* svgDocument({
    facts: { title, unit: options.unit, beforeScale: diff.beforeScale },
    summary: `${title}: ${change}`,
    notes: [
      ...(options.subtitle === undefined ? [] : [options.subtitle]),
      [change, scaleNote(diff), ...lostNote(options)].join(' · '),
    ],
    legend: { markup: legendMarkup(), height: 26 },
    width,
    rows: layout.rowStarts.length - 1,
    frames: drawFrames(diff.tree, layout, plotWidth, diffLook(diff)),
    trees: [encodeTree(before), encodeTree(after)],
  });
}

function changeNote(diff: DiffTree, options: RenderOptions): string {
  const before = diff.beforeTotals[0]!;
  const { total } = nodeDelta(diff, 0);
  const weights = `${formatWeight(before, options.unit)} → ${formatWeight(diff.afterTotals[0]!, options.unit)}`;
  if (total === 0) return `${weights} (no change)`;
  const sign = total < 0 ? '-' : '+';
  const size = Math.abs(total);
  return `${weights} (${sign}${formatWeight(size, options.unit)}, ${sign}${formatShare(size, before)})`;
}

function scaleNote(diff: DiffTree): string {
  const factor = Number(diff.beforeScale.toPrecision(4));
  if (diff.normalization === 'none') return 'not normalised';
  if (diff.normalization === 'total') return `normalised by total: before × ${factor}`;
  return `normalised: before × ${factor}`;
}

function legendMarkup(): string {
  const swatches: string[] = [];
  const steps = ['', ...STEP_SHARES.map((share) => formatShare(share, 1))];
  for (let step = -DIFF_STEPS; step <= DIFF_STEPS; step++) {
    const x = (step + DIFF_STEPS) * SWATCH;
    const label = step === 0 ? '=' : `${step < 0 ? '-' : '+'}${steps[Math.abs(step)]}`;
    swatches.push(`<rect class="${stepClass(step)}" x="${x}" width="${SWATCH}" height="17"/>`);
    swatches.push(`<text x="${x + SWATCH / 2}" y="12" text-anchor="middle">${label}</text>`);
  }
  const textX = (2 * DIFF_STEPS + 1) * SWATCH + 8;
  return `${swatches.join('')}<text class="note" x="${textX}" y="13">and more, of the larger total</text>`;
}
