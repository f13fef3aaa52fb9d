import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { getAsset, getAssetKeys, getRawAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { KernelscopeError } from '../base/kernelscope-error.ts';

/**
 * Finds the real file of an asset, such as `web/index.html` or `bpf/offcpu`, in `dist/assets` of the checkout or the
 * installed package; undefined in the packed binary, which holds its assets inside, and where the asset is not built.
 */
export function assetFile(name: string): string | undefined {
  if (isSea()) return undefined;
  // One level above src/core/assets in a checkout, and above dist/core/assets where built, lies the same package.
  const file = fileURLToPath(new URL(`../../../dist/assets/${name}`, import.meta.url));
  return existsSync(file) ? file : undefined;
}

/** Reads an asset's bytes, which are not to be written to: in the packed binary they are the executable's own. Throws `asset_missing`. */
export function readAsset(name: string): Uint8Array {
  if (isSea() && getAssetKeys().includes(name)) return new Uint8Array(getRawAsset(name));
  const file = assetFile(name);
  if (file === undefined) {
    throw new KernelscopeError('asset_missing', `the file '${name}' that belongs to kernelscope is missing`, {
      suggestions: isSea() ? ['this binary is not whole: build it again'] : ['npm run build makes it'],
    });
  }
  return readFileSync(file);
}

/** Gives the SHA-256 of an asset, in hexadecimal, where the packed binary carries it; undefined elsewhere. */
export function packedHash(name: string): string | undefined {
  const key = `sha256/${name}`;
  return isSea() && getAssetKeys().includes(key) ? getAsset(key, 'utf8') : undefined;
}

/** Names the assets of a folder such as `web`, sorted; none where the folder is not built. */
export function listAssets(folder: string): readonly string[] {
  if (isSea())
    return getAssetKeys()
      .filter((key) => key.startsWith(`${folder}/`))
      .sort();
  const path = assetFile(folder);
  return path === undefined
    ? []
    : readdirSync(path)
        .map((file) => `${folder}/${file}`)
        .sort();
}
