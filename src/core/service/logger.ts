import type { FastifyInstance, FastifyReply } from 'fastify';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { AppendResult, Store } from '../store/store.ts';
import { checkToken } from './check-token.ts';
import { createHttpServer, type LogBug, sendError, toKernelscopeError } from './http-server.ts';
import { createLoggerMetrics, createRegistry } from './metrics.ts';
import { decompressBody, requireJson } from './read-body.ts';

/** Where a logger puts what it receives: decodes, checks and commits a body. */
export type BatchSink = Pick<Store, 'categories'> & {
  appendEncoded(body: Uint8Array, key: string | undefined): Promise<AppendResult>;
};

/** Limits and secrets of a logger. */
export interface LoggerOptions {
  readonly onBug: LogBug;
  readonly token?: string;
  /** Largest body as sent. */
  readonly maxBodyBytes?: number;
  /** Largest body after decompression. */
  readonly maxDecodedBytes?: number;
  /** Bytes of bodies that may be on their way into the database before more are turned away with 429. */
  readonly maxQueuedBytes?: number;
}

const MIB = 1024 * 1024;
/** Longest idempotency key, in characters. */
const MAX_KEY_LENGTH = 191;

/** Makes the logger service: `POST /` as SPEC 2 says, `/healthz`, `/readyz` and `/metrics`. */
export function createLogger(sink: BatchSink, options: LoggerOptions): FastifyInstance {
  const { maxBodyBytes = 16 * MIB, maxDecodedBytes = 64 * MIB, maxQueuedBytes = 256 * MIB } = options;
  const server = createHttpServer({ maxBodyBytes, onBug: options.onBug });
  const metrics = createLoggerMetrics(createRegistry());
  const room = new Room(maxQueuedBytes);

  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async () => {
    await sink.categories();
    return { status: 'ok' };
  });
  server.get('/metrics', async (_request, reply) => {
    metrics.queuedBytes.set(room.takenBytes);
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });

  server.post('/', {
    // Before the body is read: who may not log, or comes while all room is taken, costs nothing more.
    onRequest: async (request, reply) => {
      checkToken(request.headers.authorization, options.token);
      requireJson(request.headers['content-type']);
      // A body in chunks does not say how large it is.
      room.take(reply, Math.min(Number(request.headers['content-length'] ?? maxBodyBytes), maxBodyBytes));
    },
    handler: async (request, reply) => {
      const started = performance.now();
      const key = readKey(request.headers['idempotency-key']);
      const sent = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
      const body = await decompressBody(sent, request.headers['content-encoding'], maxDecodedBytes);
      room.take(reply, body.byteLength);
      const result = await sink.appendEncoded(body, key);
      metrics.batches.inc({ outcome: result.repeated ? 'repeated' : 'stored' });
      if (!result.repeated)
        for (const [category, count] of Object.entries(result.accepted))
          metrics.entries.inc({ category }, count);
      metrics.appendSeconds.observe((performance.now() - started) / 1000);
      return { accepted: result.accepted };
    },
    errorHandler: (thrown, _request, reply) => {
      const error = toKernelscopeError(thrown, options.onBug);
      metrics.batches.inc({ outcome: error.code });
      // To a host that logs, a category that is not there is an address that is not there.
      return sendError(reply, error, error.code === 'unknown_category' ? 404 : undefined);
    },
  });
  return server;
}

/** Counts the bytes of the bodies that are being received or stored, and turns away what is too much. */
class Room {
  readonly #bytes: number;
  readonly #takenBy = new WeakMap<FastifyReply, number>();
  takenBytes = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Takes room until the reply is over, of the largest size that it was asked for. One body alone always has room. */
  take(reply: FastifyReply, bytes: number): void {
    const taken = this.#takenBy.get(reply);
    const others = this.takenBytes - (taken ?? 0);
    if (others > 0 && others + bytes > this.#bytes) throw queueFull();
    if (taken === undefined) reply.raw.once('close', () => this.#giveBack(reply));
    this.#takenBy.set(reply, Math.max(taken ?? 0, bytes));
    this.takenBytes = others + Math.max(taken ?? 0, bytes);
  }

  #giveBack(reply: FastifyReply): void {
    this.takenBytes -= this.#takenBy.get(reply) ?? 0;
  }
}

function queueFull(): KernelscopeError {
  return new KernelscopeError('queue_full', 'the logger has as much waiting as it may hold', {
    suggestions: ['send the batch again after the time that Retry-After names'],
  });
}

function readKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (
    typeof header === 'string' &&
    header.length >= 1 &&
    header.length <= MAX_KEY_LENGTH &&
    /^[\x21-\x7e]+$/.test(header)
  ) {
    return header;
  }
  throw new KernelscopeError(
    'bad_batch',
    `an Idempotency-Key is 1 to ${MAX_KEY_LENGTH} visible ASCII characters`,
  );
}
