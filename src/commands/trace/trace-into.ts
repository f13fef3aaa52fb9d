import { hostname } from 'node:os';
import {
  type Delivery,
  deliverToLogger,
  type Flush,
  formatCount,
  formatDurationNs,
  KernelscopeError,
  type Labels,
  loadTrace,
  printable,
  Shipper,
  type ShipState,
  type Spool,
  type Store,
  shipFlushes,
  suggestNames,
  type TraceOptions,
  type TraceProgram,
} from '../../core/index.ts';

/** How long the end of a trace waits for what it measured to be stored, in milliseconds. */
const FINISH_TIMEOUT_MS = 10_000;

/** What a trace came to. */
export interface TraceSummary {
  readonly batches: number;
  readonly records: number;
  readonly lost: number;
}

/** Traces until the signal aborts or the duration is over, sending each flush by the delivery; reports on stderr. */
export async function traceInto(
  programName: string,
  options: TraceOptions,
  run: {
    readonly delivery: Delivery;
    /** Where batches wait on disk; in memory alone without it. */
    readonly spool?: Spool;
    readonly labels: Labels;
    readonly signal: AbortSignal;
    readonly quiet: boolean;
  },
): Promise<TraceSummary> {
  const flushes = await runProgram(programName, options, run.signal, () => {
    if (!run.quiet) process.stderr.write('tracing; Ctrl-C ends it\n');
  });
  const shipper = new Shipper(run.delivery, run.spool);
  const tellSpool = spoolTeller(shipper.state);
  const origin = { hostname: hostname(), labels: run.labels };
  let records = 0;
  let lost = 0;
  let failure: unknown;
  try {
    for await (const { flush, state } of shipFlushes(flushes, origin, shipper)) {
      records += flush.entries.length;
      lost += flush.lost;
      tellSpool(state);
      if (!run.quiet) process.stderr.write(`${describeFlush(flush, state)}\n`);
    }
  } catch (error) {
    failure = error;
  }
  // Whatever ended the trace, what was measured before is stored first.
  const { stored, dropped } = await shipper
    .finish(FINISH_TIMEOUT_MS)
    .catch((error: unknown) => {
      throw failure ?? error;
    })
    .finally(() => tellSpool(shipper.state));
  if (failure !== undefined) throw failure;
  return { batches: stored, records: records - dropped, lost: lost + dropped };
}

/** Starts a trace program by its name. Throws `usage` where there is none of that name. */
export async function runProgram(
  name: string,
  options: TraceOptions,
  signal: AbortSignal,
  onBegin?: () => void,
): Promise<AsyncIterable<Flush>> {
  const { runTrace } = await loadTrace();
  return runTrace(await findProgram(name), options, signal, onBegin);
}

/** Finds a trace program by its name. Throws `usage` where there is none of that name. */
export async function findProgram(name: string): Promise<TraceProgram> {
  const { tracePrograms } = await loadTrace();
  const program = tracePrograms.find((candidate) => candidate.name === name);
  if (program !== undefined) return program;
  throw new KernelscopeError('usage', `there is no trace program '${name}'`, {
    suggestions: suggestNames(
      name,
      tracePrograms.map((candidate) => candidate.name),
    ),
  });
}

/** Traces this host into a logger of this process until the signal aborts. */
export async function traceIntoLogger(
  programName: string,
  loggerUrl: string,
  token: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const delivery = deliverToLogger(loggerUrl, token === undefined ? {} : { token });
  const { defaultThresholdUs } = await findProgram(programName);
  const options = { thresholdUs: defaultThresholdUs, intervalMs: 60_000, pids: [] };
  await traceInto(programName, options, { delivery, labels: {}, signal, quiet: true });
}

/** Delivers straight into a store; what may pass by itself, such as a lock or a full disk, is tried again. */
export function deliverToStore(store: Store): Delivery {
  return async (parcel) => {
    try {
      await store.append([{ batch: await parcel.batch(), key: parcel.key }]);
      return { stored: true };
    } catch (error) {
      if (
        error instanceof KernelscopeError &&
        ['database_locked', 'database_full', 'database_unavailable'].includes(error.code)
      ) {
        return { stored: false, error };
      }
      throw error;
    }
  };
}

/** Gives what tells, once each, that the spool brings something, loses something, or fails. */
function spoolTeller({ earlier }: ShipState): (state: ShipState) => void {
  const say = (line: string) => process.stderr.write(`${printable(line)}\n`);
  if (earlier !== undefined)
    say(`${formatBatches(earlier.found)} of earlier traces in the spool, sent first`);
  let asideBefore = 0;
  let troubleBefore: string | undefined;
  return ({ setAside, spoolTrouble }) => {
    if (setAside !== undefined && setAside.batches > asideBefore) {
      say(
        `${formatBatches(setAside.batches - asideBefore)} in the spool set aside and counted as lost; ${setAside.reason}`,
      );
      asideBefore = setAside.batches;
    }
    if (spoolTrouble !== undefined && spoolTrouble.message !== troubleBefore)
      say(`${spoolTrouble.message}; batches wait in memory meanwhile`);
    troubleBefore = spoolTrouble?.message;
  };
}

function formatBatches(count: number): string {
  return count === 1 ? '1 batch' : `${formatCount(count)} batches`;
}

function describeFlush({ entries, lost, totals, timeUs }: Flush, state: ShipState): string {
  const time = new Date(timeUs / 1000).toISOString().slice(11, 19);
  const waiting =
    state.trouble === undefined
      ? ''
      : `; ${formatCount(state.waiting)} batches wait: ${state.trouble.message}`;
  const bare = totals.withoutStack === 0 ? '' : `, ${formatCount(totals.withoutStack)} without a stack`;
  return `${time}  ${formatCount(entries.length)} records, ${formatDurationNs(totals.ns)} in all${bare}, ${formatCount(lost)} lost${waiting}`;
}
