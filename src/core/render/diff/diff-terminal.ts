import { Chalk } from 'chalk';
import { printable } from '../../base/printable.ts';
import { formatCount } from '../../base/units.ts';
import type { ComparedRuns } from '../../compare/compare-runs.ts';
import { nodeDelta } from '../../stack/diff-trees.ts';
import { layoutFlameGraph } from '../../stack/layout-flame-graph.ts';
import { formatWeight } from '../format-weight.ts';
import { stepOf, wholeOf } from '../frame-look.ts';
import { DIFF_STEPS, darkTheme } from '../palette.ts';
import { drawRow, terminalLayout } from '../terminal-row.ts';
import { truncateCells } from '../text-cells.ts';
import { describeComparison, signedChange } from './describe-comparison.ts';
import type { DiffOptions } from './diff-options.ts';
import { renderDiffTable } from './diff-table.ts';

/** How many of the largest changes are listed where the height does not limit it. */
const TOP_CHANGES = 10;
/** Lines of the list besides its changes: two blank or of heading, and a note. */
const LIST_FRAME = 3;

/**
 * Draws a difference as text, each frame as wide as the wider of its sides, with its change by sign and colour; the
 * lines left over list the largest changes.
 */
export function* renderDiffTerminal(compared: ComparedRuns, options: DiffOptions): Generator<string> {
  const { diff } = compared;
  const width = Math.max(10, Math.floor(options.width ?? 80));
  const height = options.height === undefined ? Number.POSITIVE_INFINITY : Math.floor(options.height);
  const chalk = new Chalk({ level: options.colorLevel ?? 0 });
  const whole = wholeOf(diff);
  const [title, ...notes] = [options.title ?? 'Difference', ...describeComparison(compared, options)];
  const lines = [
    chalk.bold(truncateCells(printable(title!), width)),
    ...notes.map((note) => chalk.dim(truncateCells(printable(note), width))),
  ];
  const layout = layoutFlameGraph(diff.tree, { width, ...terminalLayout });
  const look = {
    unit: options.unit,
    chalk,
    frame: {
      fillOf: (node: number) => {
        const step = stepOf(nodeDelta(diff, node).total, whole);
        return { fill: darkTheme.steps[step + DIFF_STEPS]!, sign: Math.sign(step) };
      },
      factsOf: (node: number) => {
        const { total, kind } = nodeDelta(diff, node);
        if (total === 0) return ['='];
        const word = kind === 'new' ? 'new ' : kind === 'vanished' ? 'gone ' : '';
        const size = `${total < 0 ? '-' : '+'}${formatWeight(Math.abs(total), options.unit)}`;
        const before = kind === 'both' ? diff.beforeTotals[node]! : 0;
        return [`${word}${signedChange(total, before, options.unit)}`, `${word}${size}`, size];
      },
    },
  };
  const rowCount = layout.rowStarts.length - 1;
  const room = Math.max(1, height - lines.length);
  const shown = rowCount <= room ? rowCount : Math.max(1, room - 1);
  for (let row = 0; row < shown; row++) lines.push(drawRow(diff.tree, layout, row, look));
  if (shown < rowCount)
    lines.push(chalk.dim(truncateCells(`… ${formatCount(rowCount - shown)} more rows below`, width)));
  const limit = Math.min(TOP_CHANGES, height - lines.length - LIST_FRAME);
  if (limit > 0) {
    const table = [...renderDiffTable(compared, { ...options, width, limit })].map((line) =>
      line.slice(0, -1),
    );
    lines.push('', ...table.slice(notes.length));
  }
  yield `${lines.join('\n')}\n`;
}
