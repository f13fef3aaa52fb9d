import type { FrameTree } from '../stack/frame-tree.ts';
import { DIGITS, TEXT_END, WHOLE_LIMIT } from './tree-data.ts';
import { safeJson } from './xml-text.ts';

const CHUNK_BYTES = 1 << 16;
const digitBytes = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));

/** Writes a tree as the JSON text of a TreeData, which is also valid text in XML, in chunks. */
export function* encodeTree(tree: FrameTree): Generator<string | Uint8Array> {
  const { order, places } = byFrequency(tree);
  yield `{"names":${safeJson(Array.from(order, (nameId) => tree.names[nameId]!))},"nodes":"`;
  let next = 1;
  let used = 0;
  do {
    const chunk = new Uint8Array(CHUNK_BYTES);
    used = next === 1 ? putWeight(chunk, 0, tree.selfs[0]!) : 0;
    [next, used] = putNodes(tree, places, next, chunk, used);
    yield chunk.subarray(0, used);
  } while (next < tree.nameIds.length);
  yield '"}';
}

/**
 * Writes nodes until a chunk is full, from `used` on, and answers the first that is left and how much is used. Not in the
 * generator itself: V8 compiles such a loop late.
 */
function putNodes(
  tree: FrameTree,
  places: Uint32Array,
  from: number,
  chunk: Uint8Array,
  used: number,
): [next: number, used: number] {
  const { nameIds, depths, selfs } = tree;
  const count = nameIds.length;
  let at = used;
  let node = from;
  // A node takes less than 100 bytes.
  for (; node < count && at < CHUNK_BYTES - 128; node++) {
    const closes = node + 1 < count ? depths[node]! + 1 - depths[node + 1]! : 0;
    const weight = selfs[node]!;
    at = put(chunk, at, places[nameIds[node]!]! * 4 + (closes > 0 ? 2 : 0) + (weight !== 0 ? 1 : 0));
    if (closes > 0) at = put(chunk, at, closes);
    if (weight !== 0) at = putWeight(chunk, at, weight);
  }
  return [node, at];
}

function putWeight(chunk: Uint8Array, start: number, weight: number): number {
  if (Number.isInteger(weight) && weight >= 0 && weight < WHOLE_LIMIT) return put(chunk, start, weight * 2);
  let at = put(chunk, start, 1);
  for (const character of `${weight}${TEXT_END}`) chunk[at++] = character.charCodeAt(0);
  return at;
}

/** Writes a number's digits, and answers where the next one goes. */
function put(chunk: Uint8Array, start: number, value: number): number {
  let at = start;
  let left = value;
  while (left >= 32) {
    chunk[at++] = digitBytes[32 + (left % 32)]!;
    left = Math.floor(left / 32);
  }
  chunk[at++] = digitBytes[left]!;
  return at;
}

/** Orders the name ids by how many nodes they have; of the same number, by name. */
function byFrequency(tree: FrameTree): { order: Uint32Array; places: Uint32Array } {
  const nameCount = tree.names.length;
  const counts = new Uint32Array(nameCount);
  // By index: going over a million elements by iterator takes ten times as long.
  for (let node = 0; node < tree.nameIds.length; node++) counts[tree.nameIds[node]!]!++;
  // How many nodes a name lacks, and its id, in one number: sorted without a comparison of ours, in a quarter of the time.
  const keys = new Float64Array(nameCount);
  for (let id = 0; id < nameCount; id++) keys[id] = (tree.nameIds.length - counts[id]!) * nameCount + id;
  keys.sort();
  const order = new Uint32Array(nameCount);
  for (let place = 0; place < nameCount; place++) order[place] = keys[place]! % nameCount;
  const places = new Uint32Array(order.length);
  for (let place = 0; place < order.length; place++) places[order[place]!] = place;
  return { order, places };
}
