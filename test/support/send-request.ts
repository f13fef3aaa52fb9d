import { type IncomingHttpHeaders, request } from 'node:http';

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request as it goes over the wire: no header is added that is not said here, but for what HTTP itself needs. */
export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Send the body without saying how long it is. */
  readonly isChunked?: boolean;
}

/** Sends a request as a plain client does, and reads the answer even where the server does not read the request whole. */
export function sendRequest(
  url: string,
  { method, headers = {}, body, isChunked = false }: Sent = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const length = body === undefined || isChunked ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const sent = request(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...length, ...headers },
    agent: false,
  });
  let answered = false;
  sent.on('response', (response) => {
    answered = true;
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () =>
      resolve({
        status: response.statusCode!,
        headers: response.headers,
        text: Buffer.concat(chunks).toString('utf8'),
      }),
    );
    response.on('error', reject);
  });
  sent.on('error', (error) => {
    // A server that has answered may close before the rest of the request is out.
    if (!answered) reject(error);
  });
  sent.end(body);
  return promise;
}

/** Sends JSON as JSON. */
export function sendJson(
  url: string,
  json: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const body = typeof json === 'string' ? json : JSON.stringify(json);
  return sendRequest(url, { body, headers: { 'content-type': 'application/json', ...headers } });
}

/** Reads the error that an answer tells, `{"error": {code, message, suggestions}}`. */
export function errorOf(answer: Answer): {
  readonly code: string;
  readonly message: string;
  readonly suggestions: readonly string[];
} {
  return (JSON.parse(answer.text) as { error: never }).error;
}
