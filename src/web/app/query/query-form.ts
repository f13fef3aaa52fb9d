import { printable } from '../../../core/base/printable.ts';
import type { Category } from '../../../core/category/define-category.ts';
import { freshId, make, makeButton, setAttributes } from '../make-element.ts';
import { showProblem } from '../show-problem.ts';
import type { ViewState } from '../view-state.ts';
import { type Choice, listWeights, stackColumns } from './choose-columns.ts';
import type { KnownValues } from './complete-where.ts';
import type { FilterField, FilterProblems } from './compose-queries.ts';
import { WhereBox } from './where-box.ts';

export interface FormEvents {
  readonly onChange: (change: Partial<ViewState>) => void;
  /** Asks again, changed or not. */
  readonly onRun: (filters: Pick<ViewState, FilterField>) => void;
}

/** What of a view is about the columns of one category. */
const notOfCategory = { stack: '', weight: '', where: '', zoom: '', sort: '' } as const;

/** Spans up to now that are one click away. */
const spans = [
  { label: '15 min', since: '15m' },
  { label: '1 h', since: '1h' },
  { label: '24 h', since: '24h' },
  { label: '7 d', since: '7d' },
  { label: 'All', since: '' },
] as const;

type TextField = Exclude<FilterField, 'where'>;

const textFields: Readonly<Record<TextField, { label: string; placeholder: string; title: string }>> = {
  since: {
    label: 'Since',
    placeholder: 'the beginning',
    title: 'From this time on: 2h (ago), 2016-10-24, 2016-10-24 17:12:43; UTC without an offset',
  },
  until: {
    label: 'Until',
    placeholder: 'now',
    title: 'Before this time: 10m (ago), 2016-10-24, 2016-10-24 17:12:43; UTC without an offset',
  },
  hosts: { label: 'Hosts', placeholder: 'all', title: 'Any of these hosts, with commas between them' },
  labels: { label: 'Labels', placeholder: 'kernel=v6.12', title: 'key=value, with commas between them' },
  against: {
    label: 'Compare with',
    placeholder: 'labels.kernel = v6.11',
    title: 'Condition of other records, under the same times, hosts and labels: what became more, what less',
  },
};

/** The form that says which records are shown, and by what their stacks are weighed. */
export class QueryForm {
  readonly element: HTMLElement;
  readonly where: WhereBox;
  readonly #events: FormEvents;
  readonly #category: HTMLSelectElement;
  readonly #stack: HTMLSelectElement;
  readonly #weight: HTMLSelectElement;
  readonly #stackField: HTMLElement;
  readonly #weightField: HTMLElement;
  readonly #spans: readonly HTMLButtonElement[];
  readonly #inputs = new Map<TextField, HTMLInputElement>();
  readonly #problems = new Map<TextField, HTMLElement>();
  readonly #shownTexts = new Map<FilterField, string>();
  readonly #hosts = make('datalist', { id: freshId() });
  readonly #valuesOf: KnownValues;

