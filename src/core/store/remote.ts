import { type ErrorCode, errorCodes } from '../base/error-codes.ts';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { AnswerRow } from '../category/answer-column.ts';
import type { Category, Row } from '../category/define-category.ts';
import { answerColumns } from '../query/answer-columns.ts';
import type { Condition } from '../query/condition.ts';
import { encodeQuery } from '../query/encode-query.ts';
import type { GroupQuery, Query, RowQuery, StackQuery } from '../query/query.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import type { NestedTree } from '../stack/nested-tree.ts';
import { answerDecoder } from '../wire/encode-answer.ts';
import { decodeCategories } from '../wire/encode-categories.ts';
import type { SourceOptions } from './index.ts';
import type { GroupChunk, RecordSource, Scope } from './store.ts';

/** Records or groups as JSON, each on a line of its own. */
const lines = 'application/x-ndjson';
/** Rows that are handed on at a time. */
const ROWS_PER_CHUNK = 1000;

/** Asks a web service. Throws `service_unavailable` where it does not answer, and what it answers with. */
export async function openRemote(url: string, options: SourceOptions): Promise<RecordSource> {
  return new RemoteSource(url, options);
}

class RemoteSource implements RecordSource {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, { token }: SourceOptions) {
    this.#url = url.replace(/\/+$/, '');
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  async categories(): Promise<ReadonlyMap<string, Category>> {
    const response = await this.#fetch('/api/getcategories');
    return decodeCategories(await this.#readJson(response));
  }

  async *select<C extends Category>(query: RowQuery<C>): AsyncIterable<readonly Row<C>[]> {
    const response = await this.#ask(query as RowQuery, lines);
    yield* this.#readLines(response, query as RowQuery) as AsyncIterable<readonly Row<C>[]>;
  }

  async *aggregate(query: GroupQuery): AsyncIterable<GroupChunk> {
    const response = await this.#ask(query, lines);
    const number = (header: string) => Number(response.headers.get(header) ?? 0);
    const totals = { groups: number('kernelscope-groups'), records: number('kernelscope-records') };
    let isEmpty = true;
    for await (const rows of this.#readLines(response, query)) {
      isEmpty = false;
      yield { ...totals, rows };
    }
    if (isEmpty) yield { ...totals, rows: [] };
  }

  async weighStacks(query: StackQuery): Promise<readonly WeightedStack[]> {
    const response = await this.#ask(query);
    return foldNestedTree((await this.#readJson(response)) as NestedTree);
  }

  async scope(category: Category, where: Condition): Promise<Scope> {
    const response = await this.#ask({
      kind: 'rows',
      category,
      columns: ['time'],
      where,
      sort: [],
      limit: 0,
    });
    await response.body?.cancel();
    const number = (header: string) => Number(response.headers.get(header) ?? 0);
    return { batches: number('kernelscope-batches'), lost: number('kernelscope-lost') };
  }

  async close(): Promise<void> {}

  /** Reads an answer line by line, as it arrives. */
  async *#readLines(response: Response, query: RowQuery | GroupQuery): AsyncIterable<readonly AnswerRow[]> {
    if (response.body === null || !response.headers.get('content-type')?.startsWith(lines))
      throw this.#notTheService('answers, but not as a web service of this kernelscope does');
    const decode = answerDecoder(answerColumns(query));
    const decoder = new TextDecoder();
    let rest = '';
    let rows: AnswerRow[] = [];
    for await (const bytes of this.#bytesOf(response.body)) {
      const parts = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = parts.pop()!;
      for (const line of parts) rows.push(decode(this.#parse(line) as AnswerRow));
      if (rows.length < ROWS_PER_CHUNK) continue;
      yield rows;
      rows = [];
    }
    if (rest !== '') throw this.#brokeOff('a line is not whole');
    if (rows.length > 0) yield rows;
  }

  async *#bytesOf(body: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
    const reader = body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read().catch((error: Error) => {
          throw this.#brokeOff(error.message);
        });
        if (done) return;
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  }

  async #readJson(response: Response): Promise<unknown> {
    let text: string;
    try {
      text = await response.text();
    } catch (error) {
      throw this.#brokeOff((error as Error).message);
    }
    return this.#parse(text);
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw this.#notTheService('answers, but not as a web service of kernelscope does');
    }
  }

  #brokeOff(why: string): KernelscopeError {
    return this.#notTheService(`broke off in the middle of its answer: ${why}`);
  }

  #notTheService(how: string): KernelscopeError {
    return new KernelscopeError('service_unavailable', `${this.#url} ${how}`, {
      suggestions: ['the address must be that of a kernelscope web service'],
    });
  }

  #ask(query: Query, accept = 'application/json'): Promise<Response> {
    return this.#fetch('/api', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify(encodeQuery(query)),
    });
  }

  async #fetch(
    path: string,
    init: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${this.#url}${path}`, {
        ...init,
        headers: { ...this.#headers, ...init.headers },
      });
    } catch (error) {
      const reason = ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message;
      throw new KernelscopeError('service_unavailable', `${this.#url} does not answer: ${reason}`, {
        suggestions: ['is kernelscope serve web running there, and reachable from here?'],
        cause: error,
      });
    }
    if (response.ok) return response;
    throw await this.#answeredError(response);
  }

  async #answeredError(response: Response): Promise<KernelscopeError> {
    const text = await response.text();
    try {
      const { error } = JSON.parse(text) as {
        error: { code: string; message: string; suggestions: string[] };
      };
      if (Object.hasOwn(errorCodes, error.code)) {
        return new KernelscopeError(error.code as ErrorCode, error.message, {
          suggestions: error.suggestions,
        });
      }
    } catch {
      // Something else than kernelscope answered; its status says all there is to say.
    }
    return this.#notTheService(`answered with status ${response.status}`);
  }
}

/** Turns a nested tree back into the stacks that it was merged from. */
function foldNestedTree(root: NestedTree): readonly WeightedStack[] {
  const stacks: WeightedStack[] = [];
  const pending: { readonly node: NestedTree; readonly stack: string }[] = [{ node: root, stack: '' }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, stack } = next;
    const children = node.children ?? [];
    const self = children.reduce((rest, child) => rest - child.value, node.value);
    if (self !== 0) stacks.push({ stack, weight: self });
    for (const child of children)
      pending.push({ node: child, stack: stack === '' ? child.name : `${stack};${child.name}` });
  }
  return stacks;
}
