import type { KernelscopeError } from '../../core/base/kernelscope-error.ts';
import { printable } from '../../core/base/printable.ts';
import { formatCount } from '../../core/base/units.ts';
import type { Comparison } from '../../core/query/condition.ts';
import { keepToken } from './ask-service.ts';
import { explainEmpty } from './explain-empty.ts';
import { FlamePanel, type Graph } from './flame/flame-panel.ts';
import { RecordDialog } from './grid/record-dialog.ts';
import { RecordsPanel } from './grid/records-panel.ts';
import { TopStacksPanel } from './grid/top-stacks-panel.ts';
import { HelpDialog } from './help-dialog.ts';
import { knownValues } from './known-values.ts';
import { type Loaded, Loader } from './loader.ts';
import { make, makeButton, setAttributes } from './make-element.ts';
import { type Notice, Notices } from './notices.ts';
import { type Choice, chooseColumns } from './query/choose-columns.ts';
import type { FilterProblems } from './query/compose-queries.ts';
import { compareFrame, extendWhere } from './query/extend-where.ts';
import { QueryForm } from './query/query-form.ts';
import { showProblem } from './show-problem.ts';
import { SummaryStrip } from './summary-strip.ts';
import { noFilters, printView, readView, type ViewState } from './view-state.ts';

