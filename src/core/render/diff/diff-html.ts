import type { ComparedRuns } from '../../compare/compare-runs.ts';
import { htmlPage } from '../html.ts';
import type { DiffOptions } from './diff-options.ts';
import { drawDiffPicture } from './diff-svg.ts';

/** Draws a difference as one HTML page that needs nothing else, and that may load nothing else. */
export function renderDiffHtml(compared: ComparedRuns, options: DiffOptions): Iterable<string | Uint8Array> {
  return htmlPage(drawDiffPicture(compared, options));
}