  constructor(events: FormEvents, valuesOf: KnownValues) {
    this.#events = events;
    this.#valuesOf = valuesOf;
    this.where = new WhereBox(() => events.onRun(this.#readFilters()), valuesOf);
    this.#category = make('select', {}, [], {
      // Another category has other columns: conditions on the old ones mean nothing.
      change: () => this.#change({ ...notOfCategory, category: this.#category.value }),
    });
    this.#stack = make('select', {}, [], {
      change: () => this.#change({ stack: this.#stack.value, zoom: '' }),
    });
    this.#weight = make('select', {}, [], {
      change: () => this.#change({ weight: this.#weight.value, sort: '' }),
    });
    this.#stackField = labelled('Stacks', this.#stack);
    this.#weightField = labelled('Weigh by', this.#weight);
    this.#spans = spans.map(({ label, since }) =>
      makeButton(label, since === '' ? 'Records of any time' : `The last ${label}`, () =>
        this.#change({ since, until: '' }),
      ),
    );
    const group = make(
      'div',
      { class: 'joined spans', role: 'group', 'aria-label': 'Time span' },
      this.#spans,
    );
    this.element = make('form', { class: 'panel query', 'aria-label': 'Which records', novalidate: true }, [
      this.where.element,
      make('div', { class: 'fields' }, [
        labelled('Category', this.#category),
        this.#stackField,
        this.#weightField,
        make('div', { class: 'field' }, [
          make('span', { class: 'label', 'aria-hidden': 'true' }, ['Time']),
          group,
        ]),
        ...(Object.keys(textFields) as TextField[]).map((field) => this.#makeTextField(field)),
      ]),
      this.#hosts,
    ]);
    this.element.addEventListener('submit', (event) => event.preventDefault());
  }

  /** Shows what the view asks for; `choice` is absent where it cannot be answered. */
  show(view: ViewState, categories: ReadonlyMap<string, Category>, choice: Choice | undefined): void {
    const chosen = choice?.category.name ?? view.category;
    const names = categories.has(chosen) ? [...categories.keys()] : [chosen, ...categories.keys()];
    fill(
      this.#category,
      names.map((name) => ({ name, label: name })),
      chosen,
    );
    const stacks = choice === undefined ? [] : stackColumns(choice.category);
    fill(
      this.#stack,
      stacks.map(({ name, prettyName }) => ({ name, label: prettyName })),
      choice?.stack?.name ?? '',
    );
    this.#stackField.hidden = stacks.length < 2;
    const weights = choice === undefined ? [] : listWeights(choice.category);
    fill(this.#weight, weights, choice?.weight.name ?? '');
    this.#weightField.hidden = stacks.length === 0;
    spans.forEach(({ since }, index) => {
      const isPressed = view.since === since && view.until === '';
      setAttributes(this.#spans[index]!, { 'aria-pressed': String(isPressed) });
    });
    for (const [field, input] of this.#inputs) {
      const value = view[field];
      this.#showText(field, input, typeof value === 'string' ? value : value.join(', '));
    }
    this.#showText('where', this.where.input, view.where);
    if (choice !== undefined) this.where.show(choice.category);
    this.#hosts.replaceChildren(...this.#valuesOf('hostname').map((value) => make('option', { value })));
  }

  /** Shows beside each field what is wrong with it. */
  complain(problems: FilterProblems): void {
    this.where.complain(problems.get('where'));
    for (const [field, place] of this.#problems) {
      const problem = problems.get(field);
      place.replaceChildren(...(problem === undefined ? [] : showProblem(problem)));
      setAttributes(this.#inputs.get(field)!, { 'aria-invalid': problem === undefined ? undefined : 'true' });
    }
  }

  #makeTextField(field: TextField): HTMLElement {
    const { label, placeholder, title } = textFields[field];
    const problemId = freshId();
    const input = make(
      'input',
      {
        type: 'text',
        placeholder,
        title,
        autocomplete: 'off',
        spellcheck: 'false',
        'aria-describedby': problemId,
        list: field === 'hosts' ? this.#hosts.id : undefined,
      },
      [],
      {
        change: () => this.#change({}),
        keydown: (event) => {
          if (event.key === 'Enter') this.#change({});
        },
      },
    );
    const problem = make('div', { id: problemId, class: 'problem', role: 'alert' });
    this.#inputs.set(field, input);
    this.#problems.set(field, problem);
    const element = labelled(label, input);
    element.append(problem);
    element.classList.add(field);
    return element;
  }

  /** Writes a text into its field, unless it is there since before: what is being written there now stays. */
  #showText(field: FilterField, input: HTMLInputElement, text: string): void {
    if (this.#shownTexts.get(field) === text) return;
    this.#shownTexts.set(field, text);
    input.value = text;
  }

  /** What is written in a field counts, entered or not: nothing that was typed is lost. */
  #change(change: Partial<ViewState>): void {
    this.#events.onChange({ ...this.#readFilters(), ...change });
  }

  #readFilters(): Pick<ViewState, FilterField> {
    const read = (field: TextField) => this.#inputs.get(field)!.value.trim();
    const where = this.where.input.value.trim();
    return {
      where,
      since: read('since'),
      until: read('until'),
      hosts: splitList(read('hosts')),
      labels: splitList(read('labels')),
      against: read('against'),
    };
  }
}

function splitList(text: string): readonly string[] {
  const items = text.split(',').map((item) => item.trim());
  return items.filter((item) => item !== '');
}

function labelled(label: string, control: HTMLInputElement | HTMLSelectElement): HTMLElement {
  control.id = freshId();
  return make('div', { class: 'field' }, [make('label', { for: control.id }, [label]), control]);
}

function fill(
  select: HTMLSelectElement,
  choices: readonly { readonly name: string; readonly label: string }[],
  chosen: string,
): void {
  const isSame = choices.every(({ name }, index) => select.options[index]?.value === name);
  if (!isSame || choices.length !== select.options.length) {
    select.replaceChildren(
      ...choices.map(({ name, label }) =>
        make('option', { value: name }, [printable(label === '' ? name : label)]),
      ),
    );
  }
  select.value = chosen;
}
