import type { FastifyInstance } from 'fastify';
import { openStore, type StoreLocation } from '../store/index.ts';
import { openStoreInWorker } from '../store/thread/worker-store.ts';
import { type LogBug, listen } from './http-server.ts';
import { createLogger } from './logger.ts';
import { retain } from './retain.ts';
import { createWeb } from './web.ts';

/** Where one of the services listens. */
export interface ListenOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly token?: string;
}

/** What is to be served of which database. */
export interface ServeOptions {
  readonly location: StoreLocation;
  /** Make the database where it is missing. */
  readonly create: boolean;
  readonly logger?: ListenOptions & {
    readonly legacyOffcputime: boolean;
    /** Delete batches once they are older than this, in milliseconds; keep all where absent. */
    readonly retainMs?: number;
  };
  readonly web?: ListenOptions;
  readonly onBug: LogBug;
}

/** Services that run. */
export interface RunningServices {
  /** Addresses such as `http://127.0.0.1:8081`, of the services that were asked for. */
  readonly loggerUrl?: string;
  readonly webUrl?: string;
  /** Where the records are, without secrets. */
  readonly location: string;
  /** Stops taking requests, finishes those under way, and closes the database. */
  close(): Promise<void>;
}

/**
 * Runs the logger, the web service or both over one database, each with a thread of its own for its statements.
 * Throws what the database and the ports give: nothing is left running then.
 */
export async function serve(options: ServeOptions): Promise<RunningServices> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    // One that fails must not keep the others open, or the process would never end.
    const outcomes: PromiseSettledResult<void>[] = [];
    for (const closer of closers.splice(0).reverse())
      outcomes.push(...(await Promise.allSettled([closer()])));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  try {
    const location = await prepareDatabase(options);
    const loggerUrl = options.logger && (await startLogger(options, options.logger, closers));
    const webUrl = options.web && (await startWeb(options, options.web, closers));
    return { close, location, ...(loggerUrl && { loggerUrl }), ...(webUrl && { webUrl }) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opens the database once, before anything listens: what is wrong with it is told first. */
async function prepareDatabase({ location, create, logger }: ServeOptions): Promise<string> {
  const store = await openStore(location, { create, readOnly: logger === undefined && !create });
  try {
    if (create) await store.init();
    return store.location;
  } finally {
    await store.close();
  }
}

async function startLogger(
  { location, onBug }: ServeOptions,
  { legacyOffcputime, retainMs, ...listening }: NonNullable<ServeOptions['logger']>,
  closers: (() => Promise<void>)[],
): Promise<string> {
  const store = await openStoreInWorker({ location, options: {}, legacyOffcputime });
  closers.push(() => store.close());
  if (retainMs !== undefined) closers.push(retain(store, retainMs, onBug));
  return start(createLogger(store, { onBug, ...tokenOf(listening) }), listening, closers);
}

async function startWeb(
  { location, onBug }: ServeOptions,
  listening: ListenOptions,
  closers: (() => Promise<void>)[],
): Promise<string> {
  const store = await openStoreInWorker({ location, options: { readOnly: true } });
  closers.push(() => store.close());
  return start(createWeb(store, { onBug, ...tokenOf(listening) }), listening, closers);
}

async function start(
  server: FastifyInstance,
  { host, port }: ListenOptions,
  closers: (() => Promise<void>)[],
): Promise<string> {
  closers.push(() => server.close());
  const listeningPort = await listen(server, host, port);
  return `http://${host.includes(':') ? `[${host}]` : host}:${listeningPort}`;
}

function tokenOf({ token }: ListenOptions): { readonly token?: string } {
  return token === undefined ? {} : { token };
}
