import type { FastifyInstance, FastifyRequest } from 'fastify';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import { encodeCategory } from '../store/encode-category.ts';
import type { AppendResult, Store } from '../store/store.ts';
import { type Admission, BodyQueue } from './body-queue.ts';
import { checkToken } from './check-token.ts';
import { createHttpServer, type LogBug, sendError, toKernelscopeError } from './http-server.ts';
import { createLoggerMetrics, createRegistry } from './metrics.ts';
import { decompressBody, guessDecodedBytes, requireJson } from './read-body.ts';

/** Where a logger puts what it receives: decodes, checks and commits a body. */
export type BatchSink = Pick<Store, 'categories'> & {
  /** The body is gone afterwards: it may move to another thread. */
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
  /** Bytes of bodies, as sent, that may be on their way into the database before more are turned away with 429. */
  readonly maxQueuedBytes?: number;
  /** Bytes of decompressed bodies that may be on their way at a time; what waits beyond waits as it was sent. */
  readonly maxOpenBytes?: number;
}

const MIB = 1024 * 1024;
/** Node decompresses in four threads. */
const MAX_OPENING = 4;
/** Longest idempotency key, in characters. */
const MAX_KEY_LENGTH = 191;

/** Makes the logger service: `POST /` as SPEC 2 says, `GET /categories`, `/healthz`, `/readyz` and `/metrics`. */
export function createLogger(sink: BatchSink, options: LoggerOptions): FastifyInstance {
  const { maxBodyBytes = 16 * MIB, maxDecodedBytes = 64 * MIB } = options;
  const { maxQueuedBytes = 64 * MIB, maxOpenBytes = 32 * MIB } = options;
  const server = createHttpServer({ maxBodyBytes, onBug: options.onBug });
  const metrics = createLoggerMetrics(createRegistry());
  const queue = new BodyQueue({ sentBytes: maxQueuedBytes, openBytes: maxOpenBytes, opening: MAX_OPENING });
  const admissions = new WeakMap<FastifyRequest, Admission>();

  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async () => {
    await sink.categories();
    return { status: 'ok' };
  });
  server.get(
    '/categories',
    { onRequest: async ({ headers }) => checkToken(headers.authorization, options.token) },
    async () => ({
      categories: [...(await sink.categories()).values()].map((category) =>
        JSON.parse(encodeCategory(category)),
      ),
    }),
  );
  server.get('/metrics', async (_request, reply) => {
    metrics.queuedBytes.set(queue.sentBytes);
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });

  server.post('/', {
    // Before the body is read: who may not log, or comes while all room is taken, costs nothing more.
    onRequest: async (request, reply) => {
      checkToken(request.headers.authorization, options.token);
      requireJson(request.headers['content-type']);
      // A body in chunks does not say how large it is.
      const announced = Math.min(Number(request.headers['content-length'] ?? maxBodyBytes), maxBodyBytes);
      const admission = queue.admit(announced);
      if (admission === undefined) throw queueFull();
      admissions.set(request, admission);
      // Whoever hangs up before all is there never gets to the handler.
      reply.raw.once('close', () => {
        if (admissions.has(request)) admission.release();
      });
    },
    handler: async (request) => {
      const started = performance.now();
      const admission = admissions.get(request)!;
      // From here on the body is stored whether somebody still waits for the answer or not.
      admissions.delete(request);
      try {
        const key = readKey(request.headers['idempotency-key']);
        const sent = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
        admission.resize(sent.byteLength);
        const encoding = request.headers['content-encoding'];
        const result = await queue.open(
          Math.min(guessDecodedBytes(sent, encoding), maxDecodedBytes),
          () => decompressBody(sent, encoding, maxDecodedBytes),
          (body) => sink.appendEncoded(body, key),
        );
        metrics.batches.inc({ outcome: result.repeated ? 'repeated' : 'stored' });
        if (!result.repeated)
          for (const [category, count] of Object.entries(result.accepted))
            metrics.entries.inc({ category }, count);
        metrics.appendSeconds.observe((performance.now() - started) / 1000);
        return { accepted: result.accepted };
      } finally {
        admission.release();
      }
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
