import { type Child, freshId, make, setAttributes } from '../make-element.ts';

/** A column of a grid. */
export interface GridColumn {
  readonly key: string;
  readonly label: string;
  /** Pixels that it has at least, and its part of the room that is left; none if absent. */
  readonly minWidth: number;
  readonly grow?: number;
  readonly isNumber?: boolean;
  readonly isSortable?: boolean;
}

/** What a grid shows: `cellsOf` makes the cells of a row when it comes into sight. */
export interface GridContent {
  readonly title: string;
  readonly columns: readonly GridColumn[];
  readonly rows: number;
  readonly cellsOf: (row: number) => readonly Child[];
  readonly sort?: { readonly key: string; readonly descending: boolean };
}

export interface GridEvents {
  readonly onOpen: (row: number) => void;
  readonly onSort?: (key: string) => void;
}

const ROW_HEIGHT = 30;
/** Rows drawn beyond either edge, so that scrolling by a little shows no gap. */
const OVERSCAN = 8;

const rowSteps: Readonly<Record<string, (active: number, page: number, last: number) => number>> = {
  ArrowDown: (active) => active + 1,
  ArrowUp: (active) => active - 1,
  PageDown: (active, page) => active + page,
  PageUp: (active, page) => active - page,
  Home: () => 0,
  End: (_active, _page, last) => last,
};

/** A table of any length that only has the rows in sight as elements. */
export class VirtualGrid {
  readonly element: HTMLElement;
  readonly #head = make('div', { class: 'grid-head', role: 'row', 'aria-rowindex': 1 });
  readonly #body = make('div', { class: 'grid-body', role: 'rowgroup' });
  readonly #events: GridEvents;
  #content: GridContent = { title: '', columns: [], rows: 0, cellsOf: () => [] };
  #drawn = { first: 0, end: 0 };
  #active = -1;

  constructor(events: GridEvents) {
    this.#events = events;
    const head = make('div', { role: 'rowgroup' }, [this.#head]);
    this.element = make('div', { class: 'grid', role: 'grid', tabindex: 0 }, [head, this.#body], {
      scroll: () => this.#draw(false),
      keydown: (event) => this.#onKey(event),
      click: (event) => this.#onClick(event),
    });
    new ResizeObserver(() => this.#draw(false)).observe(this.element);
  }

  /** Shows other content, from its first row on. */
  show(content: GridContent): void {
    this.#content = content;
    this.#active = -1;
    setAttributes(this.element, {
      'aria-label': content.title,
      'aria-rowcount': content.rows + 1,
      'aria-colcount': content.columns.length,
      'aria-activedescendant': undefined,
    });
    const tracks = content.columns.map(({ minWidth, grow }) =>
      grow === undefined ? `${minWidth}px` : `minmax(${minWidth}px, ${grow}fr)`,
    );
    const minWidth = content.columns.reduce((sum, column) => sum + column.minWidth, 0);
    this.element.style.setProperty('--tracks', tracks.join(' '));
    this.element.style.setProperty('--min-width', `${minWidth}px`);
    this.#body.style.height = `${content.rows * ROW_HEIGHT}px`;
    this.#head.replaceChildren(...content.columns.map((column) => this.#makeHeader(column)));
    this.element.scrollTop = 0;
    this.#draw(true);
  }

  #makeHeader(column: GridColumn): HTMLElement {
    const { sort } = this.#content;
    const order = sort?.key === column.key ? (sort.descending ? 'descending' : 'ascending') : 'none';
    const label = column.isSortable
      ? make('button', { type: 'button', title: `Sort by ${column.label}`, tabindex: 0 }, [column.label], {
          click: () => this.#events.onSort?.(column.key),
        })
      : column.label;
    const isNumber = column.isNumber === true;
    const attributes = {
      role: 'columnheader',
      class: isNumber ? 'number' : undefined,
      'aria-sort': column.isSortable ? order : undefined,
    };
    return make('div', attributes, [label]);
  }

  #draw(isNew: boolean): void {
    const { rows } = this.#content;
    const first = Math.max(0, Math.floor(this.element.scrollTop / ROW_HEIGHT) - OVERSCAN);
    const end = Math.min(rows, first + Math.ceil(this.element.clientHeight / ROW_HEIGHT) + 2 * OVERSCAN);
    if (!isNew && first === this.#drawn.first && end === this.#drawn.end) return;
    this.#drawn = { first, end };
    this.#body.replaceChildren(
      ...Array.from({ length: end - first }, (_, index) => this.#makeRow(first + index)),
    );
    this.#markActive();
  }

  #makeRow(row: number): HTMLElement {
    const { columns, cellsOf } = this.#content;
    const cells = cellsOf(row).map((child, index) =>
      make('div', { role: 'gridcell', class: columns[index]?.isNumber === true ? 'number' : undefined }, [
        child,
      ]),
    );
    const element = make('div', { class: 'grid-row', role: 'row', 'aria-rowindex': row + 2 }, cells);
    element.style.top = `${row * ROW_HEIGHT}px`;
    element.dataset.row = String(row);
    element.classList.toggle('odd', row % 2 === 1);
    return element;
  }

  #markActive(): void {
    this.#body.querySelector('.active')?.classList.remove('active');
    const row = this.#body.querySelector(`[data-row="${this.#active}"]`);
    row?.classList.add('active');
    if (row !== null && row.id === '') row.id = freshId();
    setAttributes(this.element, { 'aria-activedescendant': row?.id });
  }

  #onClick(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('.grid-row') : null;
    if (row === null || String(getSelection()) !== '') return;
    this.#active = Number(row.dataset.row);
    this.#markActive();
    this.#events.onOpen(this.#active);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.target !== this.element || this.#content.rows === 0) return;
    const last = this.#content.rows - 1;
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW_HEIGHT) - 2);
    const step = rowSteps[event.key];
    if (step !== undefined) {
      this.#active = Math.min(last, Math.max(0, step(this.#active, page, last)));
      this.#scrollToActive();
      this.#markActive();
    } else if (event.key === 'Enter' && this.#active >= 0) this.#events.onOpen(this.#active);
    else return;
    event.preventDefault();
  }

  #scrollToActive(): void {
    const headHeight = this.#head.offsetHeight;
    const top = this.#active * ROW_HEIGHT;
    const lowest = top;
    const highest = top + ROW_HEIGHT + headHeight - this.element.clientHeight;
    this.element.scrollTop = Math.min(Math.max(this.element.scrollTop, highest), lowest);
    this.#draw(false);
  }
}
