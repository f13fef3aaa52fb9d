import { topStacks } from '../top-stacks.ts';
import { type ViewerState, zoomOf } from './viewer-state.ts';

/** How many stacks the list has at most. */
const LISTED = 200;

/** Lists the heaviest stacks through the frame zoomed to. */
export function listedStacks(state: ViewerState): number[] {
  return topStacks(state.tree, LISTED, zoomOf(state));
}
