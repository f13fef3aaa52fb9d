import { existsSync } from 'node:fs';
import {
  allOf,
  type Category,
  type Condition,
  type FrameTree,
  findColumn,
  findTimeSpanUs,
  KernelscopeError,
  listRuns,
  type Normalization,
  parseLabels,
  parseWhere,
  type RecordSource,
  type RenderOptions,
  type Run,
  type TreeTransforms,
  transformTree,
} from '../core/index.ts';
import { type Drawing, readFileOfStacks, readRecords, type StackChoice } from './read-drawing.ts';

/** Where runs come from, and what is done to each. */
export interface RunSource {
  /** Opened where there is a run that is not a file. */
  readonly records:
    | { readonly source: RecordSource; readonly category: Category; readonly where: Condition }
    | undefined;
  readonly choice: StackChoice;
  readonly transforms: TreeTransforms;
  readonly input: string | undefined;
  readonly unit: RenderOptions['unit'] | undefined;
  readonly normalization: Normalization;
  /** The label whose values are each a run of what a selection chooses; each selection is one run without it. */
  readonly label: string | undefined;
  readonly nowUs: number;
}

/** The runs of one side of a comparison, and what is to be said of them. */
export interface RunsOfSide {
  readonly runs: readonly Run[];
  readonly unit: RenderOptions['unit'];
  readonly title: string | undefined;
  readonly lost: number;
}

/** Tells whether a selection is a file: one that is there, or a path. */
export function isFile(selection: string): boolean {
  return selection === '-' || existsSync(selection) || /^[^\s'"=<>]*\/[^\s'"=<>]*$/.test(selection);
}

/**
 * Reads one side of a comparison: each selection is a run, or as many as a label has values there, and is a file of
 * stacks, a label as KEY=VALUE, or a condition. `side` is 0 for the one before. Throws `no_match` for a selection without
 * stacks; a run that a label tells of may be without: it counts as nothing.
 */
export async function readSide(
  selections: readonly string[],
  side: 0 | 1,
  from: RunSource,
): Promise<RunsOfSide> {
  const drawings: Drawing[] = [];
  const runs: Run[] = [];
  for (const selection of selections) {
    const conditions = await conditionsOf(selection, from);
    const found = drawings.length;
    for (const where of conditions) {
      const drawing = await (where === undefined
        ? readFileOfStacks(selection, from.input, from.unit)
        : readRecords(from.records!.source, from.records!.category, where, from.choice));
      const size = await sizeOf(selection, side, drawing.tree, where, from);
      drawings.push(drawing);
      runs.push({ tree: transformTree(drawing.tree, from.transforms), size });
    }
    if (drawings.slice(found).every(({ tree }) => tree.totals[0] === 0))
      throw noStacks(selection, conditions.length, from);
  }
  const [first] = drawings as [Drawing];
  const other = drawings.find(({ options }) => options.unit !== first.options.unit);
  if (other !== undefined) throw mixedUnits(first.options.unit, other.options.unit);
  const lost = drawings.reduce((sum, { options }) => sum + (options.lost ?? 0), 0);
  return { runs, unit: first.options.unit, title: first.options.title, lost };
}

/** The error for two things that cannot be compared. */
export function mixedUnits(first: string, second: string): KernelscopeError {
  return new KernelscopeError('usage', `weights in ${first} and in ${second} cannot be compared`, {
    suggestions: ['--unit says what the numbers of files are', '--weight chooses the column of records'],
  });
}

/** Finds what each run of a selection is of; undefined for a file. */
async function conditionsOf(
  selection: string,
  { records, label, nowUs }: RunSource,
): Promise<readonly (Condition | undefined)[]> {
  if (isFile(selection)) {
    if (label === undefined) return [undefined];
    throw new KernelscopeError('usage', `--runs tells runs of records apart, and ${selection} is a file`, {
      suggestions: ['give each file as a run: --a one.folded --a two.folded'],
    });
  }
  const { source, category } = records!;
  const where = allOf([records!.where, readSelection(selection, category, nowUs)]);
  if (label === undefined) return [where];
  const names = await listRuns(source, category, where, label);
  return names.map((name) =>
    allOf([where, { kind: 'compare', field: `labels.${label}`, operator: '=', value: name! }]),
  );
}

function noStacks(selection: string, runCount: number, { label }: RunSource): KernelscopeError {
  const problem =
    runCount === 0
      ? `no record of '${selection}' has the label ${label}, which tells runs apart`
      : `'${selection}' matches no record with a stack`;
  return new KernelscopeError('no_match', problem, {
    suggestions: ['kernelscope db status shows what there is'],
  });
}

/** Reads a selection of records: a label as KEY=VALUE unless a column has that name, else a condition. */
export function readSelection(selection: string, category: Category, nowUs: number): Condition {
  const key = /^([^\s=!<>~'"()]+)=(?!=)/.exec(selection)?.[1];
  if (key === undefined || findColumn(category, key) !== undefined || key.startsWith('labels.'))
    return parseWhere(selection, category, nowUs);
  const labels = Object.entries(parseLabels([selection])).map(
    ([name, value]): Condition => ({ kind: 'compare', field: `labels.${name}`, operator: '=', value }),
  );
  return allOf(labels);
}

async function sizeOf(
  selection: string,
  side: 0 | 1,
  tree: FrameTree,
  where: Condition | undefined,
  { normalization, records, choice }: RunSource,
): Promise<number> {
  const { basis, amounts } = normalization;
  if (basis === 'none') return 1;
  if (basis === 'amounts') return amounts![side];
  if (basis === 'total' || tree.totals[0] === 0) return tree.totals[0]!;
  if (where === undefined) {
    throw new KernelscopeError('usage', `${selection} does not say its ${basis}, to normalise by`, {
      suggestions: ['--normalize 10m:1h says what each side is of', '--normalize total goes by the weights'],
    });
  }
  const { source, category } = records!;
  if (basis === 'count') {
    const counted = await readRecords(source, category, where, { ...choice, by: [], weight: 'count' });
    return counted.tree.totals[0]!;
  }
  const span = await findTimeSpanUs(source, category, where);
  if (span !== undefined && span > 0) return span;
  throw new KernelscopeError('usage', `the records of '${selection}' are all of one time, and span none`, {
    suggestions: ['--normalize 10m:1h says how long each side was watched'],
  });
}
