import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../assets/start-worker.ts';
import type { Category, Row } from '../../category/define-category.ts';
import type { Condition } from '../../query/condition.ts';
import type { GroupQuery, RowQuery, StackQuery } from '../../query/query.ts';
import type { WeightedStack } from '../../stack/frame-tree.ts';
import type { MigrateResult } from '../migrate.ts';
import type { PruneOptions, PruneResult } from '../prune.ts';
import type {
  AppendResult,
  Explanation,
  GroupChunk,
  KeyedBatch,
  Scope,
  Store,
  StoreStatus,
} from '../store.ts';
import { StoreThread } from './store-thread.ts';
import type { StoreCallName, StoreCalls, StoreWorkerData } from './worker-protocol.ts';

const WRITER_YOUNG_MB = 32;

/** Opens a store in a thread of its own, so that no statement blocks this one; errors are those of `openStore`. */
export async function openStoreInWorker(
  data: Pick<StoreWorkerData, 'location' | 'options'> & { readonly legacyOffcputime?: boolean },
): Promise<WorkerStore> {
  const workerData: StoreWorkerData = { ...data, legacyOffcputime: data.legacyOffcputime ?? false };
  // What a writer decodes is garbage as soon as it is stored: V8 would let a hundred megabytes of it gather.
  const resourceLimits = data.options.readOnly ? {} : { maxYoungGenerationSizeMb: WRITER_YOUNG_MB };
  const store = new WorkerStore(
    () => startWorker('store', { workerData, resourceLimits }),
    data.options.readOnly ?? false,
  );
  await store.open();
  return store;
}

/**
 * A store whose work is done by a worker thread. A thread that ends by itself, as one does for which memory does not
 * suffice, fails the calls that it was at; the next call has another thread.
 */
export class WorkerStore implements Store {
  readonly sharesCommits = true;
  readonly #startWorker: () => Worker;
  readonly #isReadOnly: boolean;
  #thread: Promise<StoreThread> | undefined;
  #location = '';
  #isClosed = false;

  constructor(startWorker: () => Worker, isReadOnly = false) {
    this.#startWorker = startWorker;
    this.#isReadOnly = isReadOnly;
  }

  async open(): Promise<void> {
    await this.#opened();
  }

  get location(): string {
    return this.#location;
  }

  init(): Promise<{ readonly created: boolean }> {
    return this.#call('init');
  }

  categories(): Promise<ReadonlyMap<string, Category>> {
    return this.#call('categories');
  }

  addCategory(category: Category): Promise<{ readonly created: boolean }> {
    return this.#call('addCategory', category);
  }

  dropCategory(name: string): Promise<{ readonly records: number }> {
    return this.#call('dropCategory', name);
  }

  append(batches: readonly KeyedBatch[]): Promise<readonly AppendResult[]> {
    return this.#call('append', batches);
  }

  /** Decodes, checks and stores the body of `POST /`; batches that arrive together share a commit. The body is gone then. */
  appendEncoded(body: Uint8Array<ArrayBuffer>, key: string | undefined): Promise<AppendResult> {
    // Memory moves to the other thread; what is a small part of it, as in Node's pool, is copied out of it instead.
    const own = body.byteLength * 2 >= body.buffer.byteLength ? body : new Uint8Array(body);
    return this.#opened().then((thread) => thread.call('appendEncoded', [own, key], [own.buffer]));
  }

  select<C extends Category>(query: RowQuery<C>): AsyncIterable<readonly Row<C>[]> {
    return this.#chunks(query as RowQuery) as AsyncIterable<readonly Row<C>[]>;
  }

  aggregate(query: GroupQuery): AsyncIterable<GroupChunk> {
    return this.#chunks(query) as AsyncIterable<GroupChunk>;
  }

  async *#chunks(query: RowQuery | GroupQuery): AsyncIterable<unknown> {
    // To its end with one thread: another would know nothing of what was read so far.
    const thread = await this.#opened();
    const selection = await thread.call('startSelect', [query]);
    try {
      for (;;) {
        const chunk = await thread.call('nextChunk', [selection]);
        if (chunk === undefined) return;
        yield chunk;
      }
    } finally {
      if (!thread.hasEnded) await thread.call('endSelect', [selection]);
    }
  }

  weighStacks(query: StackQuery): Promise<readonly WeightedStack[]> {
    return this.#call('weighStacks', query);
  }

  scope(category: Category, where: Condition): Promise<Scope> {
    return this.#call('scope', category, where);
  }

  explain(query: RowQuery): Promise<Explanation> {
    return this.#call('explain', query);
  }

  status(): Promise<StoreStatus> {
    return this.#call('status');
  }

  rebuild(): Promise<number> {
    return this.#call('rebuild');
  }

  migrate(): Promise<MigrateResult> {
    return this.#call('migrate');
  }

  prune(options: PruneOptions): Promise<PruneResult> {
    return this.#call('prune', options);
  }

  /** Ends the thread: one that writes when it is done, one that only reads at once, and then what was asked fails. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const thread = await this.#thread?.catch(() => undefined);
    if (thread === undefined) return;
    try {
      if (!this.#isReadOnly || !thread.isBusy) await thread.call('close', []);
    } finally {
      await thread.terminate();
    }
  }

  #call<N extends StoreCallName>(call: N, ...args: Parameters<StoreCalls[N]>): ReturnType<StoreCalls[N]> {
    const answer: Promise<unknown> = this.#opened().then(
      (thread): Promise<unknown> => thread.call(call, args),
    );
    return answer as ReturnType<StoreCalls[N]>;
  }

  /** Gives the thread with its store open; starts it where there is none. */
  #opened(): Promise<StoreThread> {
    if (this.#isClosed) return Promise.reject(new Error('the store has been closed'));
    this.#thread ??= this.#openThread();
    return this.#thread;
  }

  async #openThread(): Promise<StoreThread> {
    const thread = new StoreThread(this.#startWorker(), () => {
      this.#thread = undefined;
    });
    try {
      this.#location = await thread.call('open', []);
      return thread;
    } catch (error) {
      await thread.terminate();
      throw error;
    }
  }
}
