import { type Child, make } from './make-element.ts';

export interface Notice {
  readonly kind: 'error' | 'warning' | 'hint';
  readonly title: string;
  readonly content?: readonly Child[];
  readonly actions?: readonly HTMLElement[];
}

/** What the user has to know before looking at the data: one notice for each matter, until it is settled. */
export class Notices {
  readonly element = make('div', { class: 'notices' });
  readonly #shown = new Map<string, HTMLElement>();

  /** Shows a notice in place of the last one on the same matter; without one, takes that away. */
  set(matter: string, notice?: Notice): void {
    this.#shown.get(matter)?.remove();
    this.#shown.delete(matter);
    if (notice === undefined) return;
    const { kind, title, content = [], actions = [] } = notice;
    const role = kind === 'error' ? 'alert' : 'status';
    const element = make('div', { class: `notice ${kind}`, role, 'data-matter': matter }, [
      make('div', { class: 'notice-text' }, [make('strong', {}, [title]), ...content]),
      ...(actions.length === 0 ? [] : [make('div', { class: 'notice-actions' }, actions)]),
    ]);
    this.#shown.set(matter, element);
    this.element.append(element);
  }
}
