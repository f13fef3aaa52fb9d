import type { Category } from '../../core/category/define-category.ts';
import { make, makeButton } from './make-element.ts';
import { exampleConditions } from './query/example-conditions.ts';

const keys: readonly (readonly [string, string])[] = [
  ['/', 'search frames; Enter and Shift+Enter go through the matches'],
  ['← → ↑ ↓', 'move from frame to frame'],
  ['Enter', 'zoom into the frame'],
  ['Esc', 'zoom out, then end the search'],
  ['n  N', 'next and previous match'],
  ['f  x', 'only records with this frame; only records without it'],
  ['c  s', 'copy the name; copy the stack'],
  ['i  r', 'invert the stacks; merge recursion'],
  ['Home', 'go to the root'],
  ['0', 'reset zoom and search'],
  ['?', 'this list'],
];

/** Shows the keys of the graph and the ways to write conditions. */
export class HelpDialog {
  readonly element: HTMLDialogElement;
  readonly #conditions = make('div');

  constructor() {
    const close = makeButton('Close', 'Close (Esc)', () => this.element.close());
    this.element = make('dialog', { 'aria-label': 'Help', class: 'help' }, [
      make('div', { class: 'panel-head' }, [make('h2', {}, ['Keys in the flame graph']), close]),
      list(keys, 'kbd'),
      this.#conditions,
    ]);
    this.element.addEventListener('click', (event) => {
      if (event.target === this.element) this.element.close();
    });
  }

  show(category: Category | undefined): void {
    const examples = category === undefined ? [] : exampleConditions(category);
    this.#conditions.replaceChildren(
      make('h2', {}, ['Conditions']),
      list(
        examples.map(({ where, meaning }) => [where, meaning]),
        'code',
      ),
    );
    this.element.showModal();
  }
}

function list(entries: readonly (readonly [string, string])[], tag: 'kbd' | 'code'): HTMLElement {
  return make(
    'dl',
    { class: `entries ${tag}` },
    entries.flatMap(([term, text]) => [make('dt', {}, [make(tag, {}, [term])]), make('dd', {}, [text])]),
  );
}
