import type { Worker } from 'node:worker_threads';
import { startWorker } from '../assets/start-worker.ts';
import type { Category, Row } from '../category/define-category.ts';
import type { Condition } from '../query/condition.ts';
import type { RowQuery, StackQuery } from '../query/query.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import type { MigrateResult } from './migrate.ts';
import type { PruneOptions, PruneResult } from './prune.ts';
import type { AppendResult, KeyedBatch, Scope, Store, StoreStatus } from './store.ts';
import {
  type AnswerMessage,
  type CallMessage,
  decodeError,
  type StoreCallName,
  type StoreCalls,
  type StoreWorkerData,
} from './worker-protocol.ts';

const WRITER_YOUNG_MB = 32;

/** Opens a store in a thread of its own, so that no statement blocks this one; errors are those of `openStore`. */
export async function openStoreInWorker(
  data: Pick<StoreWorkerData, 'location' | 'options'> & { readonly legacyOffcputime?: boolean },
): Promise<WorkerStore> {
  const workerData: StoreWorkerData = { ...data, legacyOffcputime: data.legacyOffcputime ?? false };
  // What a writer decodes is garbage as soon as it is stored: V8 would let a hundred megabytes of it gather.
  const resourceLimits = data.options.readOnly ? {} : { maxYoungGenerationSizeMb: WRITER_YOUNG_MB };
  const store = new WorkerStore(startWorker('store', { workerData, resourceLimits }));
  try {
    await store.open();
    return store;
  } catch (error) {
    await store.terminate();
    throw error;
  }
}

/** A store whose work is done by a worker thread. */
export class WorkerStore implements Store {
  readonly sharesCommits = true;
  readonly #worker: Worker;
  readonly #pending = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  #lastId = 0;
  #location = '';
  #failure: Error | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (answer: AnswerMessage) => {
      const pending = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if ('error' in answer) pending?.reject(decodeError(answer.error));
      else pending?.resolve(answer.result as never);
    });
    worker.on('error', (error) => this.#fail(error as Error));
    worker.on('exit', () => this.#fail(new Error('the thread of the store has ended')));
  }

  async open(): Promise<void> {
    this.#location = await this.#call('open');
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

  append(batches: readonly KeyedBatch[]): Promise<readonly AppendResult[]> {
    return this.#call('append', batches);
  }

  /** Decodes, checks and stores the body of `POST /`; batches that arrive together share a commit. The body is gone then. */
  appendEncoded(body: Uint8Array<ArrayBuffer>, key: string | undefined): Promise<AppendResult> {
    // Memory moves to the other thread; what is a small part of it, as in Node's pool, is copied out of it instead.
    const own = body.byteLength * 2 >= body.buffer.byteLength ? body : new Uint8Array(body);
    return this.#send('appendEncoded', [own, key], [own.buffer]);
  }

  async *select<C extends Category>(query: RowQuery<C>): AsyncIterable<readonly Row<C>[]> {
    const selection = await this.#call('startSelect', query as RowQuery);
    try {
      for (;;) {
        const chunk = await this.#call('nextChunk', selection);
        if (chunk === undefined) return;
        yield chunk as readonly Row<C>[];
      }
    } finally {
      if (this.#failure === undefined) await this.#call('endSelect', selection);
    }
  }

  weighStacks(query: StackQuery): Promise<readonly WeightedStack[]> {
    return this.#call('weighStacks', query);
  }

  scope(category: Category, where: Condition): Promise<Scope> {
    return this.#call('scope', category, where);
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

  async close(): Promise<void> {
    if (this.#failure !== undefined) return;
    await this.#call('close');
    await this.terminate();
  }

  /** Ends the thread at once, whatever it does. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #call<N extends StoreCallName>(call: N, ...args: Parameters<StoreCalls[N]>): ReturnType<StoreCalls[N]> {
    return this.#send(call, args, []);
  }

  #send<N extends StoreCallName>(
    call: N,
    args: Parameters<StoreCalls[N]>,
    moved: readonly ArrayBuffer[],
  ): ReturnType<StoreCalls[N]> {
    const answer = new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      const id = ++this.#lastId;
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, call, args } satisfies CallMessage, moved);
    });
    return answer as ReturnType<StoreCalls[N]>;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }
}
