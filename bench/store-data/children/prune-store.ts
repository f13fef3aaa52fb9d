import { openStore, type StoreLocation } from '../../../src/core/store/index.ts';
import { timed } from '../../take-turns.ts';

/** What a prune took and how much went. */
export interface PruneTimes {
  readonly wallMs: number;
  readonly records: number;
}

/** Prunes what is older than a time, as `kernelscope db prune` does. */
export async function run(location: StoreLocation, olderThanUs: number): Promise<PruneTimes> {
  const store = await openStore(location);
  try {
    const { wallMs, result } = await timed(() => store.prune({ olderThanUs }));
    return { wallMs, records: result.records };
  } finally {
    await store.close();
  }
}
