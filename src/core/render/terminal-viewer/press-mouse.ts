import { wholeCells } from '../terminal-row.ts';
import { scroll } from './press-key.ts';
import { bodyRows, choose, firstRow, type ViewerState, zoomTo } from './viewer-state.ts';

/** What the mouse did, in cells from the upper left corner, which is 0, 0. */
export interface MouseEvent {
  readonly kind: 'press' | 'wheel-up' | 'wheel-down';
  readonly column: number;
  readonly row: number;
}

/** How many rows the wheel moves at a time. */
const WHEEL_ROWS = 3;
/** The lines of heading above the graph. */
const HEAD_ROWS = 2;

/** Answers the mouse: a press chooses a frame, on the chosen one it zooms, on the heading it zooms out. */
export function pressMouse(state: ViewerState, event: MouseEvent): ViewerState {
  if (state.mode !== 'graph') return state;
  if (event.kind !== 'press') return scroll(state, event.kind === 'wheel-up' ? -WHEEL_ROWS : WHEEL_ROWS);
  if (event.row < HEAD_ROWS) return zoomTo(state, state.zooms.at(-2) ?? 0);
  if (event.row >= HEAD_ROWS + bodyRows(state)) return state;
  const { layout } = state;
  const row = event.row - HEAD_ROWS + state.scrolled + firstRow(state);
  for (let place = layout.rowStarts[row] ?? 0; place < (layout.rowStarts[row + 1] ?? 0); place++) {
    const [x, cells] = wholeCells(layout.xs[place]!, layout.widths[place]!);
    if (event.column < x || event.column >= x + cells) continue;
    const node = layout.nodes[place]!;
    return node === state.chosen ? zoomTo(state, node) : choose(state, node);
  }
  return state;
}
