import { printable } from '../../../core/base/printable.ts';
import { formatCount } from '../../../core/base/units.ts';
import { describeDelta, describeFrame } from '../../../core/render/describe-frame.ts';
import { formatShare } from '../../../core/render/format-weight.ts';
import { type FrameKind, frameKinds, kindOf } from '../../../core/render/palette.ts';
import type { DiffTree } from '../../../core/stack/diff-trees.ts';
import { type FrameTree, nameOf } from '../../../core/stack/frame-tree.ts';
import type { WeightUnit } from '../../../core/stack/weight-unit.ts';
import { copyText } from '../../svg-client/copy-text.ts';
import { make, makeButton, setAttributes } from '../make-element.ts';
import { initialView, type ViewState } from '../view-state.ts';
import { findStack, printStack } from './find-stack.ts';
import { FlameCanvas, type Pointed } from './flame-canvas.ts';
import { FrameDetails } from './frame-details.ts';
import { makeComparer } from './make-comparer.ts';
import { makeTurner } from './make-turner.ts';
import { SearchBar } from './search-bar.ts';
import { Tooltip } from './tooltip.ts';

/** The stacks that a flame graph is drawn of. */
export interface Graph {
  readonly tree: FrameTree;
  readonly unit: WeightUnit;
  readonly title: string;
  /** What it is compared with, if it is. */
  readonly base?: FrameTree;
}

export interface PanelEvents {
  /** Changes the view; a step is one that the back button takes back. */
  readonly onChange: (change: Partial<ViewState>, isStep: boolean) => void;
  /** Keeps only, or leaves out, the records whose stack has a frame of that name. */
  readonly onFilter: (name: string, isWanted: boolean) => void;
}

type Toggle = 'icicle' | 'inverted' | 'merged' | 'heaviestFirst' | 'shares';

const toggles: readonly { readonly key: Toggle; readonly label: string; readonly title: string }[] = [
  { key: 'icicle', label: 'Root on top', title: 'Draw the root at the top and the stacks hanging from it' },
  { key: 'heaviestFirst', label: 'Heaviest first', title: 'Order frames by weight, not by name' },
  { key: 'inverted', label: 'Invert', title: 'Start from the leaves: what was waited in (i)' },
  { key: 'merged', label: 'Merge recursion', title: 'Draw frames that call themselves once (r)' },
  { key: 'shares', label: 'By share', title: 'Compare shares of both totals, not the weights themselves' },
];

const unzoomed = { zoom: '', search: '', matchCase: false } as const;

/** The flame graph with its tools: search, details, ways to turn it, and what is not to be seen in it. */
export class FlamePanel {
  readonly element: HTMLElement;
  readonly #events: PanelEvents;
  readonly #search: SearchBar;
  readonly #details: FrameDetails;
  readonly #canvas: FlameCanvas;
  readonly #tooltip = new Tooltip();
  readonly #toggles: readonly HTMLButtonElement[];
  readonly #reset: HTMLButtonElement;
  readonly #legend = make('div', { class: 'legend' });
  readonly #dropped = make('span', { class: 'dropped' });
  readonly #turn = makeTurner();
  readonly #turnBase = makeTurner();
  readonly #compare = makeComparer();
  #shown:
    | {
        readonly graph: Graph;
        readonly tree: FrameTree;
        readonly zoom: number;
        readonly view: ViewState;
        readonly describe: (node: number) => string;
      }
    | undefined;
  #matches: readonly number[] = [];

