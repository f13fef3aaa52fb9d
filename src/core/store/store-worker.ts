import { parentPort, workerData } from 'node:worker_threads';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import { convertLegacy } from '../wire/convert-legacy.ts';
import { decodeBatch } from '../wire/decode-batch.ts';
import { declareOnDemand, withCategoriesOnDemand } from './categories-on-demand.ts';
import { openStore } from './index.ts';
import type { AppendResult, KeyedBatch, Store } from './store.ts';
import {
  type AnswerMessage,
  type CallMessage,
  encodeError,
  type StoreCalls,
  type StoreWorkerData,
} from './thread/worker-protocol.ts';

/** Batches, and bytes of their bodies, that one commit takes at most: enough to share an fsync, few enough to answer soon. */
const MAX_BATCHES_PER_COMMIT = 64;
const MAX_BYTES_PER_COMMIT = 4 * 1024 * 1024;
/** Batches on their way into a database that commits each by itself. */
const MAX_SEPARATE_COMMITS = 8;

/** A body that waits, as it came: decoded it would take several times the memory. */
interface WaitingBody {
  readonly body: Uint8Array;
  readonly key: string | undefined;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

const { location, options, legacyOffcputime } = workerData as StoreWorkerData;
const port = parentPort!;

let store: Store;
const waiting: WaitingBody[] = [];
let drains = 0;
const selections = new Map<number, AsyncIterator<unknown>>();
let lastSelection = 0;

const calls: StoreCalls = {
  open: async () => {
    store = await openStore(location, options);
    return store.location;
  },
  init: () => store.init(),
  addCategory: (category) => store.addCategory(category),
  dropCategory: (name) => store.dropCategory(name),
  categories: () => store.categories(),
  append: (batches) => store.append(batches),
  appendEncoded: (body, key) =>
    new Promise((resolve, reject) => {
      waiting.push({ body, key, resolve, reject });
      if (drains >= (store.sharesCommits ? 1 : MAX_SEPARATE_COMMITS)) return;
      drains++;
      // Let the messages that are there already be read first: what arrived together is committed together.
      setImmediate(() => void drain());
    }),
  weighStacks: (query) => store.weighStacks(query),
  scope: (category, where) => store.scope(category, where),
  status: () => store.status(),
  explain: (query) => store.explain(query),
  rebuild: () => store.rebuild(),
  migrate: () => store.migrate(),
  prune: (options) => store.prune(options),
  startSelect: async (query) => {
    const chunks = query.kind === 'rows' ? store.select(query) : store.aggregate(query);
    selections.set(++lastSelection, chunks[Symbol.asyncIterator]());
    return lastSelection;
  },
  nextChunk: async (selection) => {
    const next = await selections.get(selection)?.next();
    if (next !== undefined && !next.done) return next.value;
    selections.delete(selection);
    return undefined;
  },
  endSelect: async (selection) => {
    await selections.get(selection)?.return?.();
    selections.delete(selection);
  },
  // The thread stays to answer; who called ends it then.
  close: () => store.close(),
};

port.on('message', ({ id, call, args }: CallMessage) => {
  // Calls are told apart by their types at the other end; here any of them takes what was sent for it.
  const run = calls[call] as (...args: readonly unknown[]) => Promise<unknown>;
  run(...args).then(
    (result) => answer({ id, result }),
    (error: unknown) => answer({ id, error: encodeError(error) }),
  );
});

function answer(message: AnswerMessage): void {
  port.postMessage(message);
}

/** Stores what waits until nothing does; any number of these may run side by side. */
async function drain(): Promise<void> {
  while (waiting.length > 0) {
    const group = takeGroup();
    await appendGroup(group).catch((error: unknown) => {
      for (const { reject } of group) reject(error);
    });
    // Others that asked meanwhile are answered in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
  drains--;
}

function takeGroup(): readonly WaitingBody[] {
  const limit = store.sharesCommits ? MAX_BATCHES_PER_COMMIT : 1;
  let count = 0;
  let bytes = 0;
  while (count < limit && count < waiting.length) {
    bytes += waiting[count]!.body.byteLength;
    if (count > 0 && bytes > MAX_BYTES_PER_COMMIT) break;
    count++;
  }
  return waiting.splice(0, count);
}

async function appendGroup(group: readonly WaitingBody[]): Promise<void> {
  const declared = await store.categories();
  const categories = withCategoriesOnDemand(declared);
  const decoded: { readonly from: WaitingBody; readonly keyed: KeyedBatch }[] = [];
  for (const from of group) {
    try {
      const batch = decodeBatch(from.body, categories);
      const converted = legacyOffcputime ? convertLegacy(batch) : batch;
      await declareOnDemand(store, declared, converted);
      decoded.push({ from, keyed: { batch: converted, ...(from.key !== undefined && { key: from.key }) } });
    } catch (error) {
      // What is wrong with one batch is nothing to its neighbours.
      from.reject(error);
    }
  }
  if (decoded.length === 0) return;
  try {
    const results = await store.append(decoded.map(({ keyed }) => keyed));
    for (const [index, { from }] of decoded.entries()) from.resolve(results[index]!);
  } catch (error) {
    if (decoded.length === 1 || (error instanceof KernelscopeError && error.code === 'database_locked'))
      throw error;
    // One that the database will not take, or has no room for, must not keep its neighbours out.
    for (const { from, keyed } of decoded) {
      await store.append([keyed]).then(([result]) => from.resolve(result!), from.reject);
    }
  }
}
