import type { FrameTree } from '../stack/frame-tree.ts';
import { visitStacks } from '../stack/visit-stacks.ts';
import type { WeightUnit } from '../stack/weight-unit.ts';
import type { RenderOptions } from './render-options.ts';

const unitNames: Readonly<Record<WeightUnit, string>> = {
  ns: 'nanoseconds',
  us: 'microseconds',
  ms: 'milliseconds',
  s: 'seconds',
  bytes: 'bytes',
  count: 'none',
};

/** Prints a tree in speedscope's own format, each stack a sample. Its schema is the file-format-schema.json it names. */
export function* renderSpeedscope(tree: FrameTree, options: RenderOptions): Generator<string> {
  const name = options.title ?? 'Flame graph';
  const frames = tree.names.map((frame) => JSON.stringify({ name: frame }));
  yield `{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"kernelscope","name":${JSON.stringify(name)},`;
  yield `"shared":{"frames":[${frames.join(',')}]},"profiles":[{"type":"sampled","name":${JSON.stringify(name)},`;
  yield `"unit":"${unitNames[options.unit]}","startValue":0,"endValue":${tree.totals[0]},"samples":[`;
  const weights: number[] = [];
  const samples: string[] = [];
  visitStacks(tree, (path, size, weight) => {
    samples.push(`${weights.length === 0 ? '' : ','}[${path.subarray(0, size).join(',')}]`);
    weights.push(weight);
  });
  yield* samples;
  yield `],"weights":[${weights.join(',')}]}]}\n`;
}