/** The page: it keeps address, answers and what is shown of them in step. */
export class App {
  readonly #loader: Loader;
  readonly #form: QueryForm;
  readonly #notices = new Notices();
  readonly #strip = new SummaryStrip();
  readonly #flame: FlamePanel;
  readonly #graphPanel = make('section', { class: 'panel graph', 'aria-label': 'Flame graph' });
  readonly #topStacks: TopStacksPanel;
  readonly #records: RecordsPanel;
  readonly #dialog: RecordDialog;
  readonly #help = new HelpDialog();
  readonly #results: HTMLElement;
  readonly #progress = make('div', {
    class: 'progress',
    hidden: true,
    role: 'progressbar',
    'aria-label': 'Asking',
  });
  #view: ViewState = readView(location.search);
  #loaded: Loaded | undefined;
  #graph: Graph | undefined;

  constructor(root: HTMLElement) {
    const onChange = (change: Partial<ViewState>, isStep: boolean) => this.#change(change, isStep);
    this.#loader = new Loader({
      onBusy: (isBusy) => this.#showBusy(isBusy),
      onChosen: (choice, problems) => this.#showChoice(choice, problems),
      onLoaded: (loaded) => this.#showLoaded(loaded),
      onFailure: (error, retryInS) => this.#showFailure(error, retryInS),
    });
    this.#form = new QueryForm(
      {
        onChange: (change) => this.#change(change, true),
        onRun: (filters) => this.#change(filters, true, true),
      },
      (column) => knownValues(this.#loaded?.rows ?? [], column),
    );
    this.#flame = new FlamePanel({
      onChange,
      onFilter: (name, isWanted) => this.#filterFrame(name, isWanted),
    });
    this.#topStacks = new TopStacksPanel((zoom) => this.#showStack(zoom));
    this.#records = new RecordsPanel({ onChange, onOpen: (row) => this.#openRecord(row) });
    this.#dialog = new RecordDialog({
      onCompare: (comparison) => this.#addCondition(comparison),
      onShowStack: (_column, stack) => this.#showStack(stack),
    });
    this.#results = make('div', { class: 'results', hidden: true }, [
      this.#strip.element,
      this.#graphPanel,
      this.#topStacks.element,
      this.#records.element,
    ]);
    // Without categories there is nothing to choose from.
    this.#form.element.hidden = true;
    root.append(
      this.#makeHeader(),
      this.#progress,
      make('main', {}, [this.#form.element, this.#notices.element, this.#results]),
      this.#dialog.element,
      this.#help.element,
    );
    document.addEventListener('keydown', (event) => this.#onKey(event));
    addEventListener('popstate', () => this.#goTo(readView(location.search), false));
  }

  /** Loads what the address asks for. */
  start(): void {
    this.#goTo(this.#view, true);
  }

  #makeHeader(): HTMLElement {
    const refresh = makeButton(
      'Refresh',
      'Ask again for the same',
      () => void this.#loader.load(this.#view, true),
    );
    const help = makeButton('Help', 'Keys and conditions (?)', () => this.#showHelp());
    return make('header', {}, [
      make('a', { href: '.', class: 'brand' }, [
        make('img', { src: 'icon.svg', alt: '', width: 26, height: 26 }),
        'kernelscope',
      ]),
      make('div', { class: 'header-buttons' }, [refresh, help]),
    ]);
  }

  #change(change: Partial<ViewState>, isStep: boolean, isForced = false): void {
    const view = { ...this.#view, ...change };
    const address = printView(view);
    if (address !== printView(this.#view)) {
      // An address without a query part would leave the old one in place.
      const url = location.pathname + address;
      if (isStep) history.pushState(null, '', url);
      else history.replaceState(null, '', url);
    } else if (!isForced) return;
    this.#goTo(view, isForced);
  }

  #goTo(view: ViewState, isForced: boolean): void {
    this.#view = view;
    this.#drawGraph();
    void this.#loader.load(view, isForced);
  }

  #showBusy(isBusy: boolean): void {
    this.#progress.hidden = !isBusy;
    setAttributes(this.#results, { 'aria-busy': String(isBusy) });
  }

  #showChoice(choice: Choice, problems: FilterProblems): void {
    this.#notices.set('failure');
    this.#form.element.hidden = false;
    this.#form.show(this.#view, this.#loader.categories, choice);
    this.#form.complain(problems);
    this.#markStale(problems.size > 0);
    document.title = `${choice.category.name} · kernelscope`;
  }

  #showLoaded(loaded: Loaded): void {
    const { choice, tree, rows, lost } = loaded;
    this.#loaded = loaded;
    this.#results.hidden = false;
    this.#form.show(this.#view, this.#loader.categories, choice);
    this.#notices.set('lost', lost > 0 ? describeLost(lost) : undefined);
    const empty = explainEmpty(loaded, () => this.#change({ ...noFilters, zoom: '' }, true));
    if (tree === undefined || empty !== undefined) this.#graph = undefined;
    else if (this.#graph?.tree !== tree || this.#graph.base !== loaded.base)
      this.#graph = makeGraph(choice, tree, loaded.base);
    const isBaseEmpty = loaded.base !== undefined && loaded.base.totals[0] === 0;
    this.#notices.set('base', isBaseEmpty ? nothingToCompareWith : undefined);
    this.#graphPanel.replaceChildren(empty ?? this.#flame.element);
    this.#strip.show(this.#graph, printable(choice.weight.label));
    this.#topStacks.element.hidden = this.#graph === undefined;
    if (this.#graph !== undefined) this.#topStacks.show(this.#graph);
    this.#records.element.hidden = rows.length === 0;
    this.#records.show(rows, choice, loaded.view.limit, tree?.totals[0]);
    this.#drawGraph();
  }

  #drawGraph(): void {
    if (this.#graph === undefined) return;
    const isFound = this.#flame.show(this.#graph, this.#view);
    this.#notices.set('zoom', isFound ? undefined : this.#describeMissing());
  }

  #showFailure(error: KernelscopeError, retryInS: number | undefined): void {
    this.#markStale(true);
    if (retryInS !== undefined) {
      this.#notices.set('failure', this.#describeAway(error, retryInS));
    } else if (error.code === 'unauthorized' || error.code === 'forbidden') {
      this.#notices.set('failure', this.#askForToken(error));
    } else {
      this.#notices.set('failure', {
        kind: 'error',
        title: 'This cannot be shown',
        content: showProblem(error),
      });
      this.#showFormAlone();
    }
  }

  /** Lets the user choose something else where what the address asks for is not there. */
  #showFormAlone(): void {
    const { categories } = this.#loader;
    if (categories.size === 0) return;
    let choice: Choice | undefined;
    try {
      choice = chooseColumns(this.#view, categories);
    } catch {
      // That it cannot be chosen is what has just been said.
    }
    this.#form.element.hidden = false;
    this.#form.show(this.#view, categories, choice);
  }

  #describeMissing(): Notice {
    const dismiss = makeButton('Dismiss', 'Do not look for it any longer', () =>
      this.#change({ zoom: '' }, false),
    );
    return {
      kind: 'hint',
      title: 'The zoomed frame is not among these stacks',
      content: [make('p', {}, ['The whole graph is shown.'])],
      actions: [dismiss],
    };
  }

  #describeAway(error: KernelscopeError, retryInS: number): Notice {
    const retry = makeButton('Try now', 'Ask again at once', () => void this.#loader.load(this.#view, true), {
      class: 'primary',
    });
    const text = `It is asked again in ${retryInS} seconds.${this.#loaded === undefined ? '' : ' What is below is what it answered before.'}`;
    return {
      kind: 'error',
      title: `${capitalize(error.message)}`,
      content: [make('p', {}, [text])],
      actions: [retry],
    };
  }

  #askForToken(error: KernelscopeError): Notice {
    const input = make('input', {
      type: 'password',
      'aria-label': 'Token',
      autocomplete: 'off',
      required: true,
      pattern: '[!-~]+',
      title: 'Letters, digits and signs without spaces',
    });
    const form = make(
      'form',
      { class: 'token' },
      [input, make('button', { class: 'primary' }, ['Use token'])],
      {
        submit: (event) => {
          event.preventDefault();
          keepToken(input.value.trim());
          void this.#loader.load(this.#view, true);
        },
      },
    );
    return {
      kind: 'error',
      title: 'This service asks for a token',
      content: [make('p', {}, [printable(error.message)])],
      actions: [form],
    };
  }

  #showHelp(): void {
    const { categories } = this.#loader;
    this.#help.show(this.#loaded?.choice.category ?? categories.values().next().value);
  }

  /** What is shown is not what the form asks for. */
  #markStale(isStale: boolean): void {
    this.#results.classList.toggle('stale', isStale);
  }

  #showStack(stack: string): void {
    this.#change({ zoom: stack, inverted: false, merged: false }, true);
    this.#graphPanel.scrollIntoView({ block: 'nearest' });
    this.#flame.focus();
  }

  #openRecord(row: Loaded['rows'][number]): void {
    const { category, stack } = this.#loaded!.choice;
    this.#dialog.show(category, row, stack?.name);
  }

  #filterFrame(name: string, isWanted: boolean): void {
    const { stack } = this.#loaded!.choice;
    if (stack !== undefined) this.#addCondition(compareFrame(stack.name, name, isWanted));
  }

  #addCondition(comparison: Comparison): void {
    const { category } = this.#loaded!.choice;
    this.#change({ where: extendWhere(this.#view.where, comparison, category) }, true);
  }

  #onKey(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '/' && this.#graph !== undefined) this.#flame.focusSearch();
    else if (event.key === '?') this.#showHelp();
    else return;
    event.preventDefault();
  }
}

function makeGraph({ weight, category }: Choice, tree: Graph['tree'], base: Graph['base']): Graph {
  const title = printable(`${weight.label} of ${category.name} by stack`);
  return { tree, unit: weight.unit, title, ...(base !== undefined && { base }) };
}

const nothingToCompareWith: Notice = {
  kind: 'hint',
  title: 'No stack matches what is compared with',
  content: [make('p', {}, ['So that everything is new.'])],
};

function describeLost(lost: number): Notice {
  const events = lost === 1 ? '1 event was' : `${formatCount(lost)} events were`;
  return {
    kind: 'warning',
    title: `${events} lost`,
    content: [
      make('p', {}, ['The tracers of these hosts and times could not record them: true values are higher.']),
    ],
  };
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
