import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryColumns, type Value } from '../../src/core/category/define-category.ts';
import { valueAt } from '../../src/core/category/entry-columns.ts';
import { type HelperFlush, parseHelperOutput } from '../../src/core/trace/parse-helper-output.ts';
import { foldStack, parseKallsyms } from '../../src/core/trace/symbolize.ts';
import type { TraceProgram } from '../../src/core/trace/trace-program.ts';

const fixtures = join(import.meta.dirname, '../fixtures/trace');

/** One flush of a recording: as it was parsed, and the records that the program makes of it, by the names of their columns. */
export interface ReplayedFlush {
  readonly flush: HelperFlush;
  readonly records: readonly Readonly<Record<string, Value>>[];
}

/** Replays what the helper once printed for a program, test/fixtures/trace/NAME.ndjson, without a kernel. */
export async function replayRecording(program: TraceProgram): Promise<readonly ReplayedFlush[]> {
  const symbols = parseKallsyms(readFileSync(join(fixtures, 'programs.kallsyms.txt')));
  const stacks = new Map<string, readonly string[]>();
  const flushes: ReplayedFlush[] = [];
  for await (const message of parseHelperOutput(createReadStream(join(fixtures, `${program.name}.ndjson`)))) {
    if (message.type !== 'flush') continue;
    for (const [id, frames] of message.stacks) stacks.set(id, frames);
    const { category, length, values } = program.toEntries(message, (id) =>
      foldStack(symbols, stacks.get(id) ?? []),
    );
    const names = entryColumns(category).map(({ name }) => name);
    const records = Array.from({ length }, (_, index) =>
      Object.fromEntries(names.map((name, c) => [name, valueAt(values[c], index)])),
    );
    flushes.push({ flush: message, records });
  }
  return flushes;
}
