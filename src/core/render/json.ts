import type { FrameTree } from '../stack/frame-tree.ts';
import { printNestedTree } from '../stack/nested-tree.ts';

/** Prints the nested JSON that d3-flame-graph reads, on one line. */
export function* renderJson(tree: FrameTree): Generator<string> {
  yield* printNestedTree(tree);
  yield '\n';
}
