import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { errorCodes } from '../base/error-codes.ts';
import { KernelscopeError } from '../base/kernelscope-error.ts';

/** Seconds that a client is asked to wait when a service cannot take more or its database is away. */
const RETRY_AFTER_S = 1;

/** Codes of errors that say that the other side of a connection is gone. */
const hangUps = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'];

/** What goes on between a service and its log; each is one line. */
export type LogBug = (error: Error) => void;

/**
 * Makes the HTTP server that both services are built on: errors as `{"error": {code, message, suggestions}}`, bodies as
 * raw bytes, no request that outlives a stop. `onBug` is told of what nobody should ever see.
 */
export function createHttpServer(options: {
  readonly maxBodyBytes: number;
  readonly onBug: LogBug;
}): FastifyInstance {
  const server = fastify({
    bodyLimit: options.maxBodyBytes,
    forceCloseConnections: 'idle',
    requestTimeout: 60_000,
    routerOptions: { ignoreTrailingSlash: true },
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.setErrorHandler((error, _request, reply) =>
    sendError(reply, toKernelscopeError(error, options.onBug)),
  );
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const methods = otherMethods(server, path);
    if (methods.length === 0)
      return sendError(reply, new KernelscopeError('not_found', `there is nothing at ${path}`));
    const error = new KernelscopeError('method_not_allowed', `${path} does not take ${request.method}`, {
      suggestions: [`it takes ${methods.join(', ')}`],
    });
    return sendError(reply.header('Allow', methods.join(', ')), error);
  });
  return server;
}

/** The methods that an address takes. */
function otherMethods(server: FastifyInstance, path: string): readonly string[] {
  const url = path.replace(/(?<=.)\/$/, '');
  return (['GET', 'POST'] as const).filter((method) => server.findRoute({ method, url }) !== null);
}

/** Answers with an error, its status, and when to come back where that helps. */
export function sendError(reply: FastifyReply, error: KernelscopeError, status?: number): FastifyReply {
  const { httpStatus } = errorCodes[error.code];
  const { code, message, suggestions } = error;
  const answer = reply.code(status ?? httpStatus);
  if (answer.statusCode === 429 || answer.statusCode === 503)
    answer.header('Retry-After', String(RETRY_AFTER_S));
  if (answer.statusCode === 401) answer.header('WWW-Authenticate', 'Bearer realm="kernelscope"');
  return answer.send({ error: { code, message, suggestions } });
}

/** Says of anything that went wrong with a request what its client is told; `onBug` is told of what is nobody's doing. */
export function toKernelscopeError(error: unknown, onBug: LogBug): KernelscopeError {
  if (error instanceof KernelscopeError) return error;
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  if (statusCode === 413)
    return new KernelscopeError('too_large', 'the body is larger than this service accepts');
  if (code !== undefined && hangUps.includes(code))
    return new KernelscopeError('bad_query', 'the client hung up');
  // What fastify itself refuses of a request is the client's doing.
  if (statusCode !== undefined && statusCode < 500)
    return new KernelscopeError('bad_query', message ?? 'bad request');
  onBug(error instanceof Error ? error : new Error(String(error)));
  return new KernelscopeError('service_unavailable', 'the service failed; its log says how');
}

/** Listens; gives the port, which the system chooses for 0. Throws `port_in_use` or `permission_denied`. */
export async function listen(server: FastifyInstance, host: string, port: number): Promise<number> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, host, port);
  }
  return (server.server.address() as { port: number }).port;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): unknown {
  if (error.code === 'EADDRINUSE') {
    return new KernelscopeError('port_in_use', `another process listens on port ${port} of ${host}`, {
      suggestions: ['name another port as the argument', `find the process: ss -ltnp sport = :${port}`],
      cause: error,
    });
  }
  if (error.code === 'EACCES') {
    return new KernelscopeError('permission_denied', `this user may not listen on port ${port}`, {
      suggestions: ['ports below 1024 need CAP_NET_BIND_SERVICE; name a higher one'],
      cause: error,
    });
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') {
    return new KernelscopeError('usage', `'${host}' is no address of this machine`, {
      suggestions: ['127.0.0.1 for this machine alone, 0.0.0.0 for all of its addresses'],
      cause: error,
    });
  }
  return error;
}
