import { describe, expect, test } from 'vitest';
import { pressMouse } from '../../../../src/core/render/terminal-viewer/press-mouse.ts';
import { printScreen } from '../../../../src/core/render/terminal-viewer/print-screen.ts';
import { resizeViewer } from '../../../../src/core/render/terminal-viewer/resize-viewer.ts';
import {
  enterScreen,
  leaveScreen,
  paintScreen,
} from '../../../../src/core/render/terminal-viewer/screen-codes.ts';
import { startViewer, zoomOf } from '../../../../src/core/render/terminal-viewer/viewer-state.ts';
import { cellsOf } from '../../../../src/core/render/text-cells.ts';
import { nameOf } from '../../../../src/core/stack/frame-tree.ts';
import { expectGolden } from '../../../support/expect-golden.ts';
import { treeOf } from '../../stack/stacks.ts';
import { recordedTree } from '../recording.ts';
import { chosenStack, openViewer, press, screenOf } from './drive-viewer.ts';

const recorded = recordedTree();

describe.each([
  [80, 24],
  [200, 50],
  [40, 10],
  [12, 3],
] as const)('a screen of %i columns and %i rows', (columns, rows) => {
  const options = { unit: 'ns', title: 'Off-CPU time', subtitle: 'by process' } as const;
  const state = startViewer(recorded, options, { columns, rows });

  test.each([
    ['graph', []],
    ['zoomed', ['j', 'Enter', 'j', 'l']],
    ['found', ['/', ...'futex', 'Enter']],
    ['list', ['t', 'j', 'j']],
    ['help', ['?']],
    ['typing', ['/', 'f', 'u']],
  ] as const)('shows the %s in it', (name, keys) => {
    const lines = printScreen(press(state, ...keys));
    expect(lines).toHaveLength(rows);
    for (const line of lines) expect(cellsOf(line)).toBeLessThanOrEqual(columns);
    if (columns === 80) expectGolden(`render/viewer-${name}.txt`, `${lines.join('\n')}\n`);
  });
});

test('the chosen frame and what was found stand out with and without colours', () => {
  const plain = screenOf(press(openViewer(), 'j', '/', ...'write', 'Enter'));
  expect(plain).toMatch(/>write/);
  expect(plain).toMatch(/\*write 300/);
  const colored = press(openViewer(undefined, { colorLevel: 3 }), 'j');
  expect(printScreen(colored).join('')).toContain('\x1b[7m');
});

test('another size keeps the frame and the zoom', () => {
  const state = press(openViewer(recorded), 'j', 'Enter', 'j', 'j');
  const small = resizeViewer(state, { columns: 40, rows: 10 });
  expect(zoomOf(small)).toBe(zoomOf(state));
  expect(printScreen(small)).toHaveLength(10);
  expect(chosenStack(resizeViewer(small, { columns: 80, rows: 24 }))).toBe(chosenStack(state));
});

test('a graph with more rows than the screen scrolls with the chosen frame, by keys and by the wheel', () => {
  const deep = Array.from({ length: 60 }, (_, index) => `f${index}`);
  // A side branch at each step, so that no chain collapses.
  const stacks = Object.fromEntries(deep.map((_, index) => [deep.slice(0, index + 1).join(';'), 1]));
  const state = openViewer(treeOf({ ...stacks, [deep.join(';')]: 1000 }));
  const down = press(state, ...Array<string>(40).fill('j'));
  expect(down.scrolled).toBe(21);
  expect(screenOf(down)).toContain('>f39');
  expect(press(down, 'PageUp').scrolled).toBe(11);
  expect(pressMouse(state, { kind: 'wheel-down', column: 1, row: 5 }).scrolled).toBe(3);
  expect(pressMouse(state, { kind: 'wheel-up', column: 1, row: 5 }).scrolled).toBe(0);
  expect(press(state, ...Array<string>(30).fill('PageDown')).scrolled).toBe(41);
});

test('a click chooses, a second one zooms, one on the heading zooms out', () => {
  const click = (state: ReturnType<typeof openViewer>, column: number, row: number) =>
    pressMouse(state, { kind: 'press', column, row });
  // The graph starts in the third line; dd takes four fifths of the second row.
  const chosen = click(openViewer(), 10, 3);
  expect(chosenStack(chosen)).toBe('dd');
  expect(chosenStack(click(chosen, 70, 3))).toBe('sh');
  const zoomed = click(chosen, 10, 3);
  expect(nameOf(zoomed.tree, zoomOf(zoomed))).toBe('dd');
  expect(zoomOf(click(zoomed, 0, 0))).toBe(0);
  expect(click(chosen, 10, 20)).toBe(chosen);
  expect(click(chosen, 10, 23)).toBe(chosen);
});

test('names give the terminal no orders', () => {
  const hostile = openViewer(treeOf({ '\x1b]0;owned\x07;\x1b[2J': 5 }), {
    title: '\x1b[31m',
    subtitle: '\u009b',
  });
  for (const keys of [[], ['j', 'j', 'x'], ['j', 'Enter'], ['t'], ['/', '\u009b']]) {
    expect(printScreen(press(hostile, ...keys)).join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  }
});

test('a tree without stacks can be looked at', () => {
  const empty = openViewer(treeOf({}));
  expect(screenOf(empty)).toContain('>root 0 ns 0%');
  expect(screenOf(press(empty, 't'))).toContain('There are no stacks.');
  expect(press(empty, 'j', 'l', 'Enter', 'n', 't', 'Enter').mode).toBe('list');
});

test('leaving undoes all that entering did', () => {
  const switched = (text: string) => [...text.matchAll(/\x1b\[\?(\d+)[hl]/g)].map(([, mode]) => mode).sort();
  expect(switched(leaveScreen)).toEqual(switched(enterScreen));
  expect(paintScreen(['a', 'b'])).toBe('\x1b[1;1H\x1b[Ka\x1b[2;1H\x1b[Kb');
});
