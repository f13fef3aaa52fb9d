import { Chalk, type ChalkInstance } from 'chalk';
import { printable } from '../../base/printable.ts';
import { formatCount } from '../../base/units.ts';
import { namesTo } from '../../stack/frame-tree.ts';
import { describeFrame } from '../describe-frame.ts';
import { formatShare, formatWeight } from '../format-weight.ts';
import { stackLabel } from '../stack-label.ts';
import { stackTable } from '../stack-table.ts';
import { drawRow } from '../terminal-row.ts';
import { cellsOf, truncateCells } from '../text-cells.ts';
import { listedStacks } from './listed-stacks.ts';
import { graphKeys } from './press-key.ts';
import { bodyRows, chosenName, firstRow, placeOfNode, type ViewerState, zoomOf } from './viewer-state.ts';

const filterWords = { focus: 'only', exclude: 'without', hide: 'hidden' } as const;

/** Prints the screen: as many lines as the terminal has rows, none wider than it. */
export function printScreen(state: ViewerState): string[] {
  const chalk = new Chalk({ level: state.options.colorLevel ?? 0 });
  const body = { graph: graphLines, search: graphLines, list: listLines, help: helpLines }[state.mode](
    state,
    chalk,
  );
  const rows = bodyRows(state);
  const blank = Array<string>(Math.max(0, rows - body.length)).fill('');
  const lines = [...headLines(state, chalk), ...body.slice(0, rows), ...blank, ...footLines(state, chalk)];
  return lines.slice(0, Math.max(1, state.size.rows));
}

function headLines(state: ViewerState, chalk: ChalkInstance): string[] {
  const { columns } = state.size;
  const { options, shape, tree } = state;
  const lost = options.lost === undefined || options.lost === 0 ? [] : [`${formatCount(options.lost)} lost`];
  const title = [
    printable(options.title ?? 'Flame graph'),
    formatWeight(tree.totals[0]!, options.unit),
    ...lost,
    ...(shape.inverted ? ['inverted'] : []),
    ...(shape.merged ? ['recursion merged'] : []),
    ...shape.filters.map(({ kind, name }) => `${filterWords[kind]}: ${printable(name)}`),
  ].join(' · ');
  const zoom = zoomOf(state);
  const way = zoom === 0 ? printable(options.subtitle ?? '') : stackLabel(namesTo(tree, zoom), columns);
  return [chalk.bold(truncateCells(title, columns)), chalk.dim(truncateCells(way, columns))];
}

function graphLines(state: ViewerState, chalk: ChalkInstance): string[] {
  const { tree, layout, options, found } = state;
  const start = firstRow(state) + state.scrolled;
  const end = Math.min(layout.rowStarts.length - 1, start + bodyRows(state));
  const look = {
    unit: options.unit,
    chalk,
    chosen: placeOfNode(state, state.chosen),
    ...(found === undefined ? {} : { matchedNames: found.matchedNames }),
  };
  return Array.from({ length: Math.max(0, end - start) }, (_, index) =>
    drawRow(tree, layout, start + index, look),
  );
}

function listLines(state: ViewerState, chalk: ChalkInstance): string[] {
  const nodes = listedStacks(state);
  if (nodes.length === 0) return [truncateCells('There are no stacks.', state.size.columns)];
  const lines = stackTable(state.tree, nodes, state.options.unit, state.size.columns - 2);
  return lines
    .map((line, index) => (index === state.line ? chalk.inverse(`> ${line}`) : `  ${line}`))
    .slice(state.scrolled);
}

function helpLines(state: ViewerState): string[] {
  const names = graphKeys.map(({ keys }) => keys.map((key) => (key === ' ' ? 'Space' : key)).join(' '));
  const cells = Math.max(...names.map((name) => name.length));
  const lines = graphKeys.map(({ label }, index) => `${names[index]!.padEnd(cells)}  ${label}`);
  lines.push(`${'Click'.padEnd(cells)}  Choose; again: zoom`);
  // In as many columns as it takes for all to be on the screen.
  const rows = bodyRows(state);
  const columns = Array.from({ length: Math.ceil(lines.length / rows) }, (_, column) =>
    lines.slice(column * rows, (column + 1) * rows),
  );
  const widths = columns.map((column) => Math.max(...column.map((line) => line.length)) + 2);
  return columns[0]!.map((_, row) => {
    const parts = columns.map((column, index) => (column[row] ?? '').padEnd(widths[index]!));
    return truncateCells(parts.join('').trimEnd(), state.size.columns);
  });
}

function footLines(state: ViewerState, chalk: ChalkInstance): string[] {
  const { columns } = state.size;
  const { tree, options, found } = state;
  const name = printable(chosenName(state));
  const facts = describeFrame(tree, state.chosen, zoomOf(state), options.unit);
  const matches =
    found === undefined
      ? ''
      : `/${printable(state.search)}: ${formatCount(found.nodes.length)} found, ${formatWeight(found.weight, options.unit)} ${formatShare(found.weight, tree.totals[0]!)}`;
  const keys = {
    graph:
      matches === ''
        ? 'Enter zoom · Esc back · / search · i invert · t stacks · ? keys · q quit'
        : `${matches} · n N next, previous · Esc ends`,
    search: `/${printable(state.typed)}_`,
    list: 'j k choose · Enter shows it in the graph · t or Esc back · q quit',
    help: 'Any key goes back',
  }[state.mode];
  // The name gives way to the facts: it is in the graph as well.
  const room = Math.max(8, columns - cellsOf(facts) - 3);
  return [
    truncateCells(`${truncateCells(name, room)} · ${facts}`, columns),
    chalk.dim(truncateCells(keys, columns)),
  ];
}
