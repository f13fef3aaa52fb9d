import { printable } from '../../core/base/printable.ts';
import { formatCount } from '../../core/base/units.ts';
import { formatShare, formatWeight } from '../../core/render/format-weight.ts';
import { drawFrames, FRAME_HEIGHT, PLOT_SHARE, ROW_HEIGHT } from '../../core/render/svg-frames.ts';
import { findPath, nameOf, namesTo, parentOf, pathTo } from '../../core/stack/frame-tree.ts';
import {
  type FlameGraphLayout,
  layoutFlameGraph,
  placeAt,
  placeOf,
} from '../../core/stack/layout-flame-graph.ts';
import { matchText } from '../../core/stack/match-text.ts';
import type { FrameFilter } from '../../core/stack/reshape-tree.ts';
import { type SearchResult, searchTree } from '../../core/stack/search-tree.ts';
import { Bar } from './bar.ts';
import { frameCommands, graphCommands } from './commands.ts';
import { copyText } from './copy-text.ts';
import { svg } from './elements.ts';
import { openFrameMenu } from './frame-menu.ts';
import { openKeyList } from './key-list.ts';
import { type PictureData, readPicture, type ShownGraph, showGraph } from './shown-graph.ts';
import { emptyView, parseFragment, printFragment, type ViewState } from './view-state.ts';

/** Makes a picture interactive: draws it anew from its data at every change of the view or the width. */
export class Viewer {
  readonly root: SVGSVGElement;
  readonly data: PictureData;
  readonly bar: Bar;
  state: ViewState;
  graph: ShownGraph;
  readonly #plot: SVGSVGElement;
  readonly #plotTop: number;
  /** Only a picture that is the whole document or page has its view in the address. */
  readonly #ownsAddress: boolean;
  readonly #hover = svg('rect', { class: 'hover', height: FRAME_HEIGHT, visibility: 'hidden' });
  #layout!: FlameGraphLayout;
  #found: SearchResult | undefined;
  /** What was found, by weight; made when it is first gone through. */
  #matches: readonly number[] | undefined;
  #zoom = 0;
  /** The frame that the keyboard is at, and its element. */
  #active = 0;
  #item = svg('g');

