import type Database from 'better-sqlite3';
import { offcputime } from '../src/core/category/offcputime.ts';
import { openStore } from '../src/core/store/index.ts';
import { decodeBatch } from '../src/core/wire/decode-batch.ts';
import type { Result } from './index.ts';
import { type FlatPost, flatWriter, openFlat } from './peers/flat-sqlite.ts';
import { chosenBackend, chosenRows, groupsOf } from './store-data/backends.ts';
import { type BodyForm, bodyForms } from './store-data/bodies.ts';
import { removeFiles, scratchFile } from './store-data/build-folder.ts';
import { DAY_US, fleetBatches } from './store-data/fleet.ts';
import { short } from './store-data/verdict.ts';
import { timed } from './take-turns.ts';

export const title =
  'how many rows does the store take from JSON on one thread, beside its floors and the flat design?';

/** Posts that are stored together, as many as connections send at a time. */
const BATCHES_PER_GROUP = 8;

const categories = new Map([[offcputime.name, offcputime]]);

/** Something that is given the bodies of posts, in one of the forms that they have. */
interface Contender {
  readonly name: string;
  readonly form: BodyForm;
  readonly take: (bodies: readonly Buffer[]) => unknown;
}

/** Gives each contender the same groups of posts in turns, so that a slow moment of the machine hits all of them. */
export async function run(): Promise<Result> {
  const rows = chosenRows();
  const backend = chosenBackend();
  const places = { columns: await backend.empty(), entries: await backend.empty() };
  const stores = {
    columns: await openStore(places.columns.location),
    entries: await openStore(places.entries.location),
  };
  const flatFile = scratchFile('flat.db');
  const flat = openFlat(flatFile);
  const both = (name: string, take: (bodies: readonly Buffer[], form: BodyForm) => unknown): Contender[] =>
    (['entries', 'columns'] as const).map((form) => ({
      name: `${name}, ${form}`,
      form,
      take: (bodies) => take(bodies, form),
    }));
  const contenders: readonly Contender[] = [
    ...both('floor: JSON.parse', (bodies) => bodies.map(parse)),
    { name: 'floor: JSON.parse and dictionary look-ups, entries', form: 'entries', take: dictionaryFloor() },
    ...both('kernelscope: decode and check', (bodies) => bodies.map(decode)),
    ...both(`kernelscope: decode, check and store (${backend.name})`, (bodies, form) =>
      stores[form].append(bodies.map((body) => ({ batch: decode(body) }))),
    ),
    {
      name: 'the design of 2016: JSON.parse, a flat table row by row, entries',
      form: 'entries',
      take: naive(flat),
    },
  ];
  const taken = contenders.map(() => ({ wallMs: 0, cpuMs: 0 }));
  try {
    for (const batches of groupsOf(fleetBatches({ rows, spanUs: DAY_US }), BATCHES_PER_GROUP)) {
      const encode = (form: BodyForm) => batches.map((batch) => Buffer.from(bodyForms[form](batch)));
      const bodies = { columns: encode('columns'), entries: encode('entries') };
      for (const [at, { form, take }] of contenders.entries()) {
        const { wallMs, cpuMs } = await timed(() => take(bodies[form]));
        taken[at]!.wallMs += wallMs;
        taken[at]!.cpuMs += cpuMs;
      }
    }
  } finally {
    for (const form of ['columns', 'entries'] as const) {
      await stores[form].close();
      await places[form].release();
    }
    flat.close();
    removeFiles(flatFile);
  }
  const floor = taken[0]!.cpuMs;
  const slowest = taken.at(-1)!.cpuMs;
  return {
    columns: [
      'what',
      'CPU s per M rows',
      'k rows/s',
      'times JSON.parse of entries',
      'the design of 2016 is times slower',
    ],
    rows: contenders.map(({ name }, at) => {
      const { wallMs, cpuMs } = taken[at]!;
      return [name, (cpuMs * 1000) / rows, rows / wallMs, cpuMs / floor, slowest / cpuMs].map((cell) =>
        typeof cell === 'number' ? short(cell) : cell,
      );
    }),
    notes: [
      `${rows} rows; groups of ${BATCHES_PER_GROUP} posts in turns; our groups and each of the flat posts are one transaction, with synchronous=FULL; CPU of this process alone, whose store may have a server`,
    ],
  };
}

function parse(body: Buffer): unknown {
  return JSON.parse(body.toString('utf8'));
}

function decode(body: Buffer) {
  return decodeBatch(body, categories);
}

function dictionaryFloor(): Contender['take'] {
  const ids = new Map<string, number>();
  const idOf = (text: string) => {
    const known = ids.get(text);
    if (known !== undefined) return known;
    ids.set(text, ids.size);
    return ids.size - 1;
  };
  return (bodies) => {
    let sum = 0;
    for (const body of bodies)
      for (const { process, stack } of (parse(body) as FlatPost).offcputime)
        sum += idOf(process) + idOf(stack);
    return sum;
  };
}

function naive(database: Database.Database): Contender['take'] {
  const write = flatWriter(database);
  return (bodies) => {
    for (const body of bodies) write(parse(body) as FlatPost);
  };
}
