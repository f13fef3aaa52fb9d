import * as Flags from '@oclif/core/flags';
import { compilePattern, KernelscopeError, type TreeTransforms } from '../core/index.ts';

const shapeGroup = { helpGroup: 'SHAPE' } as const;

const shareFlag = Flags.custom<number>({
  helpValue: 'PERCENT',
  parse: async (text) => {
    const match = /^(\d+(?:\.\d*)?|\.\d+)(%?)$/.exec(text);
    const share = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
    if (share >= 0 && share <= 1) return share;
    throw new KernelscopeError('usage', `'${text}' is no share of the whole`, {
      suggestions: ['write it like 0.5%, or as a fraction up to 1'],
    });
  },
});

const framesFlag = (summary: string) =>
  Flags.string({ ...shapeGroup, summary, helpValue: 'EXPRESSION', multiple: true, multipleNonGreedy: true });

/** What is done to stacks before they are drawn, of records and of files alike. */
export const transformFlags = {
  focus: framesFlag('Only stacks with a frame that matches; may be repeated, and then all must.'),
  exclude: framesFlag('Without stacks that have a frame that matches; may be repeated.'),
  hide: framesFlag('Leave frames that match out of their stacks; may be repeated.'),
  'collapse-recursion': Flags.boolean({
    ...shapeGroup,
    summary: 'Draw a function that calls itself as one frame.',
  }),
  invert: Flags.boolean({ ...shapeGroup, summary: 'Turn stacks around: start from where time was spent.' }),
  'min-share': shareFlag({
    ...shapeGroup,
    summary: 'Merge frames that have less of the total, like 0.5%, into [smaller frames].',
  }),
  'keep-top': Flags.integer({
    ...shapeGroup,
    summary: 'Merge all but so many of the heaviest frames into [smaller frames].',
    helpValue: 'N',
    min: 1,
  }),
} as const;

interface TransformFlags {
  readonly focus?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly hide?: readonly string[] | undefined;
  readonly 'collapse-recursion': boolean;
  readonly invert: boolean;
  readonly 'min-share'?: number | undefined;
  readonly 'keep-top'?: number | undefined;
}

/** Makes transforms of their flags; the first `groups` frames are what stacks are grouped by. Throws `bad_value`. */
export async function readTransforms(flags: TransformFlags, groups = 0): Promise<TreeTransforms> {
  const compile = (list: readonly string[] = []) => Promise.all(list.map(compilePattern));
  const { 'min-share': share, 'keep-top': top } = flags;
  return {
    groups,
    focus: await compile(flags.focus),
    exclude: await compile(flags.exclude),
    hide: await compile(flags.hide),
    collapseRecursion: flags['collapse-recursion'],
    invert: flags.invert,
    ...(share !== undefined && { minShare: share }),
    ...(top !== undefined && { keepTop: top }),
  };
}

/** Says what the flags do to the stacks, for people. */
export function describeTransforms(flags: TransformFlags): readonly string[] {
  const each = (word: string, list: readonly string[] = []) => list.map((text) => `${word} /${text}/`);
  return [
    ...each('only', flags.focus),
    ...each('without', flags.exclude),
    ...each('hidden', flags.hide),
    ...(flags['collapse-recursion'] ? ['recursion merged'] : []),
    ...(flags.invert ? ['inverted'] : []),
    ...(flags['min-share'] === undefined
      ? []
      : [`frames from ${Number((flags['min-share'] * 100).toPrecision(6))}%`]),
    ...(flags['keep-top'] === undefined ? [] : [`the ${flags['keep-top']} heaviest frames`]),
  ];
}

/** Flags that say which stacks of records are drawn, by what they weigh, and under what. */
export const stackFlags = {
  stack: Flags.string({ summary: 'Stack column; the first one without it.', helpValue: 'COLUMN' }),
  weight: Flags.string({
    summary: 'Column that weighs the stacks, or count; the first duration without it.',
    helpValue: 'COLUMN',
  }),
  by: Flags.string({
    summary: 'What to group records by, as query --group-by: the values become the first frames.',
    helpValue: 'KEYS',
  }),
} as const;
