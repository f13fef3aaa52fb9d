import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { Category } from '../category/define-category.ts';
import { readDeclaration } from '../category/read-declaration.ts';

const ANSWER_TIMEOUT_MS = 30_000;

/** Asks a logger which categories it takes, by their names. Throws `service_unavailable`, and `unauthorized` where it wants a token. */
export async function askCategories(
  url: string,
  options: { readonly token?: string } = {},
): Promise<ReadonlyMap<string, Category>> {
  const headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
  let response: Response;
  let json: unknown;
  try {
    response = await fetch(new URL('/categories', url), {
      headers,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    json = await response.json();
  } catch (error) {
    const reason = ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message;
    throw away(`the logger ${url} does not answer: ${reason}`);
  }
  if (response.status === 401 || response.status === 403) {
    throw new KernelscopeError(
      response.status === 401 ? 'unauthorized' : 'forbidden',
      `the logger ${url} wants ${response.status === 401 ? 'a token' : 'another token'}`,
      { suggestions: ['--token-file FILE names the one that it was started with'] },
    );
  }
  const { categories } = json as { readonly categories?: readonly unknown[] };
  if (!response.ok || !Array.isArray(categories))
    throw away(`${url} answers, but not as a logger of kernelscope does`);
  return new Map(categories.map(readDeclaration).map((category) => [category.name, category]));
}

function away(message: string): KernelscopeError {
  return new KernelscopeError('service_unavailable', message, {
    suggestions: ['is kernelscope serve logger running there, and reachable from here?'],
  });
}
