import { type ErrorCode, errorCodes } from '../../core/base/error-codes.ts';
import { KernelscopeError } from '../../core/base/kernelscope-error.ts';
import type { Category } from '../../core/category/define-category.ts';
import { encodeQuery } from '../../core/query/encode-query.ts';
import type { RowQuery, StackQuery } from '../../core/query/query.ts';
import type { FrameTree } from '../../core/stack/frame-tree.ts';
import { fromNestedTree } from '../../core/stack/from-nested-tree.ts';
import { decodeCategories } from '../../core/wire/encode-categories.ts';
import type { AnsweredRow } from './answered-row.ts';

/** An answer, and how many events were lost on the hosts and times that it is about. */
export interface Answer<T> {
  readonly content: T;
  readonly lost: number;
}

const TOKEN_KEY = 'kernelscope-token';

/** Asks for the categories. Throws `service_unavailable`, `unauthorized`, or what the service says. */
export async function askCategories(signal: AbortSignal): Promise<ReadonlyMap<string, Category>> {
  return decodeCategories((await ask('api/getcategories', { signal })).content);
}

/** Asks for a call tree; errors as of `askCategories`. */
export async function askTree(query: StackQuery, signal: AbortSignal): Promise<Answer<FrameTree>> {
  const { content, lost } = await post(query, signal);
  return { content: fromNestedTree(content), lost };
}

/** Asks for records; errors as of `askCategories`. */
export async function askRows(query: RowQuery, signal: AbortSignal): Promise<Answer<readonly AnsweredRow[]>> {
  const { content, lost } = await post(query, signal);
  const lists = content as Readonly<Record<string, readonly AnsweredRow[]>>;
  return { content: lists[query.category.name] ?? [], lost };
}

/** Keeps the token that later questions carry, for as long as the tab is open. */
export function keepToken(token: string): void {
  sessionStorage.setItem(TOKEN_KEY, token);
}

function post(query: StackQuery | RowQuery, signal: AbortSignal): Promise<Answer<unknown>> {
  const headers = { 'Content-Type': 'application/json' };
  return ask('api', { method: 'POST', headers, body: JSON.stringify(encodeQuery(query)), signal });
}

async function ask(path: string, request: RequestInit): Promise<Answer<unknown>> {
  const token = sessionStorage.getItem(TOKEN_KEY);
  const headers = new Headers(request.headers);
  if (token !== null) headers.set('Authorization', `Bearer ${token}`);
  const response = await reach('the service does not answer', () =>
    fetch(path, { ...request, headers, cache: 'no-store' }),
  );
  if (!response.ok) throw await readError(response);
  const content: unknown = await reach('the answer of the service broke off', () => response.json());
  return { content, lost: Number(response.headers.get('kernelscope-lost') ?? 0) };
}

/** Waits for what comes over the network; all that goes wrong there is that the service is away. */
async function reach<T>(complaint: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new KernelscopeError('service_unavailable', complaint, { cause: error });
  }
}

async function readError(response: Response): Promise<KernelscopeError> {
  const json = (await response.json().catch(() => undefined)) as
    | { error?: { code?: string; message?: string; suggestions?: readonly string[] } }
    | undefined;
  const { code = '', message, suggestions } = json?.error ?? {};
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'service_unavailable';
  return new KernelscopeError(known, message ?? `the service answers with status ${response.status}`, {
    suggestions: suggestions ?? [],
  });
}
