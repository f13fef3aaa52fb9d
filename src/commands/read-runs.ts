import { existsSync } from 'node:fs';
import {
  allOf,
  type Category,
  type Condition,
  type FrameTree,
  findColumn,
  findTimeSpanUs,
  KernelscopeError,
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
 * Reads one side of a comparison: each selection is a run, a file of stacks, a label as KEY=VALUE, or a condition.
 * `side` is 0 for the one before. Throws `no_match` for a run without stacks.
 */
export async function readSide(
  selections: readonly string[],
  side: 0 | 1,
  from: RunSource,
): Promise<RunsOfSide> {
  const drawings: Drawing[] = [];
  const runs: Run[] = [];
  for (const selection of selections) {
    const where = isFile(selection) ? undefined : conditionOf(selection, from);
    const drawing = await (where === undefined
      ? readFileOfStacks(selection, from.input, from.unit)
      : readRecords(from.records!.source, from.records!.category, where, from.choice));
    if (drawing.tree.totals[0] === 0) {
      throw new KernelscopeError('no_match', `'${selection}' matches no record with a stack`, {
        suggestions: ['kernelscope db status shows what there is'],
      });
    }
    const size = await sizeOf(selection, side, drawing.tree, where, from);
    drawings.push(drawing);
    runs.push({ tree: transformTree(drawing.tree, from.transforms), size });
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

function conditionOf(selection: string, { records, nowUs }: RunSource): Condition {
  const { category, where } = records!;
  return allOf([where, readSelection(selection, category, nowUs)]);
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
  if (basis === 'total') return tree.totals[0]!;
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
