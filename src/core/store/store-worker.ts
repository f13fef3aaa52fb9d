import { parentPort, workerData } from 'node:worker_threads';
import { convertLegacy } from '../wire/convert-legacy.ts';
import { decodeBatch } from '../wire/decode-batch.ts';
import { openStore } from './index.ts';
import type { AppendResult, KeyedBatch, Store } from './store.ts';
import {
  type AnswerMessage,
  type CallMessage,
  encodeError,
  type StoreCalls,
  type StoreWorkerData,
} from './worker-protocol.ts';

/** Batches that one transaction takes at most: enough to share an fsync, few enough to answer soon. */
const MAX_BATCHES_PER_COMMIT = 64;

const { location, options, legacyOffcputime } = workerData as StoreWorkerData;
const port = parentPort!;

let store: Store;
const waiting: { readonly keyed: KeyedBatch; readonly settle: (result: Promise<AppendResult>) => void }[] =
  [];
let draining = false;
const selections = new Map<number, AsyncIterator<readonly unknown[]>>();
let lastSelection = 0;

const calls: StoreCalls = {
  open: async () => {
    store = await openStore(location, options);
    return store.location;
  },
  init: () => store.init(),
  categories: () => store.categories(),
  append: (batches) => store.append(batches),
  appendEncoded: async (body, key) => {
    const decoded = decodeBatch(body, await store.categories());
    const batch = legacyOffcputime ? convertLegacy(decoded) : decoded;
    const keyed = key === undefined ? { batch } : { batch, key };
    return store.sharesCommits ? enqueue(keyed) : (await store.append([keyed]))[0]!;
  },
  weighStacks: (query) => store.weighStacks(query),
  scope: (category, where) => store.scope(category, where),
  status: () => store.status(),
  rebuild: () => store.rebuild(),
  migrate: () => store.migrate(),
  prune: (options) => store.prune(options),
  startSelect: async (query) => {
    selections.set(++lastSelection, store.select(query)[Symbol.asyncIterator]());
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

function enqueue(keyed: KeyedBatch): Promise<AppendResult> {
  return new Promise((resolve) => {
    waiting.push({ keyed, settle: resolve });
    if (draining) return;
    draining = true;
    // Let the messages that are there already be read first: what arrived together is committed together.
    setImmediate(() => void drain());
  });
}

async function drain(): Promise<void> {
  while (waiting.length > 0) {
    const group = waiting.splice(0, MAX_BATCHES_PER_COMMIT);
    const results = store.append(group.map(({ keyed }) => keyed));
    group.forEach(({ settle }, index) => {
      settle(results.then((all) => all[index]!));
    });
    await results.catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
  }
  draining = false;
}
