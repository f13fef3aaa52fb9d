import { formatShare, formatWeight } from '../../../core/render/format-weight.ts';
import { stepOf, wholeOf } from '../../../core/render/frame-look.ts';
import { DIFF_STEPS, kindOf, shadeOf, type Theme } from '../../../core/render/palette.ts';
import { type DiffTree, nodeDelta } from '../../../core/stack/diff-trees.ts';
import type { FrameTree } from '../../../core/stack/frame-tree.ts';
import type { FlameGraphLayout } from '../../../core/stack/layout-flame-graph.ts';
import type { WeightUnit } from '../../../core/stack/weight-unit.ts';
import type { TextFitter } from './text-fitter.ts';

/** Pixels from one row to the next, and of the text in it. */
export const ROW_HEIGHT = 20;
export const LABEL_FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';
const PADDING = 5;
const MIN_LABEL_ROOM = 14;
/** Room that a share takes at the right end of a frame, where its name leaves so much. */
const SHARE_ROOM = 60;

/** Where a layout is drawn while it slides into its place: x becomes `offset + scale * x`. */
export interface Slide {
  readonly offset: number;
  readonly scale: number;
}

export const inPlace: Slide = { offset: 0, scale: 1 };

/** Everything that a picture of the visible rows depends on. */
export interface Scene {
  readonly tree: FrameTree;
  readonly unit: WeightUnit;
  readonly layout: FlameGraphLayout;
  readonly theme: Theme;
  /** Names by their id, as they may be shown. */
  readonly labels: readonly string[];
  readonly zoom: number;
  /** The root at the top, not at the bottom. */
  readonly icicle: boolean;
  readonly width: number;
  readonly height: number;
  readonly scrollTop: number;
  readonly slide: Slide;
  /** By name id: whether the frame is found. */
  readonly matchedNames: Uint8Array | undefined;
  /** What the tree is the sum of, where two are compared. */
  readonly diff: DiffTree | undefined;
  /** Nodes, or -1. */
  readonly active: number;
  readonly hovered: number;
  readonly hasFocus: boolean;
}

/** Counts the rows of a layout. */
export function countRows(layout: FlameGraphLayout): number {
  return layout.rowStarts.length - 1;
}

/** Tells how far below the top of the whole drawing a row starts. */
export function topOfRow(layout: FlameGraphLayout, row: number, icicle: boolean): number {
  return (icicle ? row : countRows(layout) - 1 - row) * ROW_HEIGHT;
}

/** Tells which row is that far below the top of the whole drawing. */
export function rowAt(layout: FlameGraphLayout, y: number, icicle: boolean): number {
  const fromTop = Math.floor(y / ROW_HEIGHT);
  return icicle ? fromTop : countRows(layout) - 1 - fromTop;
}

