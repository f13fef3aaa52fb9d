/** Ids of a dictionary column: entry i's is `ids[indices[i]]`, and absent where the index is -1. */
export interface IdColumn {
  readonly ids: Float64Array;
  readonly indices: Int32Array;
}

/** The ids of a category's dictionary columns by place; undefined where no entry has one, and for columns of numbers. */
export type IdColumns = readonly (IdColumn | undefined)[];

/**
 * Puts ids in ascending order and each there once, so that indices compare as ids do. The first is -1, for what is absent;
 * no index is.
 */
export function rankIds(column: IdColumn | undefined, length: number): IdColumn {
  if (column === undefined) return { ids: Float64Array.of(-1), indices: new Int32Array(length) };
  const ids = new Float64Array(column.ids.length + 1);
  ids.set(column.ids);
  ids[column.ids.length] = -1;
  ids.sort();
  const ranks = new Int32Array(column.ids.length);
  for (let place = 0; place < ranks.length; place++) ranks[place] = findFirst(ids, column.ids[place]!);
  const indices = new Int32Array(length);
  for (let index = 0; index < length; index++) {
    const place = column.indices[index]!;
    indices[index] = place < 0 ? 0 : ranks[place]!;
  }
  return { ids, indices };
}

/** Makes a column of ids that are written out, null where absent. */
export function makeIdColumn(written: readonly (number | null)[]): IdColumn {
  const places = new Map<number, number>();
  const indices = Int32Array.from(written, (id) => {
    if (id === null) return -1;
    const place = places.get(id) ?? places.size;
    places.set(id, place);
    return place;
  });
  return { ids: Float64Array.from(places.keys()), indices };
}

/** Gives the first place of a number that is among the sorted ones. */
function findFirst(sorted: Float64Array, number: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
