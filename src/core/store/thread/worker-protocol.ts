import { type ErrorCode, errorCodes } from '../../base/error-codes.ts';
import { KernelscopeError } from '../../base/kernelscope-error.ts';
import type { GroupQuery, RowQuery } from '../../query/query.ts';
import type { OpenOptions, StoreLocation } from '../index.ts';
import type { AppendResult, Store } from '../store.ts';

/** What a store's worker is started with. */
export interface StoreWorkerData {
  readonly location: StoreLocation;
  readonly options: OpenOptions;
  /** Take what the 2016 tracer sent: leaf-first stacks, elapsed in microseconds. */
  readonly legacyOffcputime: boolean;
}

/** The calls that go to the worker: those of a store, a batch still encoded, and the next chunk of a selection. */
export interface StoreCalls
  extends Pick<
    Store,
    | 'categories'
    | 'init'
    | 'addCategory'
    | 'dropCategory'
    | 'append'
    | 'weighStacks'
    | 'scope'
    | 'status'
    | 'explain'
    | 'rebuild'
    | 'migrate'
    | 'prune'
    | 'close'
  > {
  /** Opens the store and gives its location. */
  open(): Promise<string>;
  appendEncoded(body: Uint8Array, key: string | undefined): Promise<AppendResult>;
  startSelect(query: RowQuery | GroupQuery): Promise<number>;
  nextChunk(selection: number): Promise<unknown>;
  endSelect(selection: number): Promise<void>;
}

export type StoreCallName = keyof StoreCalls;

export interface CallMessage {
  readonly id: number;
  readonly call: StoreCallName;
  readonly args: readonly unknown[];
}

export type AnswerMessage =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: EncodedError };

/** An error on its way between threads, where classes do not survive. */
export interface EncodedError {
  readonly code?: string;
  readonly message: string;
  readonly suggestions: readonly string[];
  readonly stack?: string;
}

export function encodeError(error: unknown): EncodedError {
  if (error instanceof KernelscopeError) {
    return { code: error.code, message: error.message, suggestions: error.suggestions };
  }
  const bug = error instanceof Error ? error : new Error(String(error));
  return { message: bug.message, suggestions: [], ...(bug.stack === undefined ? {} : { stack: bug.stack }) };
}

export function decodeError(encoded: EncodedError): Error {
  if (encoded.code !== undefined && Object.hasOwn(errorCodes, encoded.code)) {
    return new KernelscopeError(encoded.code as ErrorCode, encoded.message, {
      suggestions: encoded.suggestions,
    });
  }
  const error = new Error(encoded.message);
  if (encoded.stack !== undefined) error.stack = encoded.stack;
  return error;
}
