import { type FrameFilter, plainShape, type TreeShape } from '../../core/stack/reshape-tree.ts';

/** What a user chose to see; all of it is in the address, so that a link shows the same. */
export interface ViewState extends TreeShape {
  /** Names from below the root to the frame that fills the width; empty for the root. */
  readonly zoom: readonly string[];
  readonly search: string;
  readonly matchCase: boolean;
  /** Which side of a comparison gives the widths. */
  readonly widths: 'both' | 'before' | 'after';
}

export const emptyView: ViewState = {
  ...plainShape,
  zoom: [],
  search: '',
  matchCase: false,
  widths: 'both',
};

const kinds = ['focus', 'exclude', 'hide'] as const;

/** Writes a view as the fragment of an address, without its `#`; empty for a view that nothing was chosen in. */
export function printFragment(state: ViewState): string {
  const parts: string[] = [];
  // A `;` cannot be in a name that came from a folded stack; elsewhere it is escaped.
  if (state.zoom.length > 0) parts.push(`zoom=${state.zoom.map(encodeURIComponent).join(';')}`);
  if (state.search !== '') parts.push(`search=${encodeURIComponent(state.search)}`);
  if (state.matchCase) parts.push('case');
  if (state.inverted) parts.push('invert');
  if (state.merged) parts.push('merge');
  if (state.widths !== 'both') parts.push(`widths=${state.widths}`);
  for (const { kind, name } of state.filters) parts.push(`${kind}=${encodeURIComponent(name)}`);
  return parts.join('&');
}

/** Reads a view out of a fragment; what it does not know or cannot decode is left out. */
export function parseFragment(fragment: string): ViewState {
  const state = { ...emptyView, filters: [] as FrameFilter[] };
  for (const part of fragment.replace(/^#/, '').split('&')) {
    const [key = '', value = ''] = split(part);
    if (key === 'zoom') state.zoom = value.split(';').map(decode);
    else if (key === 'search') state.search = decode(value);
    else if (key === 'case') state.matchCase = true;
    else if (key === 'invert') state.inverted = true;
    else if (key === 'merge') state.merged = true;
    else if (key === 'widths' && (value === 'before' || value === 'after')) state.widths = value;
    const kind = kinds.find((known) => known === key);
    if (kind !== undefined) state.filters.push({ kind, name: decode(value) });
  }
  return state;
}

function split(part: string): [string, string] {
  const at = part.indexOf('=');
  return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
