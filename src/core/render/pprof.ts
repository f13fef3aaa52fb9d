import { gzipSync } from 'node:zlib';
import { Profile, StringTable } from 'pprof-format';
import { type ElapsedUnit, nsPerUnit } from '../base/units.ts';
import type { FrameTree } from '../stack/frame-tree.ts';
import { visitStacks } from '../stack/visit-stacks.ts';
import type { WeightUnit } from '../stack/weight-unit.ts';
import type { RenderOptions } from './render-options.ts';

/**
 * Prints a tree as a gzipped profile for pprof, durations in nanoseconds. Weights are whole numbers there: others are
 * rounded. The format is google/pprof's proto/profile.proto.
 */
export function* renderPprof(tree: FrameTree, options: RenderOptions): Generator<Uint8Array> {
  const strings = new StringTable();
  const { type, unit, factor } = sampleType(options.unit);
  const sample: { locationId: number[]; value: number[] }[] = [];
  visitStacks(tree, (path, size, weight) => {
    // Ids start at 1, and the leaf comes first.
    const locationId = Array.from(path.subarray(0, size), (nameId) => nameId + 1).reverse();
    sample.push({ locationId, value: [Math.round(weight * factor)] });
  });
  const profile = new Profile({
    stringTable: strings,
    sampleType: [{ type: strings.dedup(type), unit: strings.dedup(unit) }],
    sample,
    location: tree.names.map((_, nameId) => ({ id: nameId + 1, line: [{ functionId: nameId + 1 }] })),
    function: tree.names.map((name, nameId) => ({
      id: nameId + 1,
      name: strings.dedup(name.toWellFormed()),
      systemName: strings.dedup(name.toWellFormed()),
    })),
    comment: options.title === undefined ? [] : [strings.dedup(options.title.toWellFormed())],
  });
  // Equal trees give equal bytes: gzip as zlib writes it carries no time.
  yield gzipSync(profile.encode());
}

function sampleType(unit: WeightUnit): { type: string; unit: string; factor: number } {
  if (unit === 'count') return { type: 'samples', unit: 'count', factor: 1 };
  if (unit === 'bytes') return { type: 'space', unit: 'bytes', factor: 1 };
  return { type: 'time', unit: 'nanoseconds', factor: nsPerUnit(unit satisfies ElapsedUnit) };
}
