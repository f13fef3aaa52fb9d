import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import type { WeightUnit } from '../stack/weight-unit.ts';
import { frameName, readText } from './read-text.ts';
import type { StackFormat } from './stack-format.ts';

/** As its file-format-schema.json has it. */
interface SpeedscopeFile {
  readonly shared: { readonly frames: readonly { readonly name: string }[] };
  readonly profiles: readonly (SampledProfile | EventedProfile)[];
}

interface SampledProfile {
  readonly type: 'sampled';
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

interface EventedProfile {
  readonly type: 'evented';
  readonly name: string;
  readonly unit: string;
  readonly events: readonly { readonly type: 'O' | 'C'; readonly frame: number; readonly at: number }[];
}

const units: Readonly<Record<string, WeightUnit>> = {
  nanoseconds: 'ns',
  microseconds: 'us',
  milliseconds: 'ms',
  seconds: 's',
  bytes: 'bytes',
};

/** Speedscope's own format; where there are several profiles, each one's name is the root of its stacks. */
export const speedscope: StackFormat = {
  recognizes: (head) => {
    const text = Buffer.from(head).toString('latin1');
    return /^\s*\{/.test(text) && (text.includes('speedscope') || /"shared"\s*:|"profiles"\s*:/.test(text));
  },
  read: async (chunks) => {
    const file = parse(await readText(chunks));
    const kinds = new Set(file.profiles.map(({ unit }) => unit));
    if (kinds.size > 1) throw bad(`its profiles are in different units: ${[...kinds].join(', ')}`);
    const names = file.shared.frames.map(({ name }) => frameName(name));
    const stacks = file.profiles.flatMap((profile) => {
      const prefix = file.profiles.length > 1 ? [frameName(profile.name)] : [];
      return profile.type === 'sampled'
        ? readSamples(profile, names, prefix)
        : readEvents(profile, names, prefix);
    });
    return { stacks, unit: units[file.profiles[0]?.unit ?? ''] ?? 'count' };
  },
};

function parse(text: string): SpeedscopeFile {
  try {
    const file = JSON.parse(text);
    if (Array.isArray(file?.shared?.frames) && Array.isArray(file.profiles)) return file;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw bad(error.message);
  }
  throw bad('it has no shared frames or no profiles');
}

function readSamples(
  profile: SampledProfile,
  names: readonly string[],
  prefix: readonly string[],
): WeightedStack[] {
  return profile.samples.map((sample, index) => {
    const frames = sample.map((frame) => nameAt(names, frame));
    return { stack: [...prefix, ...frames].join(';'), weight: profile.weights[index] ?? 0 };
  });
}

/** The time between two events belongs to the stack that is open then. */
function readEvents(
  profile: EventedProfile,
  names: readonly string[],
  prefix: readonly string[],
): WeightedStack[] {
  const stacks: WeightedStack[] = [];
  const open: string[] = [...prefix];
  let last = profile.events[0]?.at ?? 0;
  for (const { type, frame, at } of profile.events) {
    if (at < last) throw bad(`the events of ${profile.name} are not in the order of time`);
    if (at > last && open.length > prefix.length) stacks.push({ stack: open.join(';'), weight: at - last });
    last = at;
    const name = nameAt(names, frame);
    if (type === 'O') open.push(name);
    else if (open.length > prefix.length && open.at(-1) === name) open.pop();
    else throw bad(`${profile.name} closes the frame '${name}', which is not the one that is open`);
  }
  return stacks;
}

function nameAt(names: readonly string[], frame: number): string {
  const name = names[frame];
  if (name === undefined) throw bad(`it has no frame ${frame}`);
  return name;
}

function bad(message: string): KernelscopeError {
  return new KernelscopeError('bad_input', `the input is no file of speedscope: ${message}`);
}
