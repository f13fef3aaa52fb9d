import { errorCodes } from '../../core/base/error-codes.ts';
import { KernelscopeError } from '../../core/base/kernelscope-error.ts';
import type { Category } from '../../core/category/define-category.ts';
import type { FrameTree } from '../../core/stack/frame-tree.ts';
import type { AnsweredRow } from './answered-row.ts';
import { askCategories, askRows, askTree } from './ask-service.ts';
import { type Choice, chooseColumns } from './query/choose-columns.ts';
import {
  composeCondition,
  composeQueries,
  type FilterField,
  type FilterProblems,
} from './query/compose-queries.ts';
import type { ViewState } from './view-state.ts';

/** What the service answered about a view. */
export interface Loaded {
  readonly view: ViewState;
  readonly choice: Choice;
  /** Absent where the category has no stacks. */
  readonly tree?: FrameTree;
  /** What it is compared with, if it is. */
  readonly base?: FrameTree;
  readonly rows: readonly AnsweredRow[];
  readonly lost: number;
}

export interface LoaderEvents {
  readonly onBusy: (isBusy: boolean) => void;
  /** What the view is about is known, before it is asked for; with problems it is not asked for. */
  readonly onChosen: (choice: Choice, problems: FilterProblems) => void;
  readonly onLoaded: (loaded: Loaded) => void;
  /** Asking failed; where waiting may help it is tried again after `retryInS`. */
  readonly onFailure: (error: KernelscopeError, retryInS: number | undefined) => void;
}

const FIRST_RETRY_S = 2;
const LONGEST_RETRY_S = 30;

/** The parts of a view that a call tree depends on, and those that the list of records does as well. */
const treeParts = [
  'category',
  'stack',
  'weight',
  'where',
  'since',
  'until',
  'hosts',
  'labels',
  'against',
] as const;
const rowParts = [...treeParts, 'sort', 'limit'] as const;

/** Asks the service for what a view needs and is not there yet; a newer question ends the one before. */
export class Loader {
  categories: ReadonlyMap<string, Category> = new Map();
  readonly #events: LoaderEvents;
  #loaded: Loaded | undefined;
  #failed: ViewState | undefined;
  #asking = new AbortController();
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #retryS = FIRST_RETRY_S;

  constructor(events: LoaderEvents) {
    this.#events = events;
  }

  /** Loads what a view shows; with `isForced` all of it, whether it is there or not. */
  async load(view: ViewState, isForced: boolean): Promise<void> {
    // What could not be had is asked for again in time, or needs something else to change.
    if (!isForced && this.#failed !== undefined && isSame(view, this.#failed, rowParts)) return;
    clearTimeout(this.#retryTimer);
    this.#failed = undefined;
    this.#asking.abort();
    if (!isForced && this.#loaded !== undefined && isSame(view, this.#loaded.view, rowParts)) {
      // Back at what is shown, whatever was asked for in between.
      this.#events.onBusy(false);
      this.#events.onChosen(this.#loaded.choice, new Map());
      return;
    }
    const asking = new AbortController();
    this.#asking = asking;
    this.#events.onBusy(true);
    try {
      await this.#ask(view, isForced, asking.signal);
      this.#retryS = FIRST_RETRY_S;
    } catch (error) {
      if (asking.signal.aborted) return;
      if (!(error instanceof KernelscopeError)) throw error;
      this.#fail(error, view);
    } finally {
      if (!asking.signal.aborted) this.#events.onBusy(false);
    }
  }

  async #ask(view: ViewState, isForced: boolean, signal: AbortSignal): Promise<void> {
    if (isForced || this.categories.size === 0) this.categories = await askCategories(signal);
    const choice = chooseColumns(view, this.categories);
    const nowUs = Date.now() * 1000;
    const { condition, base, problems } = composeCondition(view, choice.category, nowUs);
    this.#events.onChosen(choice, problems);
    if (problems.size > 0) return;
    const queries = composeQueries(choice, condition, view.limit);
    const known = this.#loaded;
    const isTreeKnown = !isForced && known !== undefined && isSame(view, known.view, treeParts);
    const baseStacks = base === undefined ? undefined : composeQueries(choice, base, view.limit).stacks;
    let field: FilterField = 'where';
    const answers = Promise.all([
      isTreeKnown || queries.stacks === undefined ? undefined : askTree(queries.stacks, signal),
      askRows(queries.rows, signal),
      isTreeKnown || baseStacks === undefined
        ? undefined
        : askTree(baseStacks, signal).catch((error: unknown) => {
            field = 'against';
            throw error;
          }),
    ]);
    const [tree, rows, baseTree] = await answers.catch((error: unknown) => {
      if (view[field] === '' || !isAboutQuery(error)) throw error;
      // Only the service knows whether a regular expression is one.
      this.#events.onChosen(choice, new Map([[field, error]]));
      return [];
    });
    if (rows === undefined) return;
    const shown = isTreeKnown ? known.tree : tree?.content;
    const compared = isTreeKnown ? known.base : baseTree?.content;
    this.#loaded = {
      view,
      choice,
      rows: rows.content,
      lost: rows.lost + (baseTree?.lost ?? 0),
      ...(shown !== undefined && { tree: shown }),
      ...(compared !== undefined && { base: compared }),
    };
    this.#events.onLoaded(this.#loaded);
  }

  #fail(error: KernelscopeError, view: ViewState): void {
    this.#failed = view;
    if (error.code !== 'service_unavailable') {
      this.#events.onFailure(error, undefined);
      return;
    }
    this.#events.onFailure(error, this.#retryS);
    this.#retryTimer = setTimeout(() => this.load(view, true), this.#retryS * 1000);
    this.#retryS = Math.min(this.#retryS * 2, LONGEST_RETRY_S);
  }
}

function isAboutQuery(error: unknown): error is KernelscopeError {
  return error instanceof KernelscopeError && errorCodes[error.code].httpStatus === 400;
}

function isSame(a: ViewState, b: ViewState, parts: readonly (keyof ViewState)[]): boolean {
  return parts.every((part) => String(a[part]) === String(b[part]));
}
