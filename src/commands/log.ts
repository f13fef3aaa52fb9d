import { randomUUID } from 'node:crypto';
import { createReadStream, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { hostname } from 'node:os';
import type { Readable } from 'node:stream';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import {
  type Category,
  KernelscopeError,
  loadRecordReader,
  parseLabels,
  parseTimestampUs,
  printable,
  type ReadProgress,
  type RecordFormat,
} from '../core/index.ts';
import { countOf } from './count-of.ts';
import { databaseFlags, tokenFileFlag } from './flags.ts';
import { KernelscopeCommand } from './kernelscope-command.ts';
import { describeMapping } from './log/describe-mapping.ts';
import { LogRun } from './log/log-run.ts';
import { openTarget, requireCategory } from './log/open-target.ts';

const formatNames = ['bpftrace', 'ndjson', 'csv', 'tsv', 'folded', 'lines'] as const;
/** How long a live record waits for others to be stored with, in milliseconds. */
const LIVE_FLUSH_MS = 1000;
const units = ['ns', 'us', 'ms', 's'] as const;

type Reader = Awaited<ReturnType<typeof loadRecordReader>>;

/** The flags that say how records are read. */
type ReadFlags = InferredFlags<typeof Log.flags>;

/** What was logged. */
interface Logged {
  readonly records: number;
  readonly batches: number;
  /** Lines that could not be read and were skipped. */
  readonly bad: number;
  readonly lost: number;
}

export class Log extends KernelscopeCommand {
  static override summary = "Put your own script's data into a category.";
  static override description =
    "Reads NDJSON, CSV, folded stacks, what bpftrace -f json prints, or lines of text by a pattern, and sends it to a logger or stores it. A field goes to the column of its name; the parts of a bpftrace map's key go to the columns in order, its stacks to the stack column, its value to the number that is left. Nothing is stored before all of the input was read and is right, unless --live says otherwise.";
  static override examples = [
    "bpftrace -f json -e 'profile:hz:99 { @[comm, kstack] = count(); }' -c ./work | <%= config.bin %> log --category samples",
    '<%= config.bin %> log --category requests --map latency=took_us --unit us requests.csv',
    'my-script | <%= config.bin %> log --category requests --live --logger http://logs:8081',
  ];
  static override args = {
    file: Args.string({
      description: 'File to read; stdin without it, or with -.',
      // What is on stdin is data, not the name of a file.
      ignoreStdin: true,
    }),
  };
  static override flags = {
    category: Flags.string({
      char: 'c',
      summary: 'Category that the records are of.',
      helpValue: 'NAME',
      required: true,
    }),
    input: Flags.option({
      summary: 'Format of the input; told from its beginning without it.',
      options: formatNames,
    })(),
    map: Flags.string({
      summary: 'Field of the input that a column is taken from; may be repeated.',
      helpValue: 'COLUMN=FIELD',
      multiple: true,
      multipleNonGreedy: true,
    }),
    set: Flags.string({
      summary: 'Value of a column in every record; may be repeated.',
      helpValue: 'COLUMN=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    pattern: Flags.string({
      summary: 'Regular expression with named groups, (?<column>...), for lines of text and of printf().',
      helpValue: 'REGEX',
    }),
    'from-map': Flags.string({
      summary: 'The only map of bpftrace that is read, of several.',
      helpValue: '@NAME',
    }),
    unit: Flags.option({
      summary: 'What durations without a unit are in; what their column is in without it.',
      options: units,
    })(),
    epoch: Flags.option({ summary: 'What times that are numbers count from 1970 on.', options: units })(),
    host: Flags.string({
      summary: 'Host of records that name none; this one without it.',
      helpValue: 'NAME',
    }),
    label: Flags.string({
      summary: 'Label of the records; may be repeated.',
      helpValue: 'KEY=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    time: Flags.string({ summary: 'Time of records that have none; now without it.', helpValue: 'TIME' }),
    key: Flags.string({
      summary: 'Name of this input: logged twice under one name, it is stored once.',
      helpValue: 'NAME',
    }),
    live: Flags.boolean({ summary: 'Store records as they arrive, each second, not when all were read.' }),
    'skip-bad': Flags.boolean({ summary: 'Count lines that cannot be read, and go on.' }),
    'dry-run': Flags.boolean({ summary: 'Show what would go where, and store nothing.' }),
    logger: Flags.string({
      summary: 'Logger to send records to.',
      helpValue: 'URL',
      env: 'KERNELSCOPE_LOGGER',
    }),
    'token-file': tokenFileFlag,
    ...databaseFlags,
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Log);
    const reader = await loadRecordReader();
    const input = args.file === undefined || args.file === '-' ? process.stdin : openFile(args.file);
    const key = flags.key ?? randomUUID();
    const progress = reader.newProgress();
    const run = new LogRun({
      ...{ input, progress, key, isLive: flags.live },
      say: (line) => this.say(line),
    });
    try {
      const target = await openTarget(flags);
      try {
        const category = requireCategory(flags.category, target.categories);
        const [head, chunks] = await reader.openInput(input, (bytes) => bytes.includes(0x0a));
        const format = flags.input ?? recognize(head.toString('utf8'), reader.recordFormats, flags.pattern);
        const options = readOptions(flags, category, format, reader);
        const batches = reader.readBatches(run.read(chunks), options, progress);
        if (flags['dry-run']) return await this.#describe(batches, category, format, run, progress);
        const held = flags.live ? batches : reader.holdBatches(batches);
        const stored = await reader.deliverBatches(held, run.deliverBy(target.delivery), key);
        run.end();
        this.#sayLeftOut(progress);
        if (progress.records === 0 && progress.lost === 0)
          throw new KernelscopeError('no_match', 'the input holds no records', {
            suggestions: whyNone(progress),
          });
        this.say(
          `${countOf(stored.records, 'record')} ${target.place}, ${countOf(progress.lost, 'event')} lost`,
        );
        return { ...stored, bad: progress.bad, lost: progress.lost } satisfies Logged;
      } finally {
        await target.close();
      }
    } catch (error) {
      if (run.end(error)) return { records: run.stored, stopped: true };
      throw unreadable(args.file, error);
    }
  }

  /** Reads all of it, and says what would go where. */
  async #describe(
    batches: AsyncIterable<unknown>,
    category: Category,
    format: string,
    run: LogRun,
    progress: ReadProgress,
  ): Promise<unknown> {
    for await (const _ of batches);
    run.end();
    const described = describeMapping(category, format, progress);
    for (const line of described.lines) this.log(line);
    this.#sayLeftOut(progress);
    this.say(`${countOf(progress.records, 'record')} could be stored; nothing was`);
    return described.json;
  }

  #sayLeftOut({ unused, ignored, bad, firstBad }: ReadProgress): void {
    if (unused.size > 0) this.say(`fields that no column takes: ${printable([...unused].join(', '))}`);
    for (const [what, count] of ignored) this.say(`left out ${countOf(count, 'time')}: ${printable(what)}`);
    if (bad > 0) this.say(`skipped ${countOf(bad, 'bad line')}, the first: ${printable(firstBad ?? '')}`);
  }
}

