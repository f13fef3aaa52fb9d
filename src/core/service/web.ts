import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { listAssets, readAsset } from '../assets/read-asset.ts';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { AnswerRow } from '../category/answer-column.ts';
import { answerColumns } from '../query/answer-columns.ts';
import { parseQueries } from '../query/parse-query.ts';
import type { GroupQuery, Query, RowQuery } from '../query/query.ts';
import { buildTree } from '../stack/build-tree.ts';
import { printNestedTree } from '../stack/nested-tree.ts';
import type { RecordSource } from '../store/store.ts';
import { answerEncoder } from '../wire/encode-answer.ts';
import { encodeCategories } from '../wire/encode-categories.ts';
import { checkToken } from './check-token.ts';
import { createHttpServer, type LogBug } from './http-server.ts';
import { createRegistry } from './metrics.ts';
import { requireJson } from './read-body.ts';

/** Limits and secrets of the web service. */
export interface WebOptions {
  readonly onBug: LogBug;
  /** Needed for `/api` where given. */
  readonly token?: string;
}

/** Largest query. */
const MAX_QUERY_BYTES = 1024 * 1024;

/** Header that says how many events were lost on the hosts and times that an answer is about. */
export const LOST_HEADER = 'kernelscope-lost';

/** Records or groups as JSON, each on a line of its own. */
const linesType = 'application/x-ndjson';

const mediaTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

const pageHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
} as const;

/** Makes the read-only web service: the page at `/`, and `/api` as SPEC 3 says. */
export function createWeb(source: RecordSource, options: WebOptions): FastifyInstance {
  const server = createHttpServer({ maxBodyBytes: MAX_QUERY_BYTES, onBug: options.onBug });
  const registry = createRegistry();

  for (const asset of listAssets('web')) {
    const name = asset.slice('web/'.length);
    const body = Buffer.from(readAsset(asset));
    const type = mediaTypes[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    server.get(name === 'index.html' ? '/' : `/${name}`, async (_request, reply) =>
      reply.headers(pageHeaders).type(type).send(body),
    );
  }
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async () => {
    await source.categories();
    return { status: 'ok' };
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );

  const onRequest = async (request: { headers: { authorization?: string | undefined } }) =>
    checkToken(request.headers.authorization, options.token);
  server.get('/api/getcategories', { onRequest }, async () =>
    encodeCategories((await source.categories()).values()),
  );
  server.post('/api', { onRequest }, async (request, reply) => {
    requireJson(request.headers['content-type']);
    const json = parseBody(request.body as Buffer | undefined);
    const queries = parseQueries(json, await source.categories(), Date.now() * 1000);
    let lost = 0;
    let batches = 0;
    for (const query of queries) {
      const scope = await source.scope(query.category, query.where);
      lost += scope.lost;
      batches += scope.batches;
    }
    reply.header(LOST_HEADER, String(lost)).header('kernelscope-batches', String(batches));
    const wantsLines = request.headers.accept?.includes(linesType) ?? false;
    return wantsLines ? answerLines(source, queries, reply) : answer(source, queries, reply);
  });
  return server;
}

/** Answers with a list of one category, a record or group on each line, so that it can be read as it arrives. */
async function answerLines(
  source: RecordSource,
  queries: readonly Query[],
  reply: FastifyReply,
): Promise<FastifyReply> {
  const [query, another] = queries;
  if (another !== undefined || query === undefined || query.kind === 'stacks') {
    throw new KernelscopeError('bad_query', `${linesType} is for a list of one category`, {
      suggestions: ['ask for application/json, or for one list at a time'],
    });
  }
  return sendPieces(printLines(source, query, reply), reply.type(linesType));
}

async function* printLines(
  source: RecordSource,
  query: RowQuery | GroupQuery,
  reply: FastifyReply,
): AsyncGenerator<string, undefined> {
  const encode = answerEncoder(answerColumns(query));
  const print = (row: AnswerRow) => `${JSON.stringify(encode(row))}\n`;
  if (query.kind === 'rows') {
    for await (const rows of source.select(query)) yield rows.map(print).join('');
    return undefined;
  }
  for await (const { rows, groups, records } of source.aggregate(query)) {
    if (!reply.sent)
      reply.header('kernelscope-groups', String(groups)).header('kernelscope-records', String(records));
    yield rows.map(print).join('');
  }
  return undefined;
}

async function answer(
  source: RecordSource,
  queries: readonly Query[],
  reply: FastifyReply,
): Promise<FastifyReply> {
  const [first] = queries;
  reply.type('application/json; charset=utf-8');
  if (first?.kind === 'stacks') {
    const tree = buildTree(await source.weighStacks(first));
    return reply.send(Readable.from(printNestedTree(tree)));
  }
  return sendPieces(printLists(source, queries as readonly (RowQuery | GroupQuery)[]), reply);
}

async function sendPieces(text: AsyncIterable<string>, reply: FastifyReply): Promise<FastifyReply> {
  const pieces = Readable.from(text, { highWaterMark: 1 });
  // The first piece is asked for before the status is sent, so that what goes wrong at once is told as an error.
  await once(pieces, 'readable');
  return reply.send(pieces);
}

async function* printLists(
  source: RecordSource,
  queries: readonly (RowQuery | GroupQuery)[],
): AsyncGenerator<string, undefined> {
  for (const [index, query] of queries.entries()) {
    const encode = answerEncoder(answerColumns(query));
    let text = `${index === 0 ? '{' : ','}${JSON.stringify(query.category.name)}:[`;
    for await (const rows of answerRows(source, query)) {
      if (rows.length === 0) continue;
      yield text + rows.map((row) => JSON.stringify(encode(row))).join(',');
      text = ',';
    }
    yield text === ',' ? ']' : `${text}]`;
  }
  yield '}';
  return undefined;
}

async function* answerRows(
  source: RecordSource,
  query: RowQuery | GroupQuery,
): AsyncIterable<readonly AnswerRow[]> {
  if (query.kind === 'rows') yield* source.select(query);
  else for await (const { rows } of source.aggregate(query)) yield rows;
}

function parseBody(body: Buffer | undefined): unknown {
  if (body !== undefined && !isUtf8(body))
    throw new KernelscopeError('bad_query', 'the body is not valid UTF-8');
  try {
    return JSON.parse(body?.toString('utf8') ?? '');
  } catch (error) {
    throw new KernelscopeError('bad_query', `the body is not valid JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