  constructor(root: SVGSVGElement) {
    this.root = root;
    this.#plot = root.querySelector<SVGSVGElement>('.plot')!;
    this.#plotTop = Number(this.#plot.getAttribute('y'));
    this.#ownsAddress = document.documentElement === (root as Element) || root.dataset.page !== undefined;
    this.data = readPicture(root.querySelector('.data')!.textContent!);
    this.state = this.#ownsAddress ? parseFragment(location.hash) : emptyView;
    this.graph = showGraph(this.data, this.state);
    this.bar = new Bar(this);
    root.removeAttribute('role');
    this.#plot.setAttribute('role', 'tree');
    this.#plot.setAttribute('aria-label', root.getAttribute('aria-label') ?? '');
    if (this.#ownsAddress) root.setAttribute('width', '100%');
    root.append(this.bar.element);
    this.#listen();
    this.#draw();
    this.say('Click a frame to zoom, right-click it for more. Press ? for all keys.');
  }

  /** Changes the view and shows it. */
  update(change: Partial<ViewState>): void {
    const before = this.state;
    this.state = { ...before, ...change };
    const { filters, inverted, merged, widths } = this.state;
    const keepsTree = filters === before.filters && inverted === before.inverted && merged === before.merged;
    if (!keepsTree || widths !== before.widths) this.graph = showGraph(this.data, this.state);
    if (!keepsTree) this.#active = 0;
    this.#draw();
    this.#writeAddress(change.zoom !== undefined);
  }

  zoomTo(node: number): void {
    this.#active = node;
    this.update({ zoom: namesTo(this.graph.tree, node) });
    this.goTo(node);
  }

  addFilter(kind: FrameFilter['kind'], node: number): void {
    if (node === 0) return;
    this.update({ filters: [...this.state.filters, { kind, name: nameOf(this.graph.tree, node) }] });
    this.goTo(this.#zoom);
  }

  reset(): void {
    this.update(emptyView);
    this.goTo(0);
  }

  /** Takes back one thing: what is searched for, then the zoom. */
  stepBack(): void {
    if (this.state.search !== '') this.update({ search: '' });
    else if (this.#zoom !== 0) this.zoomTo(Math.max(0, parentOf(this.graph.tree, this.#zoom)));
  }

  /** Goes to the frame next to the active one: its caller, its heaviest callee, or the neighbour in its row. */
  move(direction: 'up' | 'down' | 'left' | 'right'): void {
    const { tree } = this.graph;
    const row = tree.depths[this.#active]!;
    let node = -1;
    if (direction === 'up') {
      node = parentOf(tree, this.#active);
    } else if (direction === 'down') {
      // Above the zoomed frame only the way to it is drawn.
      const onTheWay = this.#active < this.#zoom && this.#zoom < tree.subtreeEnds[this.#active]!;
      node = onTheWay ? pathTo(tree, this.#zoom)[row]! : this.#heaviestCallee();
    } else {
      const beside = placeOf(this.#layout, row, this.#active) + (direction === 'left' ? -1 : 1);
      const inRow = beside >= this.#layout.rowStarts[row]! && beside < this.#layout.rowStarts[row + 1]!;
      if (inRow) node = this.#layout.nodes[beside]!;
    }
    if (node >= 0) this.goTo(node);
  }

  /** Makes a frame the active one and focuses it; zooms to it if it is too narrow to see. */
  goTo(node: number): void {
    if (placeOf(this.#layout, this.graph.tree.depths[node]!, node) < 0) {
      this.zoomTo(node);
      return;
    }
    this.#active = node;
    this.#drawItem();
    this.focusActive();
    this.#scrollTo(node);
    this.#describe(node);
  }

  /** Goes to the next match (1) or the one before (-1), the heaviest first, round at the end. */
  goToMatch(step: 1 | -1): void {
    const { totals } = this.graph.tree;
    this.#matches ??= [...(this.#found?.nodes ?? [])].sort((a, b) => totals[b]! - totals[a]! || a - b);
    const count = this.#matches.length;
    if (count === 0) return;
    const at = this.#matches.indexOf(this.#active);
    const next = at < 0 ? (step === 1 ? 0 : count - 1) : (at + step + count) % count;
    this.goTo(this.#matches[next]!);
  }

  copy(text: string, what: string): void {
    void copyText(text, this.bar.element).then((copied) => {
      this.say(copied ? `Copied ${what}.` : `The browser did not let ${what} be copied.`);
    });
  }

  say(text: string): void {
    this.bar.say('', text);
  }

  focusActive(): void {
    this.#item.focus({ preventScroll: true });
  }

  /** Where the bar ends, from the top of the picture. */
  get barBottom(): number {
    return Number(this.bar.element.getAttribute('y')) + this.bar.height;
  }

  help(): void {
    openKeyList(this);
  }

  #heaviestCallee(): number {
    const { tree, weights } = this.graph;
    let heaviest = -1;
    const end = tree.subtreeEnds[this.#active]!;
    for (let child = this.#active + 1; child < end; child = tree.subtreeEnds[child]!) {
      if (heaviest < 0 || weights[child]! > weights[heaviest]!) heaviest = child;
    }
    return heaviest;
  }

  #draw(): void {
    const { tree, weights, look, unit } = this.graph;
    this.#zoom = findPath(tree, this.state.zoom);
    this.#found =
      this.state.search === ''
        ? undefined
        : searchTree(tree, matchText(this.state.search, this.state.matchCase));
    this.#matches = undefined;
    const width = Math.max(50, this.root.getBoundingClientRect().width * PLOT_SHARE);
    this.#layout = layoutFlameGraph(tree, { width, weights, zoom: this.#zoom });
    const found = this.#found;
    const frames = drawFrames(tree, this.#layout, width, {
      ...look,
      ...(found === undefined ? {} : { matchedNames: found.matchedNames }),
    });
    const top = this.#plotTop + this.bar.height;
    const height = (this.#layout.rowStarts.length - 2) * ROW_HEIGHT + FRAME_HEIGHT;
    this.#plot.setAttribute('y', String(top));
    this.#plot.setAttribute('height', String(height));
    // At least the window, so that menus have room.
    const least = this.#ownsAddress ? innerHeight : 0;
    this.root.setAttribute('height', String(Math.max(least, top + height + 12)));
    const hadFocus = this.#item.contains(document.activeElement);
    this.#plot.innerHTML = frames;
    this.#hover.setAttribute('visibility', 'hidden');
    this.#plot.append(this.#hover);
    if (placeOf(this.#layout, tree.depths[this.#active]!, this.#active) < 0) this.#active = this.#zoom;
    this.#drawItem();
    if (hadFocus) this.focusActive();
    const matched =
      found === undefined
        ? ''
        : `${formatCount(found.nodes.length)} found · ${formatWeight(found.weight, unit)} (${formatShare(found.weight, tree.totals[0]!)})`;
    this.bar.show(this.state, matched);
    this.#stick();
  }

  /** Puts the one focusable element, which stands for the active frame, in its place. */
  #drawItem(): void {
    const { tree } = this.graph;
    const row = tree.depths[this.#active]!;
    const place = placeOf(this.#layout, row, this.#active);
    const isInner = tree.subtreeEnds[this.#active]! > this.#active + 1;
    const item = svg(
      'g',
      {
        role: 'treeitem',
        tabindex: 0,
        'aria-level': row + 1,
        'aria-selected': 'true',
        'aria-label': `${this.#nameOf(this.#active)}: ${this.graph.describe(this.#active, this.#zoom)}`,
        ...(isInner ? { 'aria-expanded': 'true' } : {}),
      },
      svg('rect', { ...this.#box(place, row), height: FRAME_HEIGHT }),
    );
    this.#item.remove();
    this.#item = item;
    this.#plot.append(item);
  }

  #box(place: number, row: number): { x: string; y: number; width: string } {
    const whole = this.#layout.widths[0]!;
    const percent = (part: number) => `${(part / whole) * 100}%`;
    return {
      x: percent(this.#layout.xs[place]!),
      y: row * ROW_HEIGHT,
      width: percent(this.#layout.widths[place]!),
    };
  }

  #listen(): void {
    this.#plot.addEventListener('click', (event) => {
      const node = this.#nodeAt(event);
      if (node >= 0) this.zoomTo(node);
    });
    this.#plot.addEventListener('contextmenu', (event) => {
      // From the keyboard the event comes from the active frame, and has no place.
      const node = event.button === 2 ? this.#nodeAt(event) : this.#active;
      if (node < 0) return;
      event.preventDefault();
      this.#openMenu(node, event.clientX, event.clientY);
    });
    this.#plot.addEventListener('pointermove', (event) => this.#showHover(this.#nodeAt(event)));
    this.#plot.addEventListener('pointerleave', () => this.#showHover(-1));
    this.root.addEventListener('keydown', (event) => this.#onKey(event));
    let waiting = false;
    window.addEventListener('resize', () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        this.#draw();
      });
    });
    window.addEventListener('scroll', () => this.#stick(), { passive: true, capture: true });
    if (!this.#ownsAddress) return;
    window.addEventListener('hashchange', () => {
      const state = parseFragment(location.hash);
      if (printFragment(state) !== printFragment(this.state)) this.update(state);
    });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inSearch = event.target === this.bar.search;
    if (inSearch && event.key !== 'Escape') return;
    if (event.key === 'm' || event.key === 'ContextMenu') {
      const box = this.#item.getBoundingClientRect();
      this.#openMenu(this.#active, box.left + 8, box.bottom);
    } else {
      const graphCommand = graphCommands.find(({ key }) => key === event.key);
      // On a button of the bar, Enter is the button's own.
      const isOnFrame = this.#item.contains(event.target as Node) || event.key !== 'Enter';
      const frameCommand = isOnFrame ? frameCommands.find(({ key }) => key === event.key) : undefined;
      if (graphCommand === undefined && frameCommand === undefined) return;
      graphCommand?.run(this);
      frameCommand?.run(this, this.#active);
      if (inSearch) this.focusActive();
    }
    event.preventDefault();
  }

  #openMenu(node: number, clientX: number, clientY: number): void {
    const bounds = this.root.getBoundingClientRect();
    openFrameMenu(this, node, clientX - bounds.left, clientY - bounds.top);
  }

  #nodeAt(event: MouseEvent): number {
    const bounds = this.root.getBoundingClientRect();
    const margin = (bounds.width * (1 - PLOT_SHARE)) / 2;
    const row = Math.floor((event.clientY - bounds.top - Number(this.#plot.getAttribute('y'))) / ROW_HEIGHT);
    const place = placeAt(this.#layout, row, event.clientX - bounds.left - margin);
    return place < 0 ? -1 : this.#layout.nodes[place]!;
  }

  #showHover(node: number): void {
    this.#hover.setAttribute('visibility', node < 0 ? 'hidden' : 'visible');
    if (node < 0) return;
    const row = this.graph.tree.depths[node]!;
    const box = this.#box(placeOf(this.#layout, row, node), row);
    for (const [key, value] of Object.entries(box)) this.#hover.setAttribute(key, String(value));
    this.#describe(node);
  }

  #describe(node: number): void {
    this.bar.say(this.#nameOf(node), this.graph.describe(node, this.#zoom));
  }

  #nameOf(node: number): string {
    return printable(nameOf(this.graph.tree, node));
  }

  /** Keeps the bar in sight: where the picture's head has scrolled away, the bar is at the top. */
  #stick(): void {
    const scrolled = -this.root.getBoundingClientRect().top;
    this.bar.element.setAttribute('y', String(Math.max(this.#plotTop - 6, scrolled)));
  }

  #scrollTo(node: number): void {
    const top = this.root.getBoundingClientRect().top + Number(this.#plot.getAttribute('y'));
    const y = top + this.graph.tree.depths[node]! * ROW_HEIGHT;
    const hidden = y < this.bar.height ? y - this.bar.height : Math.max(0, y + 2 * ROW_HEIGHT - innerHeight);
    if (hidden !== 0) window.scrollBy(0, hidden);
  }

  #writeAddress(isStep: boolean): void {
    if (!this.#ownsAddress) return;
    const fragment = printFragment(this.state);
    if (fragment === location.hash.slice(1)) return;
    // Zooming is a step that the back button takes back; typing is not.
    if (isStep) location.hash = fragment;
    else history.replaceState(null, '', `#${fragment}`);
  }
}
