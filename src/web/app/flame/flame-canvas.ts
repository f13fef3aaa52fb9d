import { printable } from '../../../core/base/printable.ts';
import { darkTheme, lightTheme } from '../../../core/render/palette.ts';
import type { DiffTree } from '../../../core/stack/diff-trees.ts';
import { type FrameTree, parentOf } from '../../../core/stack/frame-tree.ts';
import {
  type FlameGraphLayout,
  layoutFlameGraph,
  placeAt,
  type Rest,
} from '../../../core/stack/layout-flame-graph.ts';
import type { WeightUnit } from '../../../core/stack/weight-unit.ts';
import { freshId, make, setAttributes } from '../make-element.ts';
import {
  countRows,
  inPlace,
  LABEL_FONT,
  paintFrames,
  placeInRow,
  ROW_HEIGHT,
  rowAt,
  type Slide,
  topOfRow,
} from './paint-frames.ts';
import { type Step, stepFrom } from './step-from.ts';
import { TextFitter } from './text-fitter.ts';

/** What a flame graph shows, and how. */
export interface FlameView {
  readonly tree: FrameTree;
  readonly unit: WeightUnit;
  /** What the graph is of, for those who cannot see it. */
  readonly title: string;
  readonly zoom: number;
  readonly icicle: boolean;
  readonly heaviestFirst: boolean;
  readonly matchedNames: Uint8Array | undefined;
  /** What the tree is the sum of, where two are compared. */
  readonly diff: DiffTree | undefined;
  /** Says in words what a frame weighs, or how it changed. */
  readonly describe: (node: number) => string;
}

/** What is under the pointer: a frame, frames too narrow to draw, or nothing. */
export type Pointed = { readonly node: number } | { readonly rest: Rest } | undefined;

export interface FlameEvents {
  readonly onZoom: (node: number) => void;
  readonly onActive: (node: number) => void;
  readonly onPoint: (pointed: Pointed, x: number, y: number) => void;
}

const SLIDE_MS = 180;
/** Rows of callers that stay in sight below a zoomed frame. */
const CONTEXT_ROWS = 3;

const steps = {
  ArrowLeft: 'before',
  ArrowRight: 'after',
} as const satisfies Record<string, Step>;

/** A flame graph on a canvas as large as what is in sight of it, and a tree with one item for those who cannot see. */
export class FlameCanvas {
  readonly element: HTMLElement;
  readonly #extent = make('div', { class: 'flame-extent' });
  readonly #canvas = make('canvas', { 'aria-hidden': 'true' });
  readonly #context = this.#canvas.getContext('2d')!;
  readonly #fitter = new TextFitter(this.#context);
  readonly #events: FlameEvents;
  readonly #isDark = matchMedia('(prefers-color-scheme: dark)');
  readonly #isStill = matchMedia('(prefers-reduced-motion: reduce)');
  #view: FlameView | undefined;
  #layout: FlameGraphLayout | undefined;
  #labels: readonly string[] = [];
  #active = 0;
  #hovered = -1;
  #slide: { readonly from: Slide; readonly start: number } | undefined;
  #isPaintDue = false;

