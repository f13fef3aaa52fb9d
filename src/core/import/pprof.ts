import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import type { WeightUnit } from '../stack/weight-unit.ts';
import { frameName, readBytes } from './read-text.ts';
import type { StackFormat } from './stack-format.ts';

const units: Readonly<Record<string, WeightUnit>> = {
  nanoseconds: 'ns',
  microseconds: 'us',
  milliseconds: 'ms',
  seconds: 's',
  bytes: 'bytes',
};

/**
 * Profiles of pprof, gzipped or not, by the values that the profile names as its default, else by the last, as the
 * pprof tool does. The format is google/pprof's proto/profile.proto.
 */
export const pprof: StackFormat = {
  // A profile starts with its first sample type: field 1, a message that starts with field 1 or 2, a number.
  recognizes: (head) => head[0] === 0x0a && head[1]! < 0x10 && (head[2] === 0x08 || head[2] === 0x10),
  read: async (chunks) => {
    const profile = decode(await readBytes(chunks));
    const { strings } = profile.stringTable;
    const text = (index: number | bigint) => strings[Number(index)] ?? '';
    const names = new Map(
      profile.function.map((each) => [Number(each.id), text(each.name) || text(each.systemName)]),
    );
    // Frames of a location, the innermost first: functions that are inlined into the ones after them.
    const frames = new Map(
      profile.location.map(({ id, line, address }) => [
        Number(id),
        line.length === 0
          ? [`0x${address.toString(16)}`]
          : line.map(({ functionId }) => frameName(names.get(Number(functionId)) || '[unknown]')),
      ]),
    );
    const wanted = profile.sampleType.findIndex(({ type }) => type === profile.defaultSampleType);
    const place =
      Number(profile.defaultSampleType) > 0 && wanted >= 0 ? wanted : profile.sampleType.length - 1;
    const stacks = profile.sample.map(({ locationId, value }): WeightedStack => {
      const leafFirst = locationId.flatMap((id) => frames.get(Number(id)) ?? ['[unknown]']);
      const weight = Number(value[place] ?? 0);
      if (weight < 0) throw badProfile('its values are differences: some are negative');
      return { stack: leafFirst.reverse().join(';'), weight };
    });
    return { stacks, unit: units[text(profile.sampleType[place]?.unit ?? 0)] ?? 'count' };
  },
};

function decode(bytes: Buffer): Profile {
  let profile: Profile;
  try {
    profile = Profile.decode(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes);
  } catch (error) {
    throw badProfile(error instanceof Error ? error.message : String(error));
  }
  if (profile.sampleType.length === 0) throw badProfile('it has no sample types');
  return profile;
}

function badProfile(message: string): KernelscopeError {
  return new KernelscopeError('bad_input', `the input is no profile that can be drawn: ${message}`);
}
