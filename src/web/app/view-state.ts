/** What the page shows, as its address says it: a link to the address shows the same. */
export interface ViewState {
  /** Names; the category's first or usual one where empty. */
  readonly category: string;
  readonly stack: string;
  readonly weight: string;
  /** Filters as the command line takes them. */
  readonly where: string;
  readonly since: string;
  readonly until: string;
  readonly hosts: readonly string[];
  /** `key=value` each. */
  readonly labels: readonly string[];
  /** Condition of the records to compare with, under the same other filters; nothing is compared where empty. */
  readonly against: string;
  /** Shares of both totals are compared, not the weights themselves. */
  readonly shares: boolean;
  /** The folded stack of the zoomed frame. */
  readonly zoom: string;
  readonly search: string;
  readonly matchCase: boolean;
  /** The root at the top, not at the bottom. */
  readonly icicle: boolean;
  readonly inverted: boolean;
  readonly merged: boolean;
  /** The heaviest frames first, not by name. */
  readonly heaviestFirst: boolean;
  /** A column, `-` before it where descending; the heaviest or latest records first where empty. */
  readonly sort: string;
  readonly limit: number;
}

export const initialView: ViewState = {
  category: '',
  stack: '',
  weight: '',
  where: '',
  since: '',
  until: '',
  hosts: [],
  labels: [],
  against: '',
  shares: false,
  zoom: '',
  search: '',
  matchCase: false,
  icicle: false,
  inverted: false,
  merged: false,
  heaviestFirst: false,
  sort: '',
  limit: 1000,
};

/** The view without what filters the records. */
export const noFilters = { where: '', since: '', until: '', hosts: [], labels: [], against: '' } as const;

/** What each part of the view is called in an address. */
const parameters: Readonly<Record<keyof ViewState, string>> = {
  category: 'category',
  stack: 'stack',
  weight: 'weight',
  where: 'where',
  since: 'since',
  until: 'until',
  hosts: 'host',
  labels: 'label',
  against: 'against',
  shares: 'shares',
  zoom: 'zoom',
  search: 'search',
  matchCase: 'case',
  icicle: 'icicle',
  inverted: 'invert',
  merged: 'merge',
  heaviestFirst: 'heaviest',
  sort: 'sort',
  limit: 'limit',
};

const keys = Object.keys(parameters) as (keyof ViewState)[];

/** Reads the query part of an address; what it does not say, or says wrongly, is as at first. */
export function readView(address: string): ViewState {
  const given = new URLSearchParams(address);
  const parts = keys
    .filter((key) => given.has(parameters[key]))
    .map((key) => {
      const texts = given.getAll(parameters[key]);
      return [key, readPart(initialView[key], texts)] as const;
    });
  return { ...initialView, ...Object.fromEntries(parts) };
}

/** Prints the query part of an address, with its `?`; empty for the initial view. */
export function printView(view: ViewState): string {
  const address = new URLSearchParams();
  for (const key of keys) {
    const value = view[key];
    if (value === initialView[key]) continue;
    for (const item of Array.isArray(value) ? value : [value]) {
      address.append(parameters[key], item === true ? '1' : String(item));
    }
  }
  const text = address.toString();
  return text === '' ? '' : `?${text}`;
}

/** Tells whether the view shows all records there are. */
export function isUnfiltered(view: ViewState): boolean {
  return (Object.keys(noFilters) as (keyof typeof noFilters)[]).every((key) => view[key].length === 0);
}

function readPart(initial: ViewState[keyof ViewState], texts: readonly string[]) {
  const [text = ''] = texts;
  if (Array.isArray(initial)) return texts.filter((item) => item !== '');
  if (typeof initial === 'boolean') return text === '1';
  if (typeof initial === 'number') return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : initial;
  return text;
}
