/** What a frame is, as far as its name tells: stackcollapse and bcc mark frames with `_[k]`, `_[w]`, `_[i]`, `_[j]`. */
export const frameKinds = {
  plain: { meaning: '' },
  kernel: { meaning: 'kernel' },
  waker: { meaning: 'waker' },
  inlined: { meaning: 'inlined' },
  jitted: { meaning: 'just-in-time compiled' },
  none: { meaning: 'not a frame' },
} as const;
export type FrameKind = keyof typeof frameKinds;

/** How many shades each kind has; neighbours differ by theirs. */
export const SHADES = 8;

/** How many steps a difference has to either side of none. */
export const DIFF_STEPS = 4;

export interface Theme {
  readonly background: string;
  readonly text: string;
  /** Text of less weight: subtitles, notes. */
  readonly muted: string;
  /** Text in frames; at least 4.5:1 on every fill. */
  readonly label: string;
  readonly line: string;
  readonly match: string;
  readonly matchLabel: string;
  readonly fills: Readonly<Record<FrameKind, readonly string[]>>;
  /** From much less (blue) over the same to much more (orange). */
  readonly steps: readonly string[];
}

/** The calls in it are marked as pure, so that a script that needs no colours is bundled without them. */
export const lightTheme: Theme = {
  background: '#ffffff',
  text: '#10233a',
  muted: '#4d5f75',
  label: '#10233a',
  line: '#c9d4e2',
  match: '#ffd84d',
  matchLabel: '#10233a',
  fills: {
    plain: ['#92c7e2', '#acd3ec', '#99c6ea', '#bbd3ed', '#a4c2ea', '#91b1e8', '#b2c4eb', '#a0b2e9'],
    kernel: ['#eeb690', '#f5ccad', '#f5c399', '#f5d8bc', '#f4cda4', '#f4c690', '#f4d8b4', '#f3d2a0'],
    waker: ['#70c7b1', '#86d5c3', '#73d3c1', '#95d6cb', '#7fd2c7', '#6cd0c7', '#8dd3ce', '#7bd1ce'],
    inlined: ['#dfc262', '#e8d17d', '#e8cf68', '#e8d88d', '#e7d574', '#e7d45f', '#e6da84', '#e6da70'],
    jitted: ['#e09fcc', '#eab8d9', '#e8a6cf', '#ecc5dc', '#e8b0ce', '#e69ec2', '#eabed2', '#e7acc5'],
    none: /* @__PURE__ */ Array<string>(SHADES).fill('#d5dbe3'),
  },
  steps: ['#67a4e9', '#8bb9ee', '#afcff4', '#d2e4f9', '#e6e9ee', '#fce1ca', '#f9cca4', '#f6b379', '#f39849'],
};

export const darkTheme: Theme = {
  background: '#0f1722',
  text: '#e8eef7',
  muted: '#9fb0c6',
  label: '#f2f7ff',
  line: '#33445a',
  match: '#ffd84d',
  matchLabel: '#10233a',
  fills: {
    plain: ['#255065', '#2d5d7b', '#284d6c', '#305883', '#2a4a74', '#263f69', '#2e477f', '#293b70'],
    kernel: ['#6d3d1d', '#854d23', '#75461f', '#8d5825', '#7d5021', '#714b1e', '#895e24', '#795520'],
    waker: ['#22493f', '#2c5e53', '#265048', '#2f655c', '#295751', '#244c48', '#2e615e', '#275352'],
    inlined: ['#524519', '#695a21', '#594d1c', '#716323', '#61571e', '#564d1b', '#6d6422', '#5d571d'],
    jitted: ['#612850', '#77315f', '#682b51', '#7e345f', '#702e52', '#652a47', '#7a3354', '#6c2d47'],
    none: /* @__PURE__ */ Array<string>(SHADES).fill('#3c4654'),
  },
  steps: ['#2b6cb6', '#235895', '#1c4778', '#15365b', '#2a323d', '#532909', '#6a340c', '#81400e', '#974b11'],
};

const kindOfSuffix: Readonly<Record<string, FrameKind>> = {
  '_[k]': 'kernel',
  '_[w]': 'waker',
  '_[i]': 'inlined',
  '_[j]': 'jitted',
};

/** Tells a frame's kind from its name; `-` and `--` part kernel from user stacks, `[...]` names something left out. */
export function kindOf(name: string): FrameKind {
  if (/^-+$|^\[.*\]$/.test(name)) return 'none';
  return kindOfSuffix[name.slice(-4)] ?? 'plain';
}

/** Chooses a shade from 0 to 7 by the name alone (FNV-1a), so that a function looks the same in every graph. */
export function shadeOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return (hash ^ (hash >>> 15)) & (SHADES - 1);
}
