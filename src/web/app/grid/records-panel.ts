import { formatCount } from '../../../core/base/units.ts';
import { type Category, type Column, isNumeric } from '../../../core/category/define-category.ts';
import type { AnsweredRow } from '../answered-row.ts';
import { make } from '../make-element.ts';
import type { Choice } from '../query/choose-columns.ts';
import type { ViewState } from '../view-state.ts';
import { formatCell, headingOf } from './format-cell.ts';
import { makeStackCell } from './stack-cell.ts';
import { summarizeRecords } from './summarize-records.ts';
import { type GridColumn, VirtualGrid } from './virtual-grid.ts';

const LIMITS = [100, 1000, 10_000, 100_000];

export interface RecordsEvents {
  readonly onChange: (change: Partial<ViewState>, isStep: boolean) => void;
  readonly onOpen: (row: AnsweredRow) => void;
}

/** The table of records, sorted by the service, and what is left out of it. */
export class RecordsPanel {
  readonly element: HTMLElement;
  readonly #events: RecordsEvents;
  readonly #grid: VirtualGrid;
  readonly #summary = make('p', { class: 'summary', 'aria-live': 'polite' });
  readonly #limit: HTMLSelectElement;
  #rows: readonly AnsweredRow[] = [];
  #choice: Choice | undefined;

  constructor(events: RecordsEvents) {
    this.#events = events;
    this.#limit = make('select', { 'aria-label': 'Records shown at most' }, [], {
      change: () => events.onChange({ limit: Number(this.#limit.value) }, true),
    });
    this.#grid = new VirtualGrid({
      onOpen: (row) => events.onOpen(this.#rows[row]!),
      onSort: (key) => this.#sortBy(key),
    });
    const limit = make('label', { class: 'limit' }, ['Show at most', this.#limit]);
    this.element = make('section', { class: 'panel records', 'aria-label': 'Records' }, [
      make('div', { class: 'panel-head' }, [make('h2', {}, ['Records']), this.#summary, limit]),
      this.#grid.element,
    ]);
  }

  show(rows: readonly AnsweredRow[], choice: Choice, limit: number, total: number | undefined): void {
    this.#rows = rows;
    this.#choice = choice;
    const { category, sort } = choice;
    const limits = LIMITS.includes(limit) ? LIMITS : [...LIMITS, limit].sort((a, b) => a - b);
    this.#limit.replaceChildren(
      ...limits.map((value) => make('option', { value, selected: value === limit }, [formatCount(value)])),
    );
    this.#grid.show({
      title: `Records of ${category.name}`,
      columns: category.columns.map(gridColumn),
      rows: rows.length,
      cellsOf: (row) => category.columns.map((column) => makeCell(column, rows[row]!)),
      sort: { key: sort.column, descending: sort.descending },
    });
    this.#grid.element.hidden = rows.length === 0;
    this.#summary.textContent = summarizeRecords(rows, choice, limit, total);
  }

  #sortBy(column: string): void {
    const { sort, category } = this.#choice!;
    const isSame = sort.column === column;
    const descending = isSame ? !sort.descending : startsDescending(category, column);
    this.#events.onChange({ sort: `${descending ? '-' : ''}${column}` }, true);
  }
}

/** What is large or late is asked for more often than what is small or early. */
function startsDescending(category: Category, name: string): boolean {
  const column = category.columns.find((candidate) => candidate.name === name);
  return column !== undefined && (isNumeric(column) || column.type === 'timestamp');
}

const widths: Readonly<Record<Column['type'], Pick<GridColumn, 'minWidth' | 'grow'>>> = {
  timestamp: { minWidth: 195 },
  elapsed: { minWidth: 105 },
  int: { minWidth: 95 },
  string: { minWidth: 130, grow: 1 },
  stack: { minWidth: 320, grow: 6 },
};

function gridColumn(column: Column): GridColumn {
  return {
    ...widths[column.type],
    key: column.name,
    label: headingOf(column),
    isNumber: isNumeric(column),
    isSortable: true,
  };
}

function makeCell(column: Column, row: AnsweredRow): Node | string {
  const value = row[column.name];
  if (column.type === 'stack' && typeof value === 'string') return makeStackCell(value);
  return formatCell(column, value);
}
