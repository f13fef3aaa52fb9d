// Follows boot.cjs in the packed binary.
const args = process.argv.slice(2);
const ownCache = `code/${args[0]}.cache`;
const cache = getAssetKeys().includes(ownCache) ? ownCache : 'code/main.cache';
runBundle(loadBundle('main', new Uint8Array(getRawAsset(cache)))).run(args);