/** Opens a file to be read; a named pipe once somebody writes to it. */
function openFile(file: string): Readable {
  // A file is read by a thread that nothing interrupts: at a pipe it would wait for a writer, and Ctrl-C for it.
  return statSync(file, { throwIfNoEntry: false })?.isFIFO()
    ? new Socket({ fd: openSync(file, 'r'), readable: true, writable: false })
    : createReadStream(file);
}

/** What the flags say of how records are read. */
function readOptions(
  flags: ReadFlags,
  category: Category,
  format: keyof Reader['recordFormats'],
  reader: Reader,
): Parameters<Reader['readBatches']>[1] {
  const timeUs = flags.time === undefined ? undefined : parseTimestampUs(flags.time);
  const startedUs = Date.now() * 1000;
  return {
    category,
    format: reader.recordFormats[format],
    origins: reader.readOrigins(category, { maps: flags.map ?? [], values: flags.set ?? [] }),
    hostname: flags.host ?? hostname(),
    labels: parseLabels(flags.label ?? []),
    nowUs: () => timeUs ?? (flags.live ? Date.now() * 1000 : startedUs),
    skipsBad: flags['skip-bad'],
    ...(flags.live && { flushAfterMs: LIVE_FLUSH_MS }),
    ...(flags.pattern !== undefined && { pattern: reader.compilePattern(flags.pattern) }),
    ...(flags['from-map'] !== undefined && { map: flags['from-map'] }),
    ...(flags.unit !== undefined && { unit: flags.unit }),
    ...(flags.epoch !== undefined && { epoch: flags.epoch }),
  };
}

function recognize(
  head: string,
  formats: Readonly<Record<(typeof formatNames)[number], RecordFormat>>,
  pattern: string | undefined,
): (typeof formatNames)[number] {
  // Of all the formats these are what a pattern means something to.
  if (pattern !== undefined) return formats.bpftrace.recognizes(head) ? 'bpftrace' : 'lines';
  const name = (Object.keys(formats) as (typeof formatNames)[number][]).find((each) =>
    formats[each].recognizes(head),
  );
  if (name !== undefined) return name;
  if (head.trim() === '') return 'ndjson';
  throw new KernelscopeError('bad_input', 'the input is in none of the formats that are told by themselves', {
    suggestions: [`say which one: --input ${formatNames.join('|')}; lines of text have a --pattern`],
  });
}

function whyNone({ ignored, bad }: ReadProgress): readonly string[] {
  if (bad > 0) return ['every line of it is bad'];
  return ignored.size > 0 ? [`it holds ${[...ignored.keys()].join(', ')}`] : [];
}

function unreadable(file: string | undefined, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (file === undefined || !['ENOENT', 'EACCES', 'EISDIR'].includes(code ?? '')) return error;
  return new KernelscopeError('bad_input', `${file} cannot be read: ${message}`, { cause: error });
}