/** Paints the rows in sight, in CSS pixels. */
export function paintFrames(context: CanvasRenderingContext2D, scene: Scene, fitter: TextFitter): void {
  const { layout, icicle, scrollTop, height, width } = scene;
  context.clearRect(0, 0, width, height);
  context.font = LABEL_FONT;
  context.textBaseline = 'middle';
  const rows = countRows(layout);
  const edges = [rowAt(layout, scrollTop, icicle), rowAt(layout, scrollTop + height, icicle)];
  const first = Math.max(0, Math.min(...edges));
  const last = Math.min(rows - 1, Math.max(...edges));
  for (let row = first; row <= last; row++) paintRow(context, scene, row, fitter);
  context.fillStyle = scene.theme.fills.none[0]!;
  for (const rest of layout.rests) {
    if (rest.row < first || rest.row > last) continue;
    const box = boxOf(scene, rest.row, rest.x, rest.width);
    const inset = ROW_HEIGHT / 2 - 3;
    context.fillRect(box.left, box.top + inset, box.width, 4);
  }
  paintOutline(context, scene, scene.hovered, 1);
  paintOutline(context, scene, scene.active, scene.hasFocus ? 2 : 1);
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

function paintRow(context: CanvasRenderingContext2D, scene: Scene, row: number, fitter: TextFitter): void {
  const { layout, theme, tree } = scene;
  for (let place = layout.rowStarts[row]!; place < layout.rowStarts[row + 1]!; place++) {
    const node = layout.nodes[place]!;
    const box = boxOf(scene, row, layout.xs[place]!, layout.widths[place]!);
    if (box.left + box.width < 0 || box.left > scene.width) continue;
    const isFound = node !== 0 && scene.matchedNames?.[tree.nameIds[node]!] === 1;
    const name = tree.names[tree.nameIds[node]!]!;
    context.fillStyle = isFound ? theme.match : fillOf(scene, node, row, name);
    fillBox(context, box);
    // What hangs out to the left during a slide has its label where it is in sight.
    const left = Math.max(0, box.left) + PADDING;
    const room = Math.min(scene.width, box.left + box.width) - left - PADDING;
    if (room < MIN_LABEL_ROOM) continue;
    context.fillStyle = isFound ? theme.matchLabel : theme.label;
    const middle = box.top + ROW_HEIGHT / 2;
    const label = scene.labels[tree.nameIds[node]!]!;
    const text = fitter.fit(label, room);
    if (text === '') continue;
    context.fillText(text, left, middle);
    if (room - fitter.measure(text) < SHARE_ROOM) continue;
    const weight = weightText(scene, node);
    context.textAlign = 'right';
    context.fillText(weight, left + room, middle);
    context.textAlign = 'left';
  }
}

/** What the right end of a frame says: its weight or share, or how it changed. */
function weightText({ tree, unit, diff }: Scene, node: number): string {
  const total = tree.totals[0]!;
  if (diff === undefined)
    return node === 0 ? formatWeight(total, unit) : formatShare(tree.totals[node]!, total);
  const { total: delta, kind } = nodeDelta(diff, node);
  if (kind !== 'both') return kind === 'new' ? 'new' : 'gone';
  return delta === 0 ? '=' : `${delta < 0 ? '-' : '+'}${formatShare(Math.abs(delta), wholeOf(diff))}`;
}

/** The root, and what the zoomed frame hangs from, are there to lead back; compared, they have changed like any. */
function fillOf({ theme, tree, zoom, diff }: Scene, node: number, row: number, name: string): string {
  if (diff !== undefined)
    return theme.steps[stepOf(nodeDelta(diff, node).total, wholeOf(diff)) + DIFF_STEPS]!;
  const isContext = node === 0 || (row < tree.depths[zoom]! && node !== zoom);
  return isContext ? theme.fills.none[0]! : theme.fills[kindOf(name)][shadeOf(name)]!;
}

function fillBox(context: CanvasRenderingContext2D, { left, top, width }: Box): void {
  if (width < 6) {
    context.fillRect(left, top, width, ROW_HEIGHT - 1);
    return;
  }
  context.beginPath();
  context.roundRect(left, top, width, ROW_HEIGHT - 1, 2);
  context.fill();
}

function paintOutline(
  context: CanvasRenderingContext2D,
  scene: Scene,
  node: number,
  thickness: number,
): void {
  if (node < 0) return;
  const { layout, tree } = scene;
  const row = tree.depths[node]!;
  const place = placeInRow(layout, row, node);
  if (place < 0) return;
  const { left, top, width } = boxOf(scene, row, layout.xs[place]!, layout.widths[place]!);
  const inset = thickness / 2;
  context.strokeStyle = scene.theme.text;
  context.lineWidth = thickness;
  context.beginPath();
  context.roundRect(left + inset, top + inset, Math.max(1, width - thickness), ROW_HEIGHT - 1 - thickness, 2);
  context.stroke();
}

/** Finds where in a row's part of the layout a node is drawn, whatever the order of siblings; -1 if it is not. */
export function placeInRow(layout: FlameGraphLayout, row: number, node: number): number {
  for (let place = layout.rowStarts[row] ?? 0; place < (layout.rowStarts[row + 1] ?? 0); place++) {
    if (layout.nodes[place] === node) return place;
  }
  return -1;
}

/** The frame's rectangle on whole pixels, a pixel apart from its neighbour where it can spare one. */
function boxOf(scene: Scene, row: number, x: number, width: number): Box {
  const isSliding = row > scene.tree.depths[scene.zoom]!;
  const { offset, scale } = isSliding ? scene.slide : inPlace;
  const left = Math.round(offset + x * scale);
  const right = Math.round(offset + (x + width) * scale);
  const gap = right - left > 3 ? 1 : 0;
  const top = topOfRow(scene.layout, row, scene.icicle) - scene.scrollTop;
  return { left, top, width: Math.max(1, right - left - gap) };
}
