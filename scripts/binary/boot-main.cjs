// Follows boot.cjs in the packed binary.
runBundle(loadBundle('main', new Uint8Array(getRawAsset('code/main.cache')))).run(process.argv.slice(2));
