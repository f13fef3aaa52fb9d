import type { FrameTree } from '../stack/frame-tree.ts';
import { DIGITS, TEXT_END, WHOLE_LIMIT } from './tree-data.ts';
import { safeJson } from './xml-text.ts';

const CHUNK_BYTES = 1 << 16;
const digitBytes = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));

/** Writes a tree as the JSON text of a TreeData, which is also valid text in XML, in chunks. */
export function* encodeTree(tree: FrameTree): Generator<string | Uint8Array> {
  const { order, places } = byFrequency(tree);
  yield `{"names":${safeJson(Array.from(order, (nameId) => tree.names[nameId]!))},"nodes":"`;
  let chunk = new Uint8Array(CHUNK_BYTES);
  let used = 0;
  const put = (value: number) => {
    let left = value;
    while (left >= 32) {
      chunk[used++] = digitBytes[32 + (left % 32)]!;
      left = Math.floor(left / 32);
    }
    chunk[used++] = digitBytes[left]!;
  };
  const putWeight = (weight: number) => {
    if (Number.isInteger(weight) && weight >= 0 && weight < WHOLE_LIMIT) {
      put(weight * 2);
      return;
    }
    put(1);
    for (const character of `${weight}${TEXT_END}`) chunk[used++] = character.charCodeAt(0);
  };
  putWeight(tree.selfs[0]!);
  const count = tree.nameIds.length;
  for (let node = 1; node < count; node++) {
    const closes = node + 1 < count ? tree.depths[node]! + 1 - tree.depths[node + 1]! : 0;
    const weighs = tree.selfs[node] !== 0;
    put(places[tree.nameIds[node]!]! * 4 + (closes > 0 ? 2 : 0) + (weighs ? 1 : 0));
    if (closes > 0) put(closes);
    if (weighs) putWeight(tree.selfs[node]!);
    // A node takes less than 100 bytes.
    if (used < CHUNK_BYTES - 128) continue;
    yield chunk.subarray(0, used);
    chunk = new Uint8Array(CHUNK_BYTES);
    used = 0;
  }
  yield chunk.subarray(0, used);
  yield '"}';
}

/** Orders the name ids by how many nodes they have; of the same number, by name. */
function byFrequency(tree: FrameTree): { order: Uint32Array; places: Uint32Array } {
  const counts = new Uint32Array(tree.names.length);
  // By index: going over a million elements by iterator takes ten times as long.
  for (let node = 0; node < tree.nameIds.length; node++) counts[tree.nameIds[node]!]!++;
  const order = Uint32Array.from(tree.names.keys()).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const places = new Uint32Array(order.length);
  for (let place = 0; place < order.length; place++) places[order[place]!] = place;
  return { order, places };
}
