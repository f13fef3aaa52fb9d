type Typed =
  | Uint8Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** Answers `array` itself if it holds `needed` elements, else a copy with at least twice the room. */
export function growTyped<T extends Typed>(array: T, needed: number): T {
  if (needed <= array.length) return array;
  const Constructor = array.constructor as new (length: number) => T;
  const larger = new Constructor(Math.max(needed, array.length * 2));
  larger.set(array);
  return larger;
}
