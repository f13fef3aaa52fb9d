import { parentOf } from '../../stack/frame-tree.ts';
import type { FrameFilter } from '../../stack/reshape-tree.ts';
import { plainShape } from '../../stack/reshape-tree.ts';
import { listedStacks } from './listed-stacks.ts';
import {
  bodyRows,
  choose,
  chosenName,
  firstRow,
  placeOfNode,
  rowOfPlace,
  type ViewerState,
  withSearch,
  withShape,
  zoomOf,
  zoomTo,
} from './viewer-state.ts';

/** What a key does, and the keys that do it, the first of them shown in the list of keys. */
export interface KeyBinding {
  readonly keys: readonly string[];
  readonly label: string;
  readonly run: (state: ViewerState) => ViewerState;
}

/** The keys of the graph, as vi has them where it has them. */
export const graphKeys: readonly KeyBinding[] = [
  { keys: ['j', 'Down'], label: 'To the heaviest callee', run: (state) => toCallee(state) },
  { keys: ['k', 'Up'], label: 'To the caller', run: (state) => toCaller(state) },
  { keys: ['h', 'Left'], label: 'To the left', run: (state) => beside(state, -1) },
  { keys: ['l', 'Right'], label: 'To the right', run: (state) => beside(state, 1) },
  { keys: ['Enter', ' '], label: 'Zoom', run: (state) => zoomTo(state, state.chosen) },
  {
    keys: ['Esc', 'u', 'Backspace'],
    label: 'End search, or zoom out',
    run: (state) => stepBack(state),
  },
  {
    keys: ['g', 'Home'],
    label: 'To what is zoomed to',
    run: (state) => choose(state, zoomOf(state)),
  },
  { keys: ['PageDown', 'Ctrl-d'], label: 'Scroll down', run: (state) => scroll(state, bodyRows(state) >> 1) },
  { keys: ['PageUp', 'Ctrl-u'], label: 'Scroll up', run: (state) => scroll(state, -(bodyRows(state) >> 1)) },
  {
    keys: ['/'],
    label: 'Search, by expression',
    run: (state) => ({ ...state, mode: 'search', typed: '' }),
  },
  { keys: ['n'], label: 'Next match by weight', run: (state) => toMatch(state, 1) },
  { keys: ['N'], label: 'Previous match', run: (state) => toMatch(state, -1) },
  { keys: ['i'], label: 'Invert', run: (state) => turn(state, { inverted: !state.shape.inverted }) },
  { keys: ['r'], label: 'Merge recursion', run: (state) => turn(state, { merged: !state.shape.merged }) },
  { keys: ['f'], label: 'Only its stacks', run: (state) => filter(state, 'focus') },
  { keys: ['x'], label: 'Without its stacks', run: (state) => filter(state, 'exclude') },
  { keys: ['H'], label: 'Hide the frame', run: (state) => filter(state, 'hide') },
  { keys: ['0'], label: 'Reset', run: (state) => withShape(withSearch(zoomTo(state, 0), ''), plainShape) },
  { keys: ['t'], label: 'List heaviest stacks', run: (state) => openList(state) },
  { keys: ['?'], label: 'This list', run: (state) => ({ ...state, mode: 'help' }) },
  { keys: ['q', 'Ctrl-c'], label: 'Quit', run: (state) => ({ ...state, done: true }) },
];

/** Answers a key, named as in `graphKeys`; a printing character is its own name. */
export function pressKey(state: ViewerState, key: string): ViewerState {
  if (key === 'Ctrl-c') return { ...state, done: true };
  if (state.mode === 'search') return type(state, key);
  if (state.mode === 'list') return pressInList(state, key);
  if (state.mode === 'help') return { ...state, mode: 'graph' };
  const binding = graphKeys.find(({ keys }) => keys.includes(key));
  return binding === undefined ? state : binding.run(state);
}

/** Moves what is shown by some lines; the chosen frame stays, and may leave the screen. */
export function scroll(state: ViewerState, lines: number): ViewerState {
  const rowCount = state.layout.rowStarts.length - 1 - firstRow(state);
  const most = Math.max(0, rowCount - bodyRows(state));
  return { ...state, scrolled: Math.max(0, Math.min(most, state.scrolled + lines)) };
}

