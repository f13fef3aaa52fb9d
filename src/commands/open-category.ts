import {
  type Category,
  categoriesOnDemand,
  KernelscopeError,
  locateStore,
  openSource,
  type RecordSource,
  type StoreChoice,
  suggestNames,
} from '../core/index.ts';
import { readToken, storeChoice } from './flags.ts';

/** What the flags of a command say of where records are asked for. */
type SourceFlags = StoreChoice & { readonly 'token-file'?: string | undefined };

/** Opens what the flags name, and reads its categories. The caller closes it. */
export async function openCategories(
  flags: SourceFlags,
  { inThread = false } = {},
): Promise<{ readonly source: RecordSource; readonly categories: ReadonlyMap<string, Category> }> {
  const token = readToken(flags['token-file']);
  const source = await openSource(locateStore(storeChoice(flags), process.env), {
    inThread,
    ...(token !== undefined && { token }),
  });
  try {
    return { source, categories: await source.categories() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Opens what the flags name, in a thread of its own if asked for, and finds the category in it. The caller closes it. */
export async function openCategory(
  flags: SourceFlags & { readonly category: string },
  options: { readonly inThread?: boolean } = {},
): Promise<{ readonly source: RecordSource; readonly category: Category }> {
  const { source, categories } = await openCategories(flags, options);
  const category = categories.get(flags.category);
  if (category !== undefined) return { source, category };
  await source.close();
  const isKnown = categoriesOnDemand.some(({ name }) => name === flags.category);
  throw new KernelscopeError('unknown_category', `there is no category '${flags.category}'`, {
    suggestions: isKnown
      ? [`it comes with its first records: kernelscope trace ${flags.category}`]
      : suggestNames(flags.category, categories.keys()),
  });
}
