import {
  type Category,
  type Delivery,
  deliverToLogger,
  KernelscopeError,
  loadRecordReader,
  locateStore,
  openStore,
  type StoreChoice,
  suggestNames,
} from '../../core/index.ts';
import { readToken, storeChoice } from '../flags.ts';
import { deliverToStore } from '../trace/trace-into.ts';

/** Where records go, and which categories are taken there. */
export interface Target {
  readonly categories: ReadonlyMap<string, Category>;
  readonly delivery: Delivery;
  readonly place: string;
  close(): Promise<void>;
}

interface TargetFlags extends StoreChoice {
  readonly logger?: string | undefined;
  readonly 'token-file'?: string | undefined;
  readonly 'dry-run': boolean;
}

/** Opens the logger or database that the flags name. Throws `usage` and what those throw. */
export async function openTarget(flags: TargetFlags): Promise<Target> {
  const token = readToken(flags['token-file']);
  const secret = token === undefined ? {} : { token };
  // A database that was named on the command line comes before a logger in the environment.
  if (flags.logger !== undefined && flags.sqlite === undefined && flags.mysql === undefined) {
    const { askCategories } = await loadRecordReader();
    if (!/^https?:/.test(flags.logger) || !URL.canParse(flags.logger)) {
      throw new KernelscopeError('usage', `'${flags.logger}' is no address of a logger`, {
        suggestions: ['write it like http://HOST:8081'],
      });
    }
    return {
      categories: await askCategories(flags.logger, secret),
      delivery: deliverToLogger(flags.logger, secret),
      place: `sent to ${flags.logger}`,
      close: async () => {},
    };
  }
  const location = locateStore(storeChoice(flags), process.env);
  const store = await openStore(location, { readOnly: flags['dry-run'] });
  return {
    categories: await store.categories(),
    delivery: deliverToStore(store),
    place: `stored in ${store.location}`,
    close: () => store.close(),
  };
}

/** Finds the category among those that are taken there. Throws `unknown_category`. */
export function requireCategory(name: string, categories: ReadonlyMap<string, Category>): Category {
  const category = categories.get(name);
  if (category !== undefined) return category;
  throw new KernelscopeError('unknown_category', `there is no category '${name}'`, {
    suggestions: [
      ...suggestNames(name, categories.keys()),
      `declare it: kernelscope category add ${name} --column NAME:TYPE ...`,
    ],
  });
}
