import { printable } from '../../../core/base/printable.ts';
import { parseTimestampUs } from '../../../core/base/timestamp.ts';
import type { Category, Column, Value } from '../../../core/category/define-category.ts';
import type { Comparison } from '../../../core/query/condition.ts';
import type { AnsweredRow } from '../answered-row.ts';
import { type Child, make, makeButton } from '../make-element.ts';
import { formatFully, headingOf } from './format-cell.ts';

export interface RecordEvents {
  readonly onCompare: (comparison: Comparison) => void;
  readonly onShowStack: (column: string, stack: string) => void;
}

/** Shows one record whole, each value with the conditions that can be made of it. */
export class RecordDialog {
  readonly element: HTMLDialogElement;
  readonly #list = make('dl', { class: 'record' });
  readonly #events: RecordEvents;

  constructor(events: RecordEvents) {
    this.#events = events;
    const close = makeButton('Close', 'Close (Esc)', () => this.element.close());
    this.element = make('dialog', { 'aria-label': 'Record' }, [
      make('div', { class: 'panel-head' }, [make('h2', {}, ['Record']), close]),
      this.#list,
    ]);
    // A click beside the dialog is on its backdrop, which counts as the dialog itself.
    this.element.addEventListener('click', (event) => {
      if (event.target === this.element) this.element.close();
    });
  }

  show(category: Category, row: AnsweredRow, stackColumn: string | undefined): void {
    this.#list.replaceChildren(
      ...category.columns.flatMap((column) => {
        const value = row[column.name] ?? null;
        const buttons = this.#buttonsFor(column, value, stackColumn);
        return [
          make('dt', {}, [headingOf(column)]),
          make('dd', {}, [showValue(column, value), make('span', { class: 'record-buttons' }, buttons)]),
        ];
      }),
    );
    this.element.showModal();
  }

  #buttonsFor(column: Column, value: Value, stackColumn: string | undefined): readonly Child[] {
    const compare = (label: string, title: string, operator: Comparison['operator']) =>
      makeButton(label, title, () => {
        this.element.close();
        const field = column.name;
        this.#events.onCompare({ kind: 'compare', field, operator, value: storedValue(column, value) });
      });
    if (value === null) {
      return [
        compare('=', 'Only records without it', 'is null'),
        compare('≠', 'Only records with it', 'is not null'),
      ];
    }
    if (column.type === 'elapsed' || column.type === 'timestamp') {
      return [
        compare('≥', 'Only records from this value on', '>='),
        compare('≤', 'Only records up to this value', '<='),
      ];
    }
    const buttons = [
      compare('=', 'Only records with this value', '='),
      compare('≠', 'Only records with another value', '!='),
    ];
    if (column.type !== 'stack' || column.name !== stackColumn) return buttons;
    const show = makeButton('Show in graph', 'Zoom the flame graph to this stack', () => {
      this.element.close();
      this.#events.onShowStack(column.name, String(value));
    });
    return [show, ...buttons];
  }
}

/** The value as conditions have it: times are microseconds there. */
function storedValue(column: Column, value: Value): Value {
  return column.type === 'timestamp' && typeof value === 'string' ? parseTimestampUs(value) : value;
}

function showValue(column: Column, value: Value): HTMLElement {
  if (column.type !== 'stack' || typeof value !== 'string') {
    return make('span', { class: 'value' }, [formatFully(column, value)]);
  }
  const frames = value.split(';').map((frame) => make('li', {}, [printable(frame)]));
  return make('ol', { class: 'value frames', 'aria-label': 'Frames, the root first' }, frames);
}