  constructor(events: FlameEvents) {
    this.#events = events;
    this.#extent.append(this.#canvas);
    this.element = make('div', { class: 'flame', role: 'tree', tabindex: 0 }, [this.#extent], {
      keydown: (event) => this.#onKey(event),
      click: (event) => this.#onClick(event),
      pointermove: (event) => this.#onPointer(event),
      pointerleave: () => this.#point(undefined, 0, 0),
      scroll: () => this.#paintSoon(),
      focus: () => this.#paintSoon(),
      blur: () => this.#paintSoon(),
    });
    this.#context.font = LABEL_FONT;
    this.#isDark.addEventListener('change', () => this.#paintSoon());
    new ResizeObserver(() => this.#resize()).observe(this.element);
  }

  /** The frame that the keyboard is on. */
  get active(): number {
    return this.#active;
  }

  /** How many frames are too narrow to draw, and which share of the zoomed one they have. */
  get dropped(): { readonly frames: number; readonly share: number } {
    return { frames: this.#layout?.droppedFrames ?? 0, share: this.#layout?.droppedShare ?? 0 };
  }

  /** Draws a view, sliding there from the one before where only the zoom differs. */
  show(view: FlameView): void {
    const before = this.#view;
    const oldLayout = this.#layout;
    this.#view = view;
    if (before?.tree !== view.tree) {
      this.#labels = view.tree.names.map(printable);
      this.#active = view.zoom;
    }
    this.#arrange();
    const isZoomed = before?.zoom !== view.zoom;
    if (isZoomed) this.#active = view.zoom;
    // What was under the pointer is elsewhere now.
    if (isZoomed || before?.tree !== view.tree) this.#point(undefined, 0, 0);
    if (before?.tree !== view.tree || isZoomed || before.icicle !== view.icicle) this.#scrollToZoom();
    this.#slide = undefined;
    if (before !== undefined && before.tree === view.tree && isZoomed && oldLayout !== undefined) {
      const from = slideBetween(view.tree, oldLayout, before.zoom, this.#layout!, view.zoom);
      if (from !== undefined && !this.#isStill.matches) this.#slide = { from, start: performance.now() };
    }
    this.#describe();
    this.#paintSoon();
  }

  /** Moves to a frame and into sight of it; answers false where it is too narrow to be drawn. */
  moveTo(node: number): boolean {
    const { tree } = this.#view!;
    if (placeInRow(this.#layout!, tree.depths[node]!, node) < 0) return false;
    this.#active = node;
    this.#scrollTo(node);
    this.#describe();
    this.#events.onActive(node);
    this.#paintSoon();
    return true;
  }

  #arrange(): void {
    const { tree, zoom, heaviestFirst } = this.#view!;
    const width = Math.max(1, this.element.clientWidth);
    const order = heaviestFirst ? 'weight' : 'name';
    this.#layout = layoutFlameGraph(tree, { width, zoom, order, minRestWidth: 2 });
    this.#extent.style.height = `${countRows(this.#layout) * ROW_HEIGHT}px`;
    if (placeInRow(this.#layout, tree.depths[this.#active] ?? 0, this.#active) < 0) this.#active = zoom;
  }

  #resize(): void {
    if (this.#view === undefined) return;
    this.#slide = undefined;
    this.#arrange();
    this.#paintSoon();
  }

  #paintSoon(): void {
    if (this.#isPaintDue) return;
    this.#isPaintDue = true;
    requestAnimationFrame((now) => {
      this.#isPaintDue = false;
      this.#paint(now);
    });
  }

  #paint(now: number): void {
    if (this.#view === undefined || this.#layout === undefined) return;
    const width = this.element.clientWidth;
    const height = this.element.clientHeight;
    const scale = devicePixelRatio;
    const [pixelWidth, pixelHeight] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.#canvas.width !== pixelWidth || this.#canvas.height !== pixelHeight) {
      this.#canvas.width = pixelWidth;
      this.#canvas.height = pixelHeight;
      this.#canvas.style.height = `${height}px`;
    }
    this.#context.setTransform(scale, 0, 0, scale, 0, 0);
    const scene = {
      ...this.#view,
      layout: this.#layout,
      theme: this.#isDark.matches ? darkTheme : lightTheme,
      labels: this.#labels,
      width,
      height,
      scrollTop: this.element.scrollTop,
      slide: this.#slideAt(now),
      active: this.#active,
      hovered: this.#hovered,
      hasFocus: this.element.matches(':focus-visible'),
    };
    paintFrames(this.#context, scene, this.#fitter);
    if (this.#slide !== undefined) this.#paintSoon();
  }

  #slideAt(now: number): Slide {
    if (this.#slide === undefined) return inPlace;
    const done = Math.min(1, Math.max(0, (now - this.#slide.start) / SLIDE_MS));
    if (done === 1) {
      this.#slide = undefined;
      return inPlace;
    }
    const { from } = this.#slide;
    const left = (1 - done) ** 3;
    return { offset: from.offset * left, scale: 1 + (from.scale - 1) * left };
  }

  /** Brings the zoomed frame near the root's edge, with what it hangs from. */
  #scrollToZoom(): void {
    const { tree, zoom, icicle } = this.#view!;
    const top = topOfRow(this.#layout!, tree.depths[zoom]!, icicle);
    const context = CONTEXT_ROWS * ROW_HEIGHT;
    this.element.scrollTop = icicle ? top - context : top + ROW_HEIGHT + context - this.element.clientHeight;
  }

  #scrollTo(node: number): void {
    const { tree, icicle } = this.#view!;
    const top = topOfRow(this.#layout!, tree.depths[node]!, icicle);
    const lowest = top - ROW_HEIGHT;
    const highest = top + 2 * ROW_HEIGHT - this.element.clientHeight;
    const { scrollTop } = this.element;
    this.element.scrollTop = Math.min(Math.max(scrollTop, highest), Math.max(0, lowest));
  }

  /** Says what the active frame is: the tree has this one item, new each time so that it is read out. */
  #describe(): void {
    const { tree, describe, title } = this.#view!;
    const node = this.#active;
    const row = tree.depths[node]!;
    const parent = parentOf(tree, node);
    const siblings = parent < 0 ? [0] : listChildren(tree, parent);
    const id = freshId();
    const isInner = tree.subtreeEnds[node]! > node + 1;
    const label = `${this.#labels[tree.nameIds[node]!]}: ${describe(node)}`;
    const item = make('div', {
      id,
      role: 'treeitem',
      'aria-level': row + 1,
      'aria-setsize': siblings.length,
      'aria-posinset': siblings.indexOf(node) + 1,
      'aria-selected': 'true',
      'aria-expanded': isInner ? 'true' : undefined,
      'aria-label': label,
    });
    this.element.querySelector('[role=treeitem]')?.remove();
    this.element.append(item);
    setAttributes(this.element, { 'aria-activedescendant': id, 'aria-label': title });
  }

  #onClick(event: MouseEvent): void {
    const pointed = this.#pointedAt(event);
    if (pointed === undefined) return;
    const { tree } = this.#view!;
    this.#events.onZoom('node' in pointed ? pointed.node : parentOf(tree, pointed.rest.node));
  }

  #onPointer(event: PointerEvent): void {
    if (event.pointerType === 'mouse') this.#point(this.#pointedAt(event), event.clientX, event.clientY);
  }

  #point(pointed: Pointed, x: number, y: number): void {
    const hovered = pointed !== undefined && 'node' in pointed ? pointed.node : -1;
    if (hovered !== this.#hovered) this.#paintSoon();
    this.#hovered = hovered;
    this.element.classList.toggle('can-zoom', pointed !== undefined);
    this.#events.onPoint(pointed, x, y);
  }

  #pointedAt(event: MouseEvent): Pointed {
    if (this.#view === undefined || this.#layout === undefined) return undefined;
    const bounds = this.#extent.getBoundingClientRect();
    const x = event.clientX - bounds.left;
    const row = rowAt(this.#layout, event.clientY - bounds.top, this.#view.icicle);
    const place = placeAt(this.#layout, row, x);
    if (place >= 0) return { node: this.#layout.nodes[place]! };
    const rest = this.#layout.rests.find(
      (candidate) => candidate.row === row && x >= candidate.x && x < candidate.x + candidate.width,
    );
    return rest === undefined ? undefined : { rest };
  }

  #onKey(event: KeyboardEvent): void {
    if (this.#view === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = this.#stepOf(event.key);
    if (step !== undefined) {
      this.moveTo(stepFrom(this.#view.tree, this.#layout!, this.#active, step));
    } else if (event.key === 'Home') this.moveTo(0);
    else if (event.key === 'Enter' || event.key === ' ') this.#events.onZoom(this.#active);
    else return;
    event.preventDefault();
  }

  /** Up is up on the screen: towards the callees where the root is at the bottom. */
  #stepOf(key: string): Step | undefined {
    if (key === 'ArrowUp') return this.#view!.icicle ? 'caller' : 'callee';
    if (key === 'ArrowDown') return this.#view!.icicle ? 'callee' : 'caller';
    return steps[key as keyof typeof steps];
  }
}

function listChildren(tree: FrameTree, parent: number): number[] {
  const children: number[] = [];
  for (let child = parent + 1; child < tree.subtreeEnds[parent]!; child = tree.subtreeEnds[child]!) {
    children.push(child);
  }
  return children;
}

/** Where a new layout has to be drawn at first so that the frames start from where the old one had them. */
function slideBetween(
  tree: FrameTree,
  oldLayout: FlameGraphLayout,
  oldZoom: number,
  newLayout: FlameGraphLayout,
  newZoom: number,
): Slide | undefined {
  const width = newLayout.widths[0]!;
  const inOld = placeInRow(oldLayout, tree.depths[newZoom]!, newZoom);
  if (newZoom > oldZoom) {
    if (inOld < 0) return undefined;
    return { offset: oldLayout.xs[inOld]!, scale: oldLayout.widths[inOld]! / width };
  }
  const inNew = placeInRow(newLayout, tree.depths[oldZoom]!, oldZoom);
  if (inNew < 0 || oldZoom >= tree.subtreeEnds[newZoom]!) return undefined;
  const scale = width / newLayout.widths[inNew]!;
  return { offset: -newLayout.xs[inNew]! * scale, scale };
}
