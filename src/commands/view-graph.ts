import {
  type FrameTree,
  pressKey,
  pressMouse,
  printScreen,
  type RenderOptions,
  resizeViewer,
  startViewer,
} from '../core/index.ts';
import { runOnScreen } from './run-on-screen.ts';

/** Shows a tree in the terminal until the user is done. Throws `usage` where there is no terminal. */
export function viewGraph(tree: FrameTree, options: RenderOptions): Promise<void> {
  return runOnScreen((size) => {
    let state = startViewer(tree, options, size);
    return {
      lines: () => printScreen(state),
      take: (event) => {
        state = 'key' in event ? pressKey(state, event.key) : pressMouse(state, event.mouse);
      },
      resize: (changed) => {
        state = resizeViewer(state, changed);
      },
      get isDone() {
        return state.done;
      },
    };
  }, '--format text draws it as plain text');
}
