import { expect, test } from 'vitest';
import { zoomOf } from '../../../../src/core/render/terminal-viewer/viewer-state.ts';
import { nameOf } from '../../../../src/core/stack/frame-tree.ts';
import { chosenStack, openViewer, press, screenOf } from './drive-viewer.ts';

const zoomName = (state: ReturnType<typeof openViewer>) => nameOf(state.tree, zoomOf(state));

test('the arrows and vi keys move along the graph; a chain is one step', () => {
  let state = press(openViewer(), 'j');
  expect(chosenStack(state)).toBe('dd');
  state = press(state, 'Down');
  expect(chosenStack(state)).toBe('dd;entry');
  state = press(state, 'j');
  expect(chosenStack(state)).toBe('dd;entry;read;schedule');
  state = press(state, 'l');
  expect(chosenStack(state)).toBe('dd;entry;write');
  expect(press(state, 'l')).toBe(state);
  expect(chosenStack(press(state, 'h', 'Up'))).toBe('dd;entry');
  expect(chosenStack(press(state, 'k', 'l', 'Right'))).toBe('sh;idle');
  expect(chosenStack(press(state, 'k', 'k', 'k', 'k'))).toBe('');
  expect(chosenStack(press(state, 'g'))).toBe('');
});

test('zooms in, and out as it came in', () => {
  const inner = press(openViewer(), 'j', 'Enter', 'j', 'j', 'l', ' ');
  expect(zoomName(inner)).toBe('write');
  expect(screenOf(inner).split('\n')[1]).toBe('dd > entry > write');
  expect(zoomName(press(inner, 'Esc'))).toBe('dd');
  expect(zoomName(press(inner, 'u', 'u'))).toBe('root');
  expect(press(inner, 'u', 'u', 'u').zooms).toEqual([]);
  // Up from what fills the screen shows its caller.
  expect(zoomName(press(inner, 'k'))).toBe('entry');
});

test('search takes a regular expression, marks what it finds, and goes through it by weight', () => {
  const state = press(openViewer(), '/', ...'wait|sched', 'x', 'Backspace', 'Enter');
  expect(state.search).toBe('wait|sched');
  expect(screenOf(state)).toContain('/wait|sched: 4 found, 850 us 85% · n N next, previous');
  expect(chosenStack(state)).toBe('dd;entry;read;schedule');
  expect(chosenStack(press(state, 'n'))).toContain('write;schedule');
  expect(chosenStack(press(state, 'n', 'n'))).toContain('sh;');
  expect(chosenStack(press(state, 'n', 'n', 'n'))).toBe('dd;entry;read;schedule');
  expect(chosenStack(press(state, 'N'))).toContain('sh;');
  expect(press(state, 'Esc').found).toBeUndefined();
  expect(press(openViewer(), '/', 'a', 'Esc').search).toBe('');
});

test('a search with a capital letter matches case, and one that is no expression matches itself', () => {
  expect(press(openViewer(), '/', ...'Read', 'Enter').found?.nodes).toEqual([]);
  expect(press(openViewer(), '/', ...'READ', 'Backspace', 'Enter').found?.nodes).toEqual([]);
  expect(press(openViewer(), '/', ...'read', 'Enter').found?.nodes).toHaveLength(1);
  expect(press(openViewer(), '/', '(', 'Enter').found?.nodes).toEqual([]);
});

test('a match too narrow to be drawn is zoomed to', () => {
  const state = press(openViewer(), '/', ...'tiny', 'Enter');
  expect(chosenStack(state)).toBe('sh;tiny');
  expect(zoomName(state)).toBe('tiny');
});

test('inverts and merges recursion, and back', () => {
  const inverted = press(openViewer(), 'i', 'j');
  expect(chosenStack(inverted)).toBe('schedule');
  expect(inverted.tree.totals[inverted.chosen]).toBe(850_000);
  expect(press(inverted, 'i').tree).toEqual(openViewer().tree);
  const merged = press(openViewer(), 'r');
  expect(merged.tree.nameIds.length).toBe(openViewer().tree.nameIds.length - 2);
  expect(screenOf(merged)).toContain('recursion merged');
});

test('filters by the chosen frame, keeps the zoom, and resets', () => {
  const zoomed = press(openViewer(), 'j', 'Enter', 'j', 'j', 'l');
  const without = press(zoomed, 'x');
  expect(without.tree.totals[0]).toBe(600_000);
  expect(zoomName(without)).toBe('dd');
  expect(screenOf(without)).toContain('without: write');
  expect(press(zoomed, 'f').tree.totals[0]).toBe(400_000);
  expect(press(zoomed, 'H').tree.names).not.toContain('write');
  const reset = press(without, '0');
  expect(reset.tree).toEqual(openViewer().tree);
  expect(zoomName(reset)).toBe('root');
  expect(press(openViewer(), 'x').tree.totals[0]).toBe(1_000_000);
});

test('lists the heaviest stacks, and shows the one that is chosen in the graph', () => {
  const list = press(openViewer(), 't');
  expect(screenOf(list).split('\n')[2]).toBe('> 400 us  40% dd > entry > read > schedule');
  const shown = press(list, 'j', 'j', 'k', 'Enter');
  expect(shown.mode).toBe('graph');
  expect(chosenStack(shown)).toBe('dd;entry;write;write;write;schedule');
  expect(press(list, 'End').line).toBe(5);
  expect(press(list, 'End', 'Home', 'Up').line).toBe(0);
  expect(press(list, 't').mode).toBe('graph');
});

test('quits from everywhere', () => {
  expect(press(openViewer(), 'q').done).toBe(true);
  expect(press(openViewer(), 't', 'q').done).toBe(true);
  expect(press(openViewer(), '/', 'q').done).toBe(false);
  for (const mode of ['/', 't', '?']) expect(press(openViewer(), mode, 'Ctrl-c').done).toBe(true);
});
