import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import type { FrameTree } from '../../../src/core/stack/frame-tree.ts';

const file = new URL('../../fixtures/recordings/offcpu-real.tsv.gz', import.meta.url);

/** The recorded off-CPU stacks, the process first, weighed by nanoseconds. */
export function recordedTree(keeps: (line: number) => boolean = () => true): FrameTree {
  const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
  return buildTree(
    lines
      .filter((_, index) => keeps(index))
      .map((line) => {
        const [process, , stack, ns] = line.split('\t') as [string, string, string, string];
        return { stack: `${process};${stack}`, weight: Number(ns) };
      }),
  );
}

/** Joins the chunks of a renderer. */
export function textOf(chunks: Iterable<string | Uint8Array>): string {
  return Buffer.concat([...chunks].map((chunk) => Buffer.from(chunk as string))).toString();
}
