import type { FastifyInstance } from 'fastify';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { AppendResult, Store } from '../store/store.ts';
import { checkToken } from './check-token.ts';
import { createHttpServer, type LogBug, sendError } from './http-server.ts';
import { createLoggerMetrics, createRegistry } from './metrics.ts';
import { decompressBody, requireJson } from './read-body.ts';

/** Where a logger puts what it receives: decodes, checks and commits a body. */
export type BatchSink = Pick<Store, 'status'> & {
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
  /** Bytes of bodies that may wait to be stored before more are turned away with 429. */
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
  let queuedBytes = 0;

  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async () => {
    await sink.status();
    return { status: 'ok' };
  });
  server.get('/metrics', async (_request, reply) => {
    metrics.queuedBytes.set(queuedBytes);
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });

  server.post('/', {
    // Before the body is read: who may not log, or comes while all room is taken, costs nothing more.
    onRequest: async (request) => {
      checkToken(request.headers.authorization, options.token);
      requireJson(request.headers['content-type']);
      if (queuedBytes + Number(request.headers['content-length'] ?? 0) > maxQueuedBytes) throw queueFull();
    },
    handler: async (request) => {
      const started = performance.now();
      const key = readKey(request.headers['idempotency-key']);
      const sent = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
      const body = await decompressBody(sent, request.headers['content-encoding'], maxDecodedBytes);
      if (queuedBytes > 0 && queuedBytes + body.byteLength > maxQueuedBytes) throw queueFull();
      queuedBytes += body.byteLength;
      try {
        const result = await sink.appendEncoded(body, key);
        metrics.batches.inc({ outcome: result.repeated ? 'repeated' : 'stored' });
        if (!result.repeated)
          for (const [category, count] of Object.entries(result.accepted))
            metrics.entries.inc({ category }, count);
        metrics.appendSeconds.observe((performance.now() - started) / 1000);
        return { accepted: result.accepted };
      } finally {
        queuedBytes -= body.byteLength;
      }
    },
    errorHandler: (error, request, reply) => {
      if (!(error instanceof KernelscopeError)) return server.errorHandler(error, request, reply);
      metrics.batches.inc({ outcome: error.code });
      // To a host that logs, a category that is not there is an address that is not there.
      return sendError(reply, error, error.code === 'unknown_category' ? 404 : undefined);
    },
  });
  return server;
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
