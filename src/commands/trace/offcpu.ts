import { hostname } from 'node:os';
import * as Flags from '@oclif/core/flags';
import {
  type ChosenLocation,
  deliverToLogger,
  encodeRow,
  entryColumns,
  type Flush,
  formatCount,
  KernelscopeError,
  locateStore,
  makeDefaultFolder,
  openStore,
  parseLabels,
  type TraceOptions,
  type Value,
} from '../../core/index.ts';
import { databaseFlags, durationNs, readToken, storeChoice, tokenFileFlag } from '../flags.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';
import { untilStopped } from '../until-stopped.ts';
import { writeOutput } from '../write-output.ts';
import { deliverToStore, runProgram, type TraceSummary, traceInto } from './trace-into.ts';

export class TraceOffcpu extends KernelscopeCommand {
  static override summary =
    'Trace the time that threads spend off the CPU, with the kernel stacks they wait in, by eBPF.';
  static override description =
    'Needs root, or CAP_BPF and CAP_PERFMON. Records go to a logger, into a database, or to stdout as NDJSON. Ctrl-C ends it; what was measured is stored first.';
  static override examples = [
    'sudo <%= config.bin %> trace offcpu --duration 10s',
    'sudo <%= config.bin %> trace offcpu --logger http://localhost:8081 --threshold 5000',
    'sudo <%= config.bin %> trace offcpu --state D --label kernel=$(uname -r)',
  ];
  static override flags = {
    logger: Flags.string({
      summary: 'Logger to send records to.',
      helpValue: 'URL',
      env: 'KERNELSCOPE_LOGGER',
    }),
    ndjson: Flags.boolean({
      summary: 'Print records on stdout, one JSON object per line.',
    }),
    threshold: durationNs({
      summary: 'Shortest block that is recorded; a bare number is microseconds.',
      bareUnit: 'us',
      default: 1e6,
      defaultHelp: async () => '1ms',
    }),
    min: durationNs({ summary: 'The same as --threshold.', bareUnit: 'us' }),
    max: durationNs({
      summary: 'Longest block that is recorded; a bare number is microseconds.',
      bareUnit: 'us',
    }),
    interval: durationNs({
      summary: 'Time between two batches; a bare number is seconds.',
      bareUnit: 's',
      default: 60e9,
      defaultHelp: async () => '60s',
    }),
    duration: durationNs({ summary: 'Stop after this time; a bare number is seconds.', bareUnit: 's' }),
    pid: Flags.integer({ summary: 'Only this process; may be repeated.', multiple: true, min: 1 }),
    comm: Flags.string({
      summary: 'Only threads whose name matches this glob; may be repeated.',
      helpValue: 'GLOB',
      multiple: true,
    }),
    state: Flags.string({
      summary: 'Only blocks in these task states: letters of ps such as D or DS, or TASK_* numbers.',
      helpValue: 'STATES',
    }),
    'kernel-threads': Flags.boolean({ summary: 'Only threads of the kernel.', exclusive: ['user-threads'] }),
    'user-threads': Flags.boolean({ summary: 'Only threads of programs.' }),
    label: Flags.string({
      summary: 'Label of what is measured; may be repeated.',
      helpValue: 'KEY=VALUE',
      multiple: true,
    }),
    quiet: Flags.boolean({ char: 'q', summary: 'Say nothing of each batch.' }),
    'token-file': tokenFileFlag,
    ...databaseFlags,
  };

  async run(): Promise<TraceSummary> {
    const { flags } = await this.parse(TraceOffcpu);
    // A database that was named on the command line comes before a logger in the environment.
    const namesDatabase = flags.sqlite !== undefined || flags.mysql !== undefined;
    if (flags.ndjson && namesDatabase) {
      throw new KernelscopeError(
        'usage',
        '--ndjson prints records, and a database was named to store them in',
        {
          suggestions: ['say one of the two'],
        },
      );
    }
    const labels = parseLabels(flags.label ?? []);
    const options = await traceOptions(flags);
    const { signal, release } = untilStopped();
    const run = { labels, signal, quiet: flags.quiet };
    try {
      if (flags.ndjson) return await printTrace(options, signal);
      const token = readToken(flags['token-file']);
      if (flags.logger !== undefined && !namesDatabase) {
        const delivery = deliverToLogger(checkUrl(flags.logger), token === undefined ? {} : { token });
        return this.#report(
          await traceInto('offcpu', options, { ...run, delivery }),
          `sent to ${flags.logger}`,
        );
      }
      return await this.#traceIntoDatabase(options, run, locateStore(storeChoice(flags), process.env));
    } finally {
      release();
    }
  }

  async #traceIntoDatabase(
    options: TraceOptions,
    run: Omit<Parameters<typeof traceInto>[2], 'delivery'>,
    location: ChosenLocation,
  ): Promise<TraceSummary> {
    makeDefaultFolder(location);
    const store = await openStore(location, { create: location.isDefault });
    try {
      if (location.isDefault) await store.init();
      const summary = await traceInto('offcpu', options, { ...run, delivery: deliverToStore(store) });
      return this.#report(summary, `stored in ${store.location}`);
    } finally {
      await store.close();
    }
  }

  #report(summary: TraceSummary, where: string): TraceSummary {
    this.say(`${formatCount(summary.records)} records ${where}, ${formatCount(summary.lost)} events lost`);
    return summary;
  }
}

type Parsed = Awaited<ReturnType<TraceOffcpu['parse']>>['flags'];

async function traceOptions(flags: Parsed): Promise<TraceOptions> {
  const { loadTrace } = await import('../../core/index.ts');
  const { parseTaskStates } = await loadTrace();
  return {
    thresholdUs: (flags.min ?? flags.threshold) / 1000,
    intervalMs: flags.interval / 1e6,
    pids: flags.pid ?? [],
    comms: flags.comm ?? [],
    ...(flags.max !== undefined && { maxUs: flags.max / 1000 }),
    ...(flags.duration !== undefined && { durationMs: flags.duration / 1e6 }),
    ...(flags.state !== undefined && { stateMask: parseTaskStates(flags.state) }),
    ...(flags['kernel-threads'] && { threads: 'kernel' as const }),
    ...(flags['user-threads'] && { threads: 'user' as const }),
  };
}

async function printTrace(options: TraceOptions, signal: AbortSignal): Promise<TraceSummary> {
  const summary = { batches: 0, records: 0, lost: 0 };
  for await (const flush of await runProgram('offcpu', options, signal)) {
    await writeOutput([printFlush(flush)]);
    summary.batches++;
    summary.records += flush.entries.length;
    summary.lost += flush.lost;
  }
  return summary;
}

function printFlush({ entries, timeUs }: Flush): string {
  const columns = entryColumns(entries.category);
  let text = '';
  for (let index = 0; index < entries.length; index++) {
    const row: Record<string, Value> = { hostname: hostname(), time: timeUs };
    for (const [c, column] of columns.entries()) row[column.name] = entries.values[c]![index] ?? null;
    text += `${JSON.stringify(encodeRow(entries.category, row))}\n`;
  }
  return text;
}

function checkUrl(text: string): string {
  if (/^https?:/.test(text) && URL.canParse(text)) return text;
  throw new KernelscopeError('usage', `'${text}' is no address of a logger`, {
    suggestions: ['write it like http://HOST:8081'],
  });
}
