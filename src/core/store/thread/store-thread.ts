import type { Worker } from 'node:worker_threads';
import {
  type AnswerMessage,
  type CallMessage,
  decodeError,
  type StoreCallName,
  type StoreCalls,
} from './worker-protocol.ts';

/** The calling end of a store's worker thread. */
export class StoreThread {
  readonly #worker: Worker;
  readonly #pending = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  #lastId = 0;
  #failure: Error | undefined;

  /** `onEnd` is called when the thread ends, by itself or not. */
  constructor(worker: Worker, onEnd: () => void) {
    this.#worker = worker;
    worker.on('message', (answer: AnswerMessage) => {
      const pending = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if ('error' in answer) pending?.reject(decodeError(answer.error));
      else pending?.resolve(answer.result as never);
    });
    const fail = (error: Error) => {
      // A thread that fails also ends: that is one end, not two.
      if (this.#failure !== undefined) return;
      this.#failure = error;
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
      onEnd();
    };
    worker.on('error', (error) => fail(error as Error));
    worker.on('exit', () => fail(new Error('the thread of the store has ended')));
  }

  get hasEnded(): boolean {
    return this.#failure !== undefined;
  }

  /** Whether an answer is still to come. */
  get isBusy(): boolean {
    return this.#pending.size > 0;
  }

  /** Has the thread do something; `moved` is memory in `args` that is the thread's from here on. */
  call<N extends StoreCallName>(
    call: N,
    args: Parameters<StoreCalls[N]>,
    moved: readonly ArrayBuffer[] = [],
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

  /** Ends the thread at once, whatever it does. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}
