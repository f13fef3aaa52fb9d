import type { ComparedRuns } from '../../compare/compare-runs.ts';
import { layoutFlameGraph } from '../../stack/layout-flame-graph.ts';
import { encodeTree } from '../encode-tree.ts';
import { formatShare } from '../format-weight.ts';
import { diffLook, STEP_SHARES } from '../frame-look.ts';
import { DIFF_STEPS } from '../palette.ts';
import { DEFAULT_WIDTH, type Picture, svgDocument } from '../svg-document.ts';
import { drawFrames, PLOT_SHARE } from '../svg-frames.ts';
import { stepClass } from '../svg-style.ts';
import { changeNote, describeComparison } from './describe-comparison.ts';
import type { DiffOptions } from './diff-options.ts';

/** Pixels of a step in the legend. */
const SWATCH = 44;

/**
 * Draws two trees laid over each other as one SVG file: each frame is as wide as the wider of its sides, coloured by the
 * change of all that is in it, blue for less and orange for more. What vanished stays, and is marked.
 */
export function renderDiffSvg(compared: ComparedRuns, options: DiffOptions): Iterable<string | Uint8Array> {
  return svgDocument(drawDiffPicture(compared, options));
}

/** Draws what a picture of a difference is made of. */
export function drawDiffPicture(compared: ComparedRuns, options: DiffOptions): Picture {
  const { diff, before, after, beforeScale } = compared;
  const width = options.width ?? DEFAULT_WIDTH;
  const plotWidth = width * PLOT_SHARE;
  const layout = layoutFlameGraph(diff.tree, { width: plotWidth });
  const title = options.title ?? 'Difference flame graph';
  return {
    facts: { title, unit: options.unit, beforeScale },
    summary: `${title}: ${changeNote(compared, options.unit)}`,
    notes: describeComparison(compared, options),
    legend: { markup: legendMarkup(), height: 26 },
    width,
    rows: layout.rowStarts.length - 1,
    frames: drawFrames(diff.tree, layout, plotWidth, diffLook(diff)),
    trees: [encodeTree(before), encodeTree(after)],
  };
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
