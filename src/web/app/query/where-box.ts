import type { KernelscopeError } from '../../../core/base/kernelscope-error.ts';
import type { Category } from '../../../core/category/define-category.ts';
import { freshId, make, makeButton, setAttributes } from '../make-element.ts';
import { showProblem } from '../show-problem.ts';
import { type Completions, completeWhere, type KnownValues } from './complete-where.ts';
import { exampleConditions } from './example-conditions.ts';

/** The field for a where clause, with completion by the category's columns and values, and its errors below it. */
export class WhereBox {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  readonly #list: HTMLUListElement;
  readonly #problem: HTMLElement;
  readonly #onSubmit: () => void;
  readonly #valuesOf: KnownValues;
  #category: Category | undefined;
  #completions: Completions = { start: 0, options: [] };
  #chosen = -1;

  constructor(onSubmit: () => void, valuesOf: KnownValues) {
    this.#onSubmit = onSubmit;
    this.#valuesOf = valuesOf;
    const listId = freshId();
    const problemId = freshId();
    const inputId = freshId();
    this.#list = make('ul', {
      id: listId,
      role: 'listbox',
      class: 'completions',
      'aria-label': 'Completions',
      hidden: true,
    });
    this.#problem = make('div', { id: problemId, class: 'problem', role: 'alert' });
    this.input = make(
      'input',
      {
        id: inputId,
        type: 'text',
        class: 'where',
        role: 'combobox',
        'aria-autocomplete': 'list',
        'aria-expanded': 'false',
        'aria-controls': listId,
        'aria-describedby': problemId,
        autocomplete: 'off',
        autocapitalize: 'off',
        spellcheck: 'false',
        enterkeyhint: 'search',
      },
      [],
      {
        input: () => this.#complete(),
        click: () => this.#complete(),
        keydown: (event) => this.#onKey(event),
        blur: () => this.#close(),
      },
    );
    const field = make('div', { class: 'where-field' }, [this.input, this.#list]);
    const run = makeButton('Run', 'Ask for these records (Enter)', () => this.#submit(), {
      class: 'primary',
    });
    this.element = make('div', { class: 'where-box' }, [
      make('label', { for: inputId }, ['Where']),
      make('div', { class: 'where-line' }, [field, run]),
      this.#problem,
    ]);
  }

  /** Takes clauses about this category from here on. */
  show(category: Category): void {
    this.#category = category;
    this.input.placeholder = exampleFor(category);
  }

  /** Shows what is wrong with the clause, or that nothing is. */
  complain(problem: KernelscopeError | undefined): void {
    setAttributes(this.input, { 'aria-invalid': problem === undefined ? undefined : 'true' });
    this.#problem.replaceChildren(...(problem === undefined ? [] : showProblem(problem)));
  }

  #submit(): void {
    this.#close();
    this.#onSubmit();
  }

  #complete(): void {
    if (this.#category === undefined) return;
    const caret = this.input.selectionStart ?? this.input.value.length;
    this.#completions = completeWhere(this.input.value.slice(0, caret), this.#category, this.#valuesOf);
    this.#choose(-1);
    const { options } = this.#completions;
    this.#list.replaceChildren(
      ...options.map(({ text, hint }, index) =>
        make('li', { role: 'option', id: `${this.#list.id}-${index}` }, [text, make('span', {}, [hint])], {
          // Before the field loses the focus, which would close the list.
          pointerdown: (event) => {
            event.preventDefault();
            this.#accept(index);
          },
        }),
      ),
    );
    this.#list.hidden = options.length === 0;
    setAttributes(this.input, { 'aria-expanded': String(options.length > 0) });
  }

  #close(): void {
    this.#list.hidden = true;
    this.#choose(-1);
    setAttributes(this.input, { 'aria-expanded': 'false' });
  }

  #choose(index: number): void {
    this.#chosen = index;
    const items = [...this.#list.children];
    items.forEach((item, at) => {
      setAttributes(item, { 'aria-selected': String(at === index) });
    });
    items[index]?.scrollIntoView({ block: 'nearest' });
    setAttributes(this.input, { 'aria-activedescendant': items[index]?.id });
  }

  #accept(index: number): void {
    const { start, options } = this.#completions;
    const { text } = options[index]!;
    const caret = this.input.selectionStart ?? this.input.value.length;
    // A label's key follows its prefix without a space.
    const end = text.endsWith('.') ? '' : ' ';
    const before = `${this.input.value.slice(0, start)}${text}${end}`;
    this.input.value = before + this.input.value.slice(caret).trimStart();
    this.input.setSelectionRange(before.length, before.length);
    this.#complete();
  }

  #onKey(event: KeyboardEvent): void {
    const count = this.#list.hidden ? 0 : this.#completions.options.length;
    if (event.key === 'Enter' && this.#chosen >= 0) this.#accept(this.#chosen);
    else if (event.key === 'Enter') this.#submit();
    else if (event.key === 'ArrowDown' && count === 0) this.#complete();
    else if (event.key === 'ArrowDown') this.#choose((this.#chosen + 1) % count);
    else if (event.key === 'ArrowUp' && count > 0)
      this.#choose((this.#chosen <= 0 ? count : this.#chosen) - 1);
    else if (event.key === 'Tab' && this.#chosen >= 0) this.#accept(this.#chosen);
    else if (event.key === 'Escape' && count > 0) this.#close();
    else return;
    event.preventDefault();
  }
}

function exampleFor(category: Category): string {
  const [first, second] = exampleConditions(category);
  return `for example: ${[first, second].map((example) => example?.where).join(' and ')}`;
}
