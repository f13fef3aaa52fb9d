import { tracePrograms } from '../../../src/core/trace/index.ts';
import { runTrace } from '../../../src/core/trace/run-trace.ts';
import { plainValues } from '../../support/plain-values.ts';

// Traces until a signal comes, as the command does, and prints a line of JSON per flush. For tests.
const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => controller.abort());
const [program] = tracePrograms;
if (program === undefined) throw new Error('there is no program');
const intervalMs = Number(process.argv[2]);
for await (const { entries, totals, lost } of runTrace(
  program,
  { thresholdUs: 0, intervalMs, pids: [] },
  controller.signal,
)) {
  console.log(JSON.stringify({ processes: plainValues(entries)[0], totals, lost }));
}
console.log('"the end"');
