import { printable } from '../../core/base/printable.ts';
import { nameOf, namesTo } from '../../core/stack/frame-tree.ts';
import { printFolded } from '../../core/stack/print-folded.ts';
import type { Viewer } from './viewer.ts';

/** What can be done to a frame, in the order of its menu. */
export interface FrameCommand {
  readonly label: string;
  readonly key: string;
  readonly run: (viewer: Viewer, node: number) => void;
}

/** What can be done to the whole graph. */
export interface GraphCommand {
  readonly label: string;
  readonly key: string;
  readonly run: (viewer: Viewer) => void;
}

export const frameCommands: readonly FrameCommand[] = [
  { label: 'Zoom', key: 'Enter', run: (viewer, node) => viewer.zoomTo(node) },
  { label: 'Only stacks with it', key: 'f', run: (viewer, node) => viewer.addFilter('focus', node) },
  { label: 'Without its stacks', key: 'x', run: (viewer, node) => viewer.addFilter('exclude', node) },
  { label: 'Hide the frame', key: 'h', run: (viewer, node) => viewer.addFilter('hide', node) },
  {
    label: 'Copy name',
    key: 'c',
    run: (viewer, node) => viewer.copy(printable(nameOf(viewer.graph.tree, node)), 'the name'),
  },
  {
    label: 'Copy stack',
    key: 's',
    run: (viewer, node) => {
      const names = namesTo(viewer.graph.tree, node).map(printable);
      viewer.copy(names.join(';'), 'the stack');
    },
  },
  {
    label: 'Copy all below, folded',
    key: 'b',
    run: (viewer, node) =>
      viewer.copy([...printFolded(viewer.graph.tree, node)].join(''), 'the folded stacks'),
  },
];

export const graphCommands: readonly GraphCommand[] = [
  { key: 'ArrowUp', label: 'To the caller', run: (viewer) => viewer.move('up') },
  { key: 'ArrowDown', label: 'To the heaviest callee', run: (viewer) => viewer.move('down') },
  { key: 'ArrowLeft', label: 'To the frame on the left', run: (viewer) => viewer.move('left') },
  { key: 'ArrowRight', label: 'To the frame on the right', run: (viewer) => viewer.move('right') },
  { key: 'Home', label: 'To the root', run: (viewer) => viewer.goTo(0) },
  { key: '/', label: 'Search', run: (viewer) => viewer.bar.search.focus() },
  { key: 'n', label: 'Next match, the heaviest first', run: (viewer) => viewer.goToMatch(1) },
  { key: 'N', label: 'Previous match', run: (viewer) => viewer.goToMatch(-1) },
  {
    key: 'i',
    label: 'Invert',
    run: (viewer) => viewer.update({ inverted: !viewer.state.inverted, zoom: [] }),
  },
  { key: 'r', label: 'Merge recursion', run: (viewer) => viewer.update({ merged: !viewer.state.merged }) },
  { key: 'Escape', label: 'Clear the search, then zoom out', run: (viewer) => viewer.stepBack() },
  { key: '0', label: 'Reset', run: (viewer) => viewer.reset() },
  { key: '?', label: 'This list', run: (viewer) => viewer.help() },
];