function type(state: ViewerState, key: string): ViewerState {
  if (key === 'Esc') return { ...state, mode: 'graph', typed: '' };
  if (key === 'Enter') {
    const searched = withSearch({ ...state, mode: 'graph', typed: '' }, state.typed);
    return toMatch(searched, 1);
  }
  if (key === 'Backspace') return { ...state, typed: [...state.typed].slice(0, -1).join('') };
  return [...key].length === 1 ? { ...state, typed: state.typed + key } : state;
}

function openList(state: ViewerState): ViewerState {
  return { ...state, mode: 'list', line: 0, scrolled: 0 };
}

function pressInList(state: ViewerState, key: string): ViewerState {
  const nodes = listedStacks(state);
  const page = bodyRows(state);
  const steps: Readonly<Record<string, number>> = {
    j: 1,
    Down: 1,
    k: -1,
    Up: -1,
    PageDown: page,
    'Ctrl-d': page >> 1,
    PageUp: -page,
    'Ctrl-u': -(page >> 1),
    g: -nodes.length,
    Home: -nodes.length,
    G: nodes.length,
    End: nodes.length,
  };
  if (key === 'q') return { ...state, done: true };
  if (key === 't' || key === 'Esc') return { ...state, mode: 'graph', scrolled: 0 };
  const node = nodes[state.line];
  if (key === 'Enter' && node !== undefined) return choose({ ...state, mode: 'graph', scrolled: 0 }, node);
  const line = Math.max(0, Math.min(nodes.length - 1, state.line + (steps[key] ?? 0)));
  const scrolled = Math.min(line, Math.max(state.scrolled, line - page + 1));
  return { ...state, line, scrolled };
}

function toCallee(state: ViewerState): ViewerState {
  const { layout } = state;
  const place = placeOfNode(state, state.chosen);
  const row = rowOfPlace(layout, place);
  // The heaviest comes first: it starts where its caller does.
  for (let below = layout.rowStarts[row + 1]!; below < (layout.rowStarts[row + 2] ?? 0); below++) {
    const first = layout.firsts[below]!;
    if (first > state.chosen && first < state.tree.subtreeEnds[state.chosen]!)
      return choose(state, layout.nodes[below]!);
  }
  return state;
}

function toCaller(state: ViewerState): ViewerState {
  const first = state.layout.firsts[placeOfNode(state, state.chosen)]!;
  const caller = parentOf(state.tree, first);
  if (caller < 0) return state;
  return state.chosen === zoomOf(state) ? zoomTo(state, caller) : choose(state, caller);
}

function beside(state: ViewerState, step: 1 | -1): ViewerState {
  const { layout } = state;
  const place = placeOfNode(state, state.chosen);
  const row = rowOfPlace(layout, place);
  const next = place + step;
  const inRow = next >= layout.rowStarts[row]! && next < layout.rowStarts[row + 1]!;
  return inRow ? choose(state, layout.nodes[next]!) : state;
}

function stepBack(state: ViewerState): ViewerState {
  if (state.found !== undefined) return withSearch(state, '');
  return state.zooms.length === 0 ? state : zoomTo(state, state.zooms.at(-2) ?? 0);
}

function toMatch(state: ViewerState, step: 1 | -1): ViewerState {
  const { totals } = state.tree;
  const nodes = [...(state.found?.nodes ?? [])].sort((a, b) => totals[b]! - totals[a]! || a - b);
  if (nodes.length === 0) return state;
  const place = placeOfNode(state, state.chosen);
  // The chosen frame may stand for a chain in which the match is not the last.
  const isHere = (node: number) => node >= state.layout.firsts[place]! && node <= state.chosen;
  const at = step === 1 ? nodes.findLastIndex(isHere) : nodes.findIndex(isHere);
  const next = at < 0 ? (step === 1 ? 0 : nodes.length - 1) : (at + step + nodes.length) % nodes.length;
  return choose(state, nodes[next]!);
}

function turn(state: ViewerState, change: Partial<ViewerState['shape']>): ViewerState {
  return withShape(state, { ...state.shape, ...change });
}

function filter(state: ViewerState, kind: FrameFilter['kind']): ViewerState {
  if (state.chosen === 0) return state;
  return turn(state, { filters: [...state.shape.filters, { kind, name: chosenName(state) }] });
}