  constructor(events: PanelEvents) {
    this.#events = events;
    this.#search = new SearchBar({
      onSearch: (change) => events.onChange(change, false),
      onStep: (direction) => this.#stepMatch(direction),
      onLeave: () => this.focus(),
    });
    this.#details = new FrameDetails({
      onCopyName: () => this.#copy('name'),
      onCopyStack: () => this.#copy('stack'),
      onFilter: (isWanted) => this.#filter(isWanted),
    });
    this.#canvas = new FlameCanvas({
      onZoom: (node) => this.zoomTo(node),
      onActive: (node) => this.#describe({ node }),
      onPoint: (pointed, x, y) => this.#point(pointed, x, y),
    });
    this.#toggles = toggles.map(({ key, label, title }) => makeButton(label, title, () => this.#toggle(key)));
    this.#reset = makeButton('Reset', 'Show the whole graph, nothing searched for (0)', () =>
      this.#resetView(),
    );
    const turns = make('div', { class: 'turns', role: 'group', 'aria-label': 'How the graph is drawn' }, [
      ...this.#toggles,
      this.#reset,
    ]);
    this.element = make('div', { class: 'flame-panel' }, [
      make('div', { class: 'tools' }, [this.#search.element, turns]),
      this.#details.element,
      this.#canvas.element,
      make('div', { class: 'flame-notes' }, [this.#legend, this.#dropped]),
      this.#tooltip.element,
    ]);
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** Puts the keyboard on the graph. */
  focus(): void {
    this.#canvas.element.focus();
  }

  focusSearch(): void {
    this.#search.input.focus();
    this.#search.input.select();
  }

  /** Draws a graph as the view says; answers false where the zoomed stack is not in it. */
  show(graph: Graph, view: ViewState): boolean {
    const turned = this.#turn(graph.tree, view);
    const diff = graph.base && this.#compare(this.#turnBase(graph.base, view), turned, view.shares);
    const tree = diff?.tree ?? turned;
    const found = findStack(tree, view.zoom);
    const zoom = Math.max(0, found);
    const result = this.#search.show(tree, graph.unit, view);
    this.#matches = result?.nodes ?? [];
    const { unit } = graph;
    const describe = (node: number) =>
      diff === undefined ? describeFrame(tree, node, zoom, unit) : describeDelta(diff, node, unit);
    this.#shown = { graph, tree, zoom, view, describe };
    this.#canvas.show({
      tree,
      unit,
      diff,
      describe,
      title: diff === undefined ? graph.title : `${graph.title}, compared`,
      zoom,
      icicle: view.icicle,
      heaviestFirst: view.heaviestFirst,
      matchedNames: result?.matchedNames,
    });
    toggles.forEach(({ key }, index) => {
      setAttributes(this.#toggles[index]!, { 'aria-pressed': String(view[key]) });
      if (key === 'shares') this.#toggles[index]!.hidden = diff === undefined;
    });
    this.#reset.disabled = zoom === 0 && view.search === '';
    this.#describe({ node: this.#canvas.active });
    if (diff === undefined) this.#showLegend(tree);
    else this.#showDiffLegend(diff);
    const { frames, share } = this.#canvas.dropped;
    this.#dropped.textContent =
      frames === 0
        ? ''
        : `${formatCount(frames)} frames are too narrow to draw here (${formatShare(share, 1)}): zoom in to see them`;
    return found >= 0;
  }

  /** Zooms to a node of the tree as it is drawn. */
  zoomTo(node: number): void {
    this.#events.onChange({ zoom: printStack(this.#shown!.tree, node) }, true);
  }

  #describe(pointed: NonNullable<Pointed>): void {
    const { tree, describe } = this.#shown!;
    this.#details.show(tree, pointed, describe);
  }

  #point(pointed: Pointed, x: number, y: number): void {
    if (this.#shown === undefined) return;
    this.#describe(pointed ?? { node: this.#canvas.active });
    if (pointed === undefined || 'rest' in pointed) {
      this.#tooltip.hide();
      return;
    }
    const { tree, describe } = this.#shown;
    const name = printable(nameOf(tree, pointed.node));
    this.#tooltip.show(name, describe(pointed.node), x, y);
  }

  #toggle(key: Toggle): void {
    const isPressed = !this.#shown!.view[key];
    // Turned around or merged, the stacks are others, and the zoomed one is not among them.
    const zoom = key === 'inverted' || key === 'merged' ? { zoom: initialView.zoom } : {};
    this.#events.onChange({ [key]: isPressed, ...zoom }, true);
  }

  #resetView(): void {
    this.#events.onChange(unzoomed, true);
  }

  #stepMatch(direction: 1 | -1): void {
    const matches = this.#matches;
    if (matches.length === 0) return;
    const { active } = this.#canvas;
    const after = matches.findIndex((node) => node > active);
    const next =
      direction === 1
        ? (matches[after] ?? matches[0]!)
        : (matches.findLast((node) => node < active) ?? matches.at(-1)!);
    if (!this.#canvas.moveTo(next)) this.zoomTo(next);
  }

  async #copy(what: 'name' | 'stack'): Promise<void> {
    const { tree } = this.#shown!;
    const node = this.#canvas.active;
    const text = what === 'name' ? nameOf(tree, node) : this.#stackOf(tree, node);
    const isCopied = await copyText(text, this.element);
    this.#details.say(isCopied ? `the ${what} is copied` : `the browser does not let the ${what} be copied`);
  }

  /** The folded stack, root first however the graph is turned. */
  #stackOf(tree: FrameTree, node: number): string {
    const stack = printStack(tree, node);
    return this.#shown!.view.inverted ? stack.split(';').reverse().join(';') : stack;
  }

  #filter(isWanted: boolean): void {
    const { tree } = this.#shown!;
    if (this.#canvas.active > 0) this.#events.onFilter(nameOf(tree, this.#canvas.active), isWanted);
  }

  #showLegend(tree: FrameTree): void {
    const kinds = new Set<FrameKind>(tree.names.map(kindOf));
    const marked = (Object.keys(frameKinds) as FrameKind[]).filter(
      (kind) => kind !== 'plain' && kinds.has(kind),
    );
    this.#legend.replaceChildren(
      ...marked.map((kind) => make('span', { class: `kind ${kind}` }, [frameKinds[kind].meaning])),
    );
  }

  #showDiffLegend(diff: DiffTree): void {
    const scale = Number(diff.beforeScale.toPrecision(4));
    const texts = [
      'as wide as the wider side',
      diff.normalization === 'total' ? `normalised by total: before × ${scale}` : 'not normalised',
    ];
    this.#legend.replaceChildren(
      make('span', { class: 'kind less' }, ['less than before']),
      make('span', { class: 'kind more' }, ['more']),
      ...texts.map((text) => make('span', {}, [text])),
    );
  }

  #onKey(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement;
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || this.#shown === undefined) return;
    const command = this.#commands[event.key];
    if (command === undefined) return;
    command();
    event.preventDefault();
  }

  readonly #commands: Readonly<Record<string, () => void>> = {
    n: () => this.#stepMatch(1),
    N: () => this.#stepMatch(-1),
    i: () => this.#toggle('inverted'),
    r: () => this.#toggle('merged'),
    c: () => void this.#copy('name'),
    s: () => void this.#copy('stack'),
    f: () => this.#filter(true),
    x: () => this.#filter(false),
    '0': () => this.#resetView(),
    Escape: () => this.#stepBack(),
  };

  /** Esc goes back one thing at a time: out of the zoom, then out of the search. */
  #stepBack(): void {
    const { zoom } = this.#shown!;
    if (zoom > 0) this.#events.onChange({ zoom: '' }, true);
    else this.#events.onChange({ search: '' }, false);
  }
}
