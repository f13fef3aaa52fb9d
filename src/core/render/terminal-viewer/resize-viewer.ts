import { type ScreenSize, type ViewerState, withLayout } from './viewer-state.ts';

/** Answers a terminal that has another size. */
export function resizeViewer(state: ViewerState, size: ScreenSize): ViewerState {
  return withLayout({ ...state, size });
}
