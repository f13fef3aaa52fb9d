import {
  type AnswerColumn,
  type AnswerRow,
  allOf,
  type Category,
  type Condition,
  entryColumns,
} from '../../core/index.ts';

/** How far back records are counted, in the order in which a key goes through them; undefined for all. */
export const windows = ['1m', '5m', '15m', '1h', '24h', undefined] as const;

/** What was answered last. */
export interface TopAnswer {
  readonly columns: readonly AnswerColumn[];
  readonly rows: readonly AnswerRow[];
  /** What all groups come to by the first number, of which each is a share. */
  readonly total: number;
  readonly groups: number;
  readonly records: number;
  readonly lost: number;
  readonly atMs: number;
}

/** What the live view shows and is asked for. */
export interface TopState {
  readonly category: Category;
  /** What can be grouped by, as `query --group-by` takes it. */
  readonly groupings: readonly string[];
  readonly groupBy: string;
  readonly since: string | undefined;
  readonly filter: string;
  /** What is being typed as a filter; undefined where nothing is. */
  readonly typing: string | undefined;
  readonly isPaused: boolean;
  readonly isDone: boolean;
  readonly answer: TopAnswer | undefined;
  /** Why there is no newer answer. */
  readonly trouble: string | undefined;
}

/** The ways to group a category's records that a key goes through: names, then the stack by what is waited in and whole, then hosts. */
export function groupingsOf(category: Category): readonly string[] {
  const columns = entryColumns(category);
  const names = columns.filter(({ type }) => type === 'string').map(({ name }) => name);
  const stack = columns.find(({ type }) => type === 'stack')?.name;
  return [...names, ...(stack === undefined ? [] : ['wchan', stack]), 'hostname'];
}

/** What is worked out of each group, the one that it is ranked by first. */
export function aggregatesOf(category: Category): readonly string[] {
  const duration = entryColumns(category).find(({ type }) => type === 'elapsed')?.name;
  if (duration !== undefined) return [`sum(${duration})`, 'count', `avg(${duration})`, `max(${duration})`];
  const counted = entryColumns(category).find(({ name, type }) => name === 'count' && type === 'int');
  return counted === undefined ? ['count'] : ['sum(count)'];
}

/** Presses a key; what is asked for may be another question then. */
export function pressTopKey(state: TopState, key: string): TopState {
  if (state.typing !== undefined) return typeFilter(state, state.typing, key);
  switch (key) {
    case 'q':
    case 'Ctrl-c':
    case 'Ctrl-d':
      return { ...state, isDone: true };
    case 'g':
    case 'Right':
      return { ...state, groupBy: stepped(state.groupings, state.groupBy, 1) };
    case 'G':
    case 'Left':
      return { ...state, groupBy: stepped(state.groupings, state.groupBy, -1) };
    case 'w':
      return { ...state, since: stepped(windows, state.since, 1) };
    case 'W':
      return { ...state, since: stepped(windows, state.since, -1) };
    case '/':
      return { ...state, typing: state.filter };
    case 'Esc':
      return { ...state, filter: '' };
    case ' ':
      return { ...state, isPaused: !state.isPaused };
    default:
      return state;
  }
}

function typeFilter(state: TopState, typed: string, key: string): TopState {
  if (key === 'Ctrl-c') return { ...state, isDone: true };
  if (key === 'Enter') return { ...state, filter: typed, typing: undefined };
  if (key === 'Esc') return { ...state, typing: undefined };
  if (key === 'Backspace') return { ...state, typing: [...typed].slice(0, -1).join('') };
  if (key === 'Ctrl-u') return { ...state, typing: '' };
  return [...key].length === 1 ? { ...state, typing: typed + key } : state;
}

/** The condition of a filter: some text of the record contains it. */
export function filterCondition(category: Category, filter: string): Condition {
  if (filter === '') return allOf([]);
  const texts = category.columns.filter(({ type }) => type === 'string' || type === 'stack');
  return {
    kind: 'or',
    conditions: texts.map(({ name }) => ({
      kind: 'compare',
      field: name,
      operator: 'contains',
      value: filter,
    })),
  };
}

/** Tells whether two states ask for the same records. */
export function asksTheSame(a: TopState, b: TopState): boolean {
  return a.groupBy === b.groupBy && a.since === b.since && a.filter === b.filter;
}

function stepped<T>(items: readonly T[], item: T, step: number): T {
  const at = items.indexOf(item);
  return items[(at + step + items.length) % items.length]!;
}
