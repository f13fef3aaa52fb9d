import { type ErrorCode, errorCodes } from '../base/error-codes.ts';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { Category, Row } from '../category/define-category.ts';
import type { Condition } from '../query/condition.ts';
import { encodeQuery } from '../query/encode-query.ts';
import type { Query, RowQuery, StackQuery } from '../query/query.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import type { NestedTree } from '../stack/nested-tree.ts';
import { decodeRow } from '../wire/encode-batch.ts';
import { decodeCategories } from '../wire/encode-categories.ts';
import type { SourceOptions } from './index.ts';
import type { RecordSource, Scope } from './store.ts';

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
    const response = await this.#ask(query as RowQuery);
    const lists = (await this.#readJson(response)) as Readonly<Record<string, readonly Row<C>[]>> | null;
    const rows = lists?.[query.category.name];
    if (!Array.isArray(rows))
      throw this.#notTheService('answers, but not as a web service of kernelscope does');
    for (let at = 0; at < rows.length; at += ROWS_PER_CHUNK)
      yield rows.slice(at, at + ROWS_PER_CHUNK).map((row) => decodeRow(query.category, row) as Row<C>);
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
    return { batches: 0, lost: Number(response.headers.get('kernelscope-lost') ?? 0) };
  }

  async close(): Promise<void> {}

  async #readJson(response: Response): Promise<unknown> {
    let text: string;
    try {
      text = await response.text();
    } catch (error) {
      throw this.#notTheService(`broke off in the middle of its answer: ${(error as Error).message}`);
    }
    try {
      return JSON.parse(text);
    } catch {
      throw this.#notTheService('answers, but not as a web service of kernelscope does');
    }
  }

  #notTheService(how: string): KernelscopeError {
    return new KernelscopeError('service_unavailable', `${this.#url} ${how}`, {
      suggestions: ['the address must be that of a kernelscope web service'],
    });
  }

  #ask(query: Query): Promise<Response> {
    return this.#fetch('/api', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
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
