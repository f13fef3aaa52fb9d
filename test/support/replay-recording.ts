import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryColumns, type Value } from '../../src/core/category/define-category.ts';
import { valueAt } from '../../src/core/category/entry-columns.ts';
import {
  type HelperFlush,
  parseHelperOutput,
  type UserStack,
} from '../../src/core/trace/parse-helper-output.ts';
import type { StackTexts } from '../../src/core/trace/stack-texts.ts';
import { foldStack, parseKallsyms } from '../../src/core/trace/symbolize.ts';
import type { TraceProgram } from '../../src/core/trace/trace-program.ts';

const fixtures = join(import.meta.dirname, '../fixtures/trace');

/** One flush of a recording: as it was parsed, and the records that the program makes of it, by the names of their columns. */
export interface ReplayedFlush {
  readonly flush: HelperFlush;
  readonly records: readonly Readonly<Record<string, Value>>[];
}

/** Replays what the helper once printed for a program, test/fixtures/trace/RECORDING.ndjson, without a kernel. */
export async function replayRecording(
  program: TraceProgram,
  recording = program.name,
): Promise<readonly ReplayedFlush[]> {
  const symbols = parseKallsyms(readFileSync(join(fixtures, 'programs.kallsyms.txt')));
  const stacks = new Map<string, readonly string[]>();
  const userStacks = new Map<string, UserStack>();
  const flushes: ReplayedFlush[] = [];
  for await (const message of parseHelperOutput(createReadStream(join(fixtures, `${recording}.ndjson`)))) {
    if (message.type !== 'flush') continue;
    for (const [id, frames] of message.stacks) stacks.set(id, frames);
    for (const [id, stack] of message.userStacks) userStacks.set(id, stack);
    const { category, length, values } = program.toEntries(message, {
      kernel: (id) => foldStack(symbols, stacks.get(id) ?? []),
      user: nameAddresses(userStacks),
    });
    const names = entryColumns(category).map(({ name }) => name);
    const records = Array.from({ length }, (_, index) =>
      Object.fromEntries(names.map((name, c) => [name, valueAt(values[c], index)])),
    );
    flushes.push({ flush: message, records });
  }
  return flushes;
}

/** Names user stacks as UserStackNames does, but by their addresses, for the process and its files are gone. */
function nameAddresses(userStacks: ReadonlyMap<string, UserStack>): StackTexts['user'] {
  return (id) => {
    if (id === undefined || id === '0') return undefined;
    return userStacks.get(id)?.addresses.toReversed().join(';') ?? '[unknown]';
  };
}
