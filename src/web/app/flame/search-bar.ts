import { formatCount } from '../../../core/base/units.ts';
import { formatShare, formatWeight } from '../../../core/render/format-weight.ts';
import type { FrameTree } from '../../../core/stack/frame-tree.ts';
import { matchText } from '../../../core/stack/match-text.ts';
import { type SearchResult, searchTree } from '../../../core/stack/search-tree.ts';
import type { WeightUnit } from '../../../core/stack/weight-unit.ts';
import { make, makeButton, setAttributes } from '../make-element.ts';
import type { ViewState } from '../view-state.ts';

export interface SearchEvents {
  readonly onSearch: (change: Pick<Partial<ViewState>, 'search' | 'matchCase'>) => void;
  /** 1 for the next match, -1 for the one before. */
  readonly onStep: (direction: 1 | -1) => void;
  readonly onLeave: () => void;
}

/** The field to search frames in, and what is found. */
export class SearchBar {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  readonly #found = make('output', { class: 'found', 'aria-live': 'polite' });
  readonly #case: HTMLButtonElement;
  readonly #steps: readonly HTMLButtonElement[];

  constructor(events: SearchEvents) {
    this.input = make(
      'input',
      {
        type: 'search',
        placeholder: 'Search frames  ( / )',
        'aria-label': 'Search frames by a regular expression',
        spellcheck: 'false',
        autocomplete: 'off',
      },
      [],
      {
        input: () => events.onSearch({ search: this.input.value }),
        keydown: (event) => {
          if (event.key === 'Enter') events.onStep(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape' && this.input.value === '') events.onLeave();
          else if (event.key === 'Escape') events.onSearch({ search: '' });
          else return;
          event.preventDefault();
        },
      },
    );
    this.#case = makeButton('Aa', 'Tell upper from lower case', () => {
      events.onSearch({ matchCase: this.#case.getAttribute('aria-pressed') !== 'true' });
    });
    this.#steps = [
      makeButton('‹', 'Previous match (N)', () => events.onStep(-1), { 'aria-label': 'Previous match' }),
      makeButton('›', 'Next match (n)', () => events.onStep(1), { 'aria-label': 'Next match' }),
    ];
    const field = make('div', { class: 'joined' }, [this.input, this.#case, ...this.#steps]);
    this.element = make('div', { class: 'search', role: 'search' }, [field, this.#found]);
  }

  /** Shows what is searched for in a tree; answers what is found, nothing where nothing is searched for. */
  show(
    tree: FrameTree,
    unit: WeightUnit,
    { search, matchCase }: Pick<ViewState, 'search' | 'matchCase'>,
  ): SearchResult | undefined {
    if (this.input.value !== search) this.input.value = search;
    setAttributes(this.#case, { 'aria-pressed': String(matchCase) });
    const result = search === '' ? undefined : searchTree(tree, matchText(search, matchCase));
    const count = result?.nodes.length ?? 0;
    for (const button of this.#steps) button.disabled = count === 0;
    this.#found.textContent = result === undefined ? '' : describe(tree, unit, result);
    this.element.classList.toggle('finds-nothing', result !== undefined && count === 0);
    return result;
  }
}

function describe(tree: FrameTree, unit: WeightUnit, { nodes, weight }: SearchResult): string {
  if (nodes.length === 0) return 'no frame matches';
  const frames = nodes.length === 1 ? '1 frame' : `${formatCount(nodes.length)} frames`;
  return `${frames}, ${formatWeight(weight, unit)} (${formatShare(weight, tree.totals[0]!)})`;
}
