import type { FrameTree } from '../stack/frame-tree.ts';
import { projectTree } from '../stack/project-tree.ts';
import { adjustProbabilities } from './adjust-probabilities.ts';
import type { ComparedRuns } from './compare-runs.ts';
import { welchTest } from './welch-test.ts';

/** What changed: in a stack, or in a function wherever it was called. */
export interface Change {
  /** In the tree of the comparison: the end of the stack, or the first frame of the function. */
  readonly node: number;
  /** Means over the runs. */
  readonly before: number;
  readonly after: number;
  readonly delta: number;
  /** Part of `before`; undefined where there was nothing. */
  readonly relative: number | undefined;
  readonly kind: 'new' | 'vanished' | 'both';
  /** By Welch's t-test, and adjusted for all changes that are listed; undefined where a side has one run only. */
  readonly p?: number;
  readonly adjustedP?: number;
}

/** What a change is one of: stacks, each with what ends in it, or functions, each with all that is in it. */
export type ChangeKind = 'stack' | 'frame';

/** Lists what changed, the largest changes first, whichever their direction; what is the same on both sides last. */
export function listChanges(compared: ComparedRuns, per: ChangeKind): Change[] {
  const { tree } = compared.diff;
  const weigh = per === 'stack' ? selfsOf : totalsByName;
  const before = compared.beforeRuns.map((run) => weigh(run, tree));
  const after = compared.afterRuns.map((run) => weigh(run, tree));
  const tested = before.length > 1 && after.length > 1;
  const changes: Change[] = [];
  for (const node of per === 'stack' ? tree.nameIds.keys() : firstOfNames(tree)) {
    const at = per === 'stack' ? node : tree.nameIds[node]!;
    const values = [before, after].map((runs) => runs.map((weights) => weights[at]!));
    const [first, second] = values.map((list) => list.reduce((sum, value) => sum + value, 0) / list.length);
    if (first === 0 && second === 0) continue;
    const p = tested ? welchTest(values[0]!, values[1]!)?.p : undefined;
    changes.push(describeChange(node, first!, second!, p));
  }
  if (tested) {
    const adjusted = adjustProbabilities(changes.map(({ p }) => p ?? 1));
    for (const [index, change] of changes.entries())
      changes[index] = { ...change, adjustedP: adjusted[index]! };
  }
  return changes.sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta) || a.node - b.node);
}

function describeChange(node: number, before: number, after: number, p: number | undefined): Change {
  const difference = after - before;
  // What scaling has rounded is no change.
  const delta = Math.abs(difference) <= 1e-12 * Math.max(before, after) ? 0 : difference;
  return {
    node,
    before,
    after,
    delta,
    relative: before === 0 ? undefined : delta / before,
    kind: before === 0 ? 'new' : after === 0 ? 'vanished' : 'both',
    ...(p !== undefined && { p }),
  };
}

function selfsOf(run: FrameTree, shape: FrameTree): Float64Array {
  return projectTree(run, shape).selfs;
}

/** Sums up what is in each function by its name id; one that calls itself counts once. */
function totalsByName(run: FrameTree, shape: FrameTree): Float64Array {
  const { totals } = projectTree(run, shape);
  const sums = new Float64Array(shape.names.length);
  /** The names of the frames around the current one, by depth, and how often each is among them. */
  const open: number[] = [];
  const openCounts = new Uint32Array(shape.names.length);
  for (let node = 1; node < totals.length; node++) {
    while (open.length >= shape.depths[node]!) openCounts[open.pop()!]!--;
    const name = shape.nameIds[node]!;
    if (openCounts[name] === 0) sums[name]! += totals[node]!;
    open.push(name);
    openCounts[name]!++;
  }
  return sums;
}

function firstOfNames(tree: FrameTree): number[] {
  const seen = new Uint8Array(tree.names.length);
  const firsts: number[] = [];
  for (let node = 1; node < tree.nameIds.length; node++) {
    if (seen[tree.nameIds[node]!] === 1) continue;
    seen[tree.nameIds[node]!] = 1;
    firsts.push(node);
  }
  return firsts;
}
