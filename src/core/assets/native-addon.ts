import { isSea } from 'node:sea';
import { extractAsset } from './extract-asset.ts';

let loaded: object | undefined;

/**
 * Loads the SQLite add-on out of the packed binary, once per thread, for better-sqlite3's `nativeBinding`; undefined
 * outside of it, where better-sqlite3 finds its own. Throws what `extractAsset` throws.
 */
export function nativeAddon(): object | undefined {
  if (isSea() && loaded === undefined) {
    const module = { exports: {} };
    process.dlopen(module, extractAsset('native/better_sqlite3.node', { executable: false }));
    loaded = module.exports;
  }
  return loaded;
}
