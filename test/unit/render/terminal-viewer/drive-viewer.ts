import { stripVTControlCharacters } from 'node:util';
import type { RenderOptions } from '../../../../src/core/render/render-options.ts';
import { pressKey } from '../../../../src/core/render/terminal-viewer/press-key.ts';
import { printScreen } from '../../../../src/core/render/terminal-viewer/print-screen.ts';
import { startViewer, type ViewerState } from '../../../../src/core/render/terminal-viewer/viewer-state.ts';
import { type FrameTree, namesTo } from '../../../../src/core/stack/frame-tree.ts';
import { treeOf } from '../../stack/stacks.ts';

/** A tree in which each frame has room in 80 columns, but for `tiny`. */
export const sampleTree = treeOf({
  'dd;entry;read;schedule': 400_000,
  'dd;entry;write;write;write;schedule': 300_000,
  'dd;entry;write;other': 100_000,
  'sh;entry;wait;schedule': 150_000,
  'sh;idle': 49_000,
  'sh;tiny': 1000,
});

export function openViewer(tree: FrameTree = sampleTree, options: Partial<RenderOptions> = {}): ViewerState {
  return startViewer(tree, { unit: 'ns', title: 'Off-CPU time', ...options }, { columns: 80, rows: 24 });
}

/** Presses keys one after the other. */
export function press(state: ViewerState, ...keys: string[]): ViewerState {
  return keys.reduce(pressKey, state);
}

/** The stack of the chosen frame. */
export function chosenStack(state: ViewerState): string {
  return namesTo(state.tree, state.chosen).join(';');
}

export function screenOf(state: ViewerState): string {
  return `${stripVTControlCharacters(printScreen(state).join('\n'))}\n`;
}
