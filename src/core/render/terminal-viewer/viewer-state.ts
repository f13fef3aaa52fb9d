import { type FrameTree, findPath, nameOf, namesTo } from '../../stack/frame-tree.ts';
import { type FlameGraphLayout, layoutFlameGraph } from '../../stack/layout-flame-graph.ts';
import { matchText } from '../../stack/match-text.ts';
import { plainShape, reshapeTree, type TreeShape } from '../../stack/reshape-tree.ts';
import { type SearchResult, searchTree } from '../../stack/search-tree.ts';
import type { RenderOptions } from '../render-options.ts';
import { terminalLayout } from '../terminal-row.ts';

/** Of a terminal, in cells. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** Everything that the viewer in a terminal knows; each event makes a new one. */
export interface ViewerState {
  /** The tree as it was given, and as it is shown. */
  readonly data: FrameTree;
  readonly tree: FrameTree;
  readonly options: RenderOptions;
  readonly size: ScreenSize;
  readonly shape: TreeShape;
  readonly layout: FlameGraphLayout;
  /** The frames zoomed to, one inside the other; the last one fills the width. */
  readonly zooms: readonly number[];
  /** The chosen frame. */
  readonly chosen: number;
  /** How many rows of the graph, or lines of the list, are above the screen. */
  readonly scrolled: number;
  readonly mode: 'graph' | 'search' | 'list' | 'help';
  /** What is searched for, and what is being typed. */
  readonly search: string;
  readonly typed: string;
  readonly found: SearchResult | undefined;
  /** The chosen line of the list of stacks. */
  readonly line: number;
  readonly done: boolean;
}

/** Starts the viewer on a tree. */
export function startViewer(data: FrameTree, options: RenderOptions, size: ScreenSize): ViewerState {
  return withLayout({
    data,
    tree: data,
    options,
    size,
    shape: plainShape,
    zooms: [],
    chosen: 0,
    scrolled: 0,
    mode: 'graph',
    search: '',
    typed: '',
    found: undefined,
    line: 0,
    done: false,
  });
}

/** How many lines the graph or the list has, between two of heading and two of details and keys. */
export function bodyRows(state: Pick<ViewerState, 'size'>): number {
  return Math.max(1, state.size.rows - 4);
}

export function zoomOf(state: Pick<ViewerState, 'zooms'>): number {
  return state.zooms.at(-1) ?? 0;
}

/** The first row of the layout that is drawn: that of the frame zoomed to. */
export function firstRow(state: ViewerState): number {
  return state.tree.depths[zoomOf(state)]!;
}

/** Finds the place in the layout that a node is drawn at, by itself or as part of a chain; -1 if it is not. */
export function placeOfNode(state: ViewerState, node: number): number {
  const { layout, tree } = state;
  for (let row = firstRow(state); row + 1 < layout.rowStarts.length; row++) {
    let inside = -1;
    for (let place = layout.rowStarts[row]!; place < layout.rowStarts[row + 1]!; place++) {
      const first = layout.firsts[place]!;
      if (first <= node && node < tree.subtreeEnds[first]!) inside = place;
    }
    if (inside < 0 || node <= layout.nodes[inside]!) return inside;
  }
  return -1;
}

/** Tells in which row of the layout a place is. */
export function rowOfPlace(layout: FlameGraphLayout, place: number): number {
  let row = 0;
  while (layout.rowStarts[row + 1]! <= place) row++;
  return row;
}

/** Lays the graph out anew, after its tree, zoom or size have changed, and brings the chosen frame into sight. */
export function withLayout(state: Omit<ViewerState, 'layout'>): ViewerState {
  const width = Math.max(10, state.size.columns);
  const layout = layoutFlameGraph(state.tree, { width, zoom: zoomOf(state), ...terminalLayout });
  const laid = { ...state, layout };
  const place = placeOfNode(laid, state.chosen);
  const chosen = place < 0 ? zoomOf(state) : layout.nodes[place]!;
  return scrollToChosen({ ...laid, chosen });
}

/** Shows the tree in another shape; the zoom stays as far as its frames are still there. */
export function withShape(state: ViewerState, shape: TreeShape): ViewerState {
  const tree = reshapeTree(state.data, shape);
  // Upside down nothing is where it was.
  const kept =
    shape.inverted === state.shape.inverted ? findPath(tree, namesTo(state.tree, zoomOf(state))) : 0;
  const zooms = kept === 0 ? [] : [kept];
  const shown = withLayout({ ...state, shape, tree, zooms, chosen: kept, scrolled: 0, line: 0 });
  return { ...shown, found: find(tree, state.search) };
}

/** Searches; an empty text ends the search. */
export function withSearch(state: ViewerState, search: string): ViewerState {
  return { ...state, search, found: find(state.tree, search) };
}

/** Makes a frame the chosen one; zooms to it where it is too narrow to be drawn. */
export function choose(state: ViewerState, node: number): ViewerState {
  const place = placeOfNode(state, node);
  return place < 0 ? zoomTo(state, node) : scrollToChosen({ ...state, chosen: state.layout.nodes[place]! });
}

export function zoomTo(state: ViewerState, node: number): ViewerState {
  if (node === zoomOf(state)) return state;
  // Zooming to a frame around those zoomed to leaves them.
  const around = state.zooms.filter((zoom) => zoom < node && node < state.tree.subtreeEnds[zoom]!);
  const zooms = node === 0 ? [] : [...around, node];
  return withLayout({ ...state, zooms, chosen: node, scrolled: 0 });
}

/** Names the chosen frame. */
export function chosenName(state: ViewerState): string {
  return nameOf(state.tree, state.chosen);
}

function scrollToChosen(state: ViewerState): ViewerState {
  const row = rowOfPlace(state.layout, Math.max(0, placeOfNode(state, state.chosen))) - firstRow(state);
  const rows = bodyRows(state);
  const scrolled = Math.min(row, Math.max(state.scrolled, row - rows + 1));
  return { ...state, scrolled: Math.max(0, scrolled) };
}

function find(tree: FrameTree, search: string): SearchResult | undefined {
  return search === '' ? undefined : searchTree(tree, matchText(search, /\p{Lu}/u.test(search)));
}
