import type { FrameFilter } from '../../core/stack/reshape-tree.ts';
import { html, svg } from './elements.ts';
import { emptyView, printFragment, type ViewState } from './view-state.ts';
import type { Viewer } from './viewer.ts';

/** Heights of the bar: its tools and details, and a line of filters where there are any. */
const BAR_HEIGHT = 66;
const FILTERS_HEIGHT = 32;

const filterLabels: Readonly<Record<FrameFilter['kind'], string>> = {
  focus: 'only',
  exclude: 'without',
  hide: 'hidden',
};

/** The line of tools between the notes and the frames, which stays in sight when the page scrolls. */
export class Bar {
  readonly element = svg('foreignObject', { x: 0, width: '100%', height: BAR_HEIGHT });
  readonly search = html('input', {
    type: 'search',
    placeholder: 'Search: a regular expression ( / )',
    'aria-label': 'Search frames by a regular expression',
    spellcheck: 'false',
    autocomplete: 'off',
  });
  readonly #found = html('span', { class: 'found', role: 'status' });
  readonly #details = html('div', { class: 'details', role: 'status', 'aria-live': 'polite' });
  readonly #filters = html('div', { class: 'tools' });
  readonly #body: HTMLElement;
  readonly #case: HTMLButtonElement;
  readonly #previous: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  readonly #invert: HTMLButtonElement;
  readonly #merge: HTMLButtonElement;
  readonly #widths: HTMLButtonElement;
  readonly #reset: HTMLButtonElement;
  readonly #viewer: Viewer;

  constructor(viewer: Viewer) {
    this.#viewer = viewer;
    const { facts } = viewer.data;
    this.#case = button('Aa', 'Match upper and lower case', () => {
      viewer.update({ matchCase: !viewer.state.matchCase });
    });
    this.#previous = button('‹', 'Previous match (N)', () => viewer.goToMatch(-1));
    this.#next = button('›', 'Next match (n)', () => viewer.goToMatch(1));
    this.#invert = button('Invert', 'Start from the leaves: what was waited in (i)', () => {
      viewer.update({ inverted: !viewer.state.inverted, zoom: [] });
    });
    this.#merge = button('Merge recursion', 'Draw frames that call themselves once (r)', () => {
      viewer.update({ merged: !viewer.state.merged });
    });
    this.#widths = button('', 'Which side gives the widths', () => {
      const next = { both: 'before', before: 'after', after: 'both' } as const;
      viewer.update({ widths: next[viewer.state.widths] });
    });
    this.#reset = button('Reset', 'Show everything as at first (0)', () => viewer.reset());
    const help = button('?', 'Keys and clicks (?)', () => viewer.help());
    const tools = html(
      'div',
      { class: 'tools' },
      this.search,
      this.#case,
      this.#previous,
      this.#next,
      this.#found,
    );
    tools.append(html('span', { class: 'space' }), this.#invert, this.#merge);
    if (facts.beforeScale !== undefined) tools.append(this.#widths);
    tools.append(this.#reset, help);
    this.#body = html(
      'div',
      { class: 'bar', role: 'toolbar', 'aria-label': facts.title },
      tools,
      this.#details,
    );
    this.element.append(this.#body);
    this.search.addEventListener('input', () => viewer.update({ search: this.search.value }));
    this.search.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      viewer.goToMatch(event.shiftKey ? -1 : 1);
    });
  }

  get height(): number {
    return this.#viewer.state.filters.length > 0 ? BAR_HEIGHT + FILTERS_HEIGHT : BAR_HEIGHT;
  }

  /** Brings the tools in line with the view. */
  show(state: ViewState, found: string): void {
    this.element.setAttribute('height', String(this.height));
    if (this.search.value !== state.search) this.search.value = state.search;
    this.#found.textContent = found;
    this.#previous.disabled = this.#next.disabled = found === '' || found.startsWith('0 ');
    press(this.#case, state.matchCase);
    press(this.#invert, state.inverted);
    press(this.#merge, state.merged);
    this.#widths.textContent = `Widths: ${state.widths}`;
    this.#reset.disabled = printFragment(state) === printFragment(emptyView);
    this.#filters.replaceChildren(...state.filters.map((filter) => this.#filterButton(filter)));
    if (state.filters.length > 0) this.#body.append(this.#filters);
    else this.#filters.remove();
  }

  /** Shows a name and what is to say of it. */
  say(name: string, text: string): void {
    this.#details.replaceChildren(...(name === '' ? [] : [html('b', {}, name), ' · ']), text);
  }

  #filterButton(filter: FrameFilter): HTMLButtonElement {
    const label = `${filterLabels[filter.kind]}: ${filter.name} ×`;
    return button(label, 'Take this filter away', () => {
      const { state } = this.#viewer;
      this.#viewer.update({ filters: state.filters.filter((other) => other !== filter) });
    });
  }
}

function button(label: string, title: string, run: () => void): HTMLButtonElement {
  const element = html('button', { type: 'button', title }, label);
  element.addEventListener('click', run);
  return element;
}

function press(element: HTMLButtonElement, pressed: boolean): void {
  element.setAttribute('aria-pressed', String(pressed));
}
