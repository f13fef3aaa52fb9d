import { hostname } from 'node:os';
import {
  addOnDemand,
  type ChosenLocation,
  deliverToLogger,
  entryColumns,
  type Flush,
  formatCount,
  KernelscopeError,
  locateStore,
  makeDefaultFolder,
  openStore,
  parseLabels,
  rowEncoder,
  type StoreChoice,
  type TraceOptions,
  type Value,
  valueAt,
} from '../../core/index.ts';
import { readToken, storeChoice } from '../flags.ts';
import { untilStopped } from '../until-stopped.ts';
import { writeOutput } from '../write-output.ts';
import { keepHeapSmall } from './keep-heap-small.ts';
import { runTraced } from './run-traced.ts';
import { openChosenSpool, type SpoolTarget } from './spool-flags.ts';
import { deliverToStore, findProgram, runProgram, type TraceSummary, traceInto } from './trace-into.ts';

/** The values of `traceFlags` that say where records go. */
export interface TraceTarget extends StoreChoice, SpoolTarget {
  readonly logger?: string | undefined;
  readonly ndjson: boolean;
  readonly label?: readonly string[] | undefined;
  readonly quiet: boolean;
  readonly 'token-file'?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Runs a trace program until it is over or stopped, or to the end of `command`, and puts what it measures where the flags
 * say; `say` reports that.
 */
export async function runTraceCommand(
  programName: string,
  options: TraceOptions,
  target: TraceTarget,
  say: (line: string) => void,
  command?: readonly string[],
): Promise<TraceSummary> {
  checkTarget(target);
  keepHeapSmall();
  const labels = parseLabels(target.label ?? []);
  if (command !== undefined) {
    const traceQuietly = (traced: TraceOptions, signal: AbortSignal) =>
      traceTo(programName, traced, target, { labels, signal, quiet: true }, say);
    return runTraced(command, options, target.ndjson || target.json === true, traceQuietly, say);
  }
  const { signal, release } = untilStopped();
  try {
    return await traceTo(programName, options, target, { labels, signal, quiet: target.quiet }, say);
  } finally {
    release();
  }
}

function checkTarget(target: TraceTarget): void {
  if (target.ndjson && namesDatabase(target)) {
    throw new KernelscopeError(
      'usage',
      '--ndjson prints records, and a database was named to store them in',
      { suggestions: ['say one of the two'] },
    );
  }
}

/** A database that was named on the command line comes before a logger in the environment. */
function namesDatabase(target: TraceTarget): boolean {
  return target.sqlite !== undefined || target.mysql !== undefined;
}

async function traceTo(
  programName: string,
  options: TraceOptions,
  target: TraceTarget,
  run: Omit<Parameters<typeof traceInto>[2], 'delivery'>,
  say: (line: string) => void,
): Promise<TraceSummary> {
  if (target.ndjson) return printTrace(programName, options, run.signal);
  const token = readToken(target['token-file']);
  if (target.logger !== undefined && !namesDatabase(target)) {
    const url = checkUrl(target.logger);
    const delivery = deliverToLogger(url, token === undefined ? {} : { token });
    const spool = openChosenSpool(target, url, say);
    const summary = await traceInto(programName, options, {
      ...run,
      delivery,
      ...(spool !== undefined && { spool }),
    });
    say(describe(summary, `sent to ${target.logger}`));
    return summary;
  }
  const location = locateStore(storeChoice(target), process.env);
  const { summary, stored } = await traceIntoDatabase(programName, options, run, location);
  say(describe(summary, `stored in ${stored}`));
  return summary;
}

async function traceIntoDatabase(
  programName: string,
  options: TraceOptions,
  run: Omit<Parameters<typeof traceInto>[2], 'delivery'>,
  location: ChosenLocation,
): Promise<{ readonly summary: TraceSummary; readonly stored: string }> {
  makeDefaultFolder(location);
  const store = await openStore(location, { create: location.isDefault });
  try {
    if (location.isDefault) await store.init();
    // Before anything is traced, so that a database with another category of that name is told of at once.
    await addOnDemand(store, (await findProgram(programName)).category);
    const summary = await traceInto(programName, options, { ...run, delivery: deliverToStore(store) });
    return { summary, stored: store.location };
  } finally {
    await store.close();
  }
}

function describe(summary: TraceSummary, where: string): string {
  return `${formatCount(summary.records)} records ${where}, ${formatCount(summary.lost)} events lost`;
}

async function printTrace(
  programName: string,
  options: TraceOptions,
  signal: AbortSignal,
): Promise<TraceSummary> {
  const summary = { batches: 0, records: 0, lost: 0 };
  for await (const flush of await runProgram(programName, options, signal)) {
    await writeOutput([printFlush(flush)]);
    summary.batches++;
    summary.records += flush.entries.length;
    summary.lost += flush.lost;
  }
  return summary;
}

function printFlush({ entries, timeUs }: Flush): string {
  const columns = entryColumns(entries.category);
  const encode = rowEncoder(entries.category);
  let text = '';
  for (let index = 0; index < entries.length; index++) {
    const row: Record<string, Value> = { hostname: hostname(), time: timeUs };
    for (const [c, column] of columns.entries()) row[column.name] = valueAt(entries.values[c], index);
    text += `${JSON.stringify(encode(row))}\n`;
  }
  return text;
}

function checkUrl(text: string): string {
  if (/^https?:/.test(text) && URL.canParse(text)) return text;
  throw new KernelscopeError('usage', `'${text}' is no address of a logger`, {
    suggestions: ['write it like http://HOST:8081'],
  });
}
