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

/** Opens what the flags name, and finds the category in it. The caller closes it. */
export async function openCategory(
  flags: StoreChoice & { readonly category: string; readonly 'token-file'?: string | undefined },
): Promise<{ readonly source: RecordSource; readonly category: Category }> {
  const token = readToken(flags['token-file']);
  const source = await openSource(
    locateStore(storeChoice(flags), process.env),
    token === undefined ? {} : { token },
  );
  try {
    const categories = await source.categories();
    const category = categories.get(flags.category);
    if (category !== undefined) return { source, category };
    const isKnown = categoriesOnDemand.some(({ name }) => name === flags.category);
    throw new KernelscopeError('unknown_category', `there is no category '${flags.category}'`, {
      suggestions: isKnown
        ? [`it comes with its first records: kernelscope trace ${flags.category}`]
        : suggestNames(flags.category, categories.keys()),
    });
  } catch (error) {
    await source.close();
    throw error;
  }
}
