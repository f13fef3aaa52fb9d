import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { buildTree } from '../src/core/stack/build-tree.ts';
import { parseFolded } from '../src/core/stack/parse-folded.ts';

const recording = new URL('../test/fixtures/recordings/switches-real.folded.gz', import.meta.url);

/** Reads the recorded 13 k folded lines. */
export function readRecordedFolded(): Buffer {
  return gunzipSync(readFileSync(recording));
}

/** A small seeded generator of numbers in [0, 1): mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Makes `count` distinct folded stacks of 10 to 60 frames, mostly short, by first-order Markov walks over the recorded
 * call tree: each frame is followed by one that followed it there. The same seed makes the same stacks.
 */
export function markovStacks(count: number, seed = 1): string[] {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const followers = readFollowers();
  const roots = followers.get('')!;
  const stacks = new Set<string>();
  while (stacks.size < count) {
    const depth = 10 + Math.floor(random() ** 5 * 51);
    const frames = [pick(roots)];
    while (frames.length < depth) frames.push(pick(followers.get(frames.at(-1)!) ?? roots));
    stacks.add(frames.join(';'));
  }
  return [...stacks];
}

/** Makes `lineCount` folded lines that draw over `stackCount` distinct stacks, each at least once, in chunks. */
export function* markovLines(lineCount: number, stackCount: number, seed = 1): Generator<Buffer> {
  const stacks = markovStacks(stackCount, seed);
  const random = seededRandom(seed + 1);
  let lines: string[] = [];
  for (let index = 0; index < lineCount; index++) {
    const stack = index < stackCount ? stacks[index] : stacks[Math.floor(random() ** 2 * stackCount)];
    lines.push(`${stack} ${1 + Math.floor(random() * 100)}\n`);
    if (lines.length < 20_000) continue;
    yield Buffer.from(lines.join(''));
    lines = [];
  }
  yield Buffer.from(lines.join(''));
}

function readFollowers(): Map<string, string[]> {
  const tree = buildTree(parseFolded(readRecordedFolded()));
  const followers = new Map<string, string[]>();
  const above: string[] = [''];
  for (let node = 1; node < tree.nameIds.length; node++) {
    const name = tree.names[tree.nameIds[node]!]!;
    const depth = tree.depths[node]!;
    above[depth] = name;
    const before = above[depth - 1]!;
    const names = followers.get(before) ?? [];
    names.push(name);
    followers.set(before, names);
  }
  return followers;
}
