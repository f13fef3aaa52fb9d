import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { hostname } from 'node:os';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {
  type Category,
  type Delivery,
  deliverToLogger,
  formatCount,
  KernelscopeError,
  loadRecordReader,
  locateStore,
  openStore,
  parseLabels,
  parseTimestampUs,
  printable,
  type ReadProgress,
  type RecordFormat,
  type StoreChoice,
  suggestNames,
} from '../core/index.ts';
import { databaseFlags, readToken, storeChoice, tokenFileFlag } from './flags.ts';
import { KernelscopeCommand } from './kernelscope-command.ts';
import { describeMapping } from './log/describe-mapping.ts';
import { deliverToStore } from './trace/trace-into.ts';
import { untilStopped } from './until-stopped.ts';

const formatNames = ['bpftrace', 'ndjson', 'csv', 'tsv', 'folded', 'lines'] as const;
/** How long a live record waits for others to be stored with, in milliseconds. */
const LIVE_FLUSH_MS = 1000;
const units = ['ns', 'us', 'ms', 's'] as const;

/** What was logged. */
interface Logged {
  readonly records: number;
  readonly batches: number;
  /** Lines that could not be read and were skipped. */
  readonly bad: number;
  readonly lost: number;
}

/** Where records go, and which categories are taken there. */
interface Target {
  readonly categories: ReadonlyMap<string, Category>;
  readonly delivery: Delivery;
  readonly place: string;
  close(): Promise<void>;
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

  async run(): Promise<Logged | unknown> {
    const { args, flags } = await this.parse(Log);
    const reader = await loadRecordReader();
    // A pipeline is stopped as a whole: what the program before this one still prints is worth having.
    const { release } = untilStopped();
    const input = args.file === undefined || args.file === '-' ? process.stdin : createReadStream(args.file);
    const target = await openTarget(flags);
    try {
      const category = requireCategory(flags.category, target.categories);
      const input =
        args.file === undefined || args.file === '-' ? process.stdin : createReadStream(args.file);
      const [head, chunks] = await reader.openInput(input, (bytes) => bytes.includes(0x0a));
      const format = flags.input ?? recognize(head.toString('utf8'), reader.recordFormats);
      const timeUs = flags.time === undefined ? undefined : parseTimestampUs(flags.time);
      const progress = reader.newProgress();
      const nowUs = timeUs ?? Date.now() * 1000;
      const batches = reader.readBatches(
        chunks,
        {
          category,
          format: reader.recordFormats[format],
          origins: reader.readOrigins(category, { maps: flags.map ?? [], values: flags.set ?? [] }),
          hostname: flags.host ?? hostname(),
          labels: parseLabels(flags.label ?? []),
          nowUs: () => (flags.live && timeUs === undefined ? Date.now() * 1000 : nowUs),
          skipsBad: flags['skip-bad'],
          ...(flags.live && { flushAfterMs: LIVE_FLUSH_MS }),
          ...(flags.pattern !== undefined && { pattern: reader.compilePattern(flags.pattern) }),
          ...(flags['from-map'] !== undefined && { map: flags['from-map'] }),
          ...(flags.unit !== undefined && { unit: flags.unit }),
          ...(flags.epoch !== undefined && { epoch: flags.epoch }),
        },
        progress,
      );
      if (flags['dry-run']) {
        for await (const _ of batches);
        const described = describeMapping(category, format, progress);
        for (const line of described.lines) this.log(line);
        this.#sayLeftOut(progress);
        this.say(`${formatCount(progress.records)} records could be stored; nothing was`);
        return described.json;
      }
      const held = flags.live ? batches : reader.holdBatches(batches);
      const stored = await reader.deliverBatches(held, target.delivery, flags.key ?? randomUUID());
      this.#sayLeftOut(progress);
      if (progress.records === 0 && progress.lost === 0)
        throw new KernelscopeError('no_match', 'the input holds no records', {
          suggestions: whyNone(progress),
        });
      this.say(
        `${formatCount(stored.records)} records ${target.place}, ${formatCount(progress.lost)} events lost`,
      );
      return { ...stored, bad: progress.bad, lost: progress.lost };
    } catch (error) {
      throw unreadable(args.file, error);
    } finally {
      release();
      // Whoever still writes to it is not waited for.
      input.destroy();
      await target.close();
    }
  }

  #sayLeftOut({ unused, ignored, bad, firstBad }: ReadProgress): void {
    if (unused.size > 0) this.say(`fields that no column takes: ${printable([...unused].join(', '))}`);
    for (const [what, count] of ignored) this.say(`left out ${formatCount(count)} times: ${printable(what)}`);
    if (bad > 0) this.say(`skipped ${formatCount(bad)} bad lines, the first: ${printable(firstBad ?? '')}`);
  }
}

interface TargetFlags extends StoreChoice {
  readonly logger?: string | undefined;
  readonly 'token-file'?: string | undefined;
  readonly 'dry-run': boolean;
}

async function openTarget(flags: TargetFlags): Promise<Target> {
  const token = readToken(flags['token-file']);
  const secret = token === undefined ? {} : { token };
  // A database that was named on the command line comes before a logger in the environment.
  if (flags.logger !== undefined && flags.sqlite === undefined && flags.mysql === undefined) {
    const { askCategories } = await loadRecordReader();
    if (!/^https?:/.test(flags.logger) || !URL.canParse(flags.logger)) {
      throw new KernelscopeError('usage', `'${flags.logger}' is no address of a logger`, {
        suggestions: ['write it like http://HOST:8081'],
      });
    }
    return {
      categories: await askCategories(flags.logger, secret),
      delivery: deliverToLogger(flags.logger, secret),
      place: `sent to ${flags.logger}`,
      close: async () => {},
    };
  }
  const location = locateStore(storeChoice(flags), process.env);
  const store = await openStore(location, { readOnly: flags['dry-run'] });
  return {
    categories: await store.categories(),
    delivery: deliverToStore(store),
    place: `stored in ${store.location}`,
    close: () => store.close(),
  };
}

function requireCategory(name: string, categories: ReadonlyMap<string, Category>): Category {
  const category = categories.get(name);
  if (category !== undefined) return category;
  throw new KernelscopeError('unknown_category', `there is no category '${name}'`, {
    suggestions: [
      ...suggestNames(name, categories.keys()),
      `declare it: kernelscope category add ${name} --column NAME:TYPE ...`,
    ],
  });
}

function recognize(
  head: string,
  formats: Readonly<Record<(typeof formatNames)[number], RecordFormat>>,
): (typeof formatNames)[number] {
  const name = (Object.keys(formats) as (typeof formatNames)[number][]).find((each) =>
    formats[each].recognizes(head),
  );
  if (name !== undefined) return name;
  if (head.trim() === '') return 'ndjson';
  throw new KernelscopeError('bad_input', 'the input is in none of the formats that are told by themselves', {
    suggestions: [`say which one: --input ${formatNames.join('|')}; lines of text need --pattern`],
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
