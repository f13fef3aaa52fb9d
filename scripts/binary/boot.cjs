'use strict';
// How the packed binary and each of its worker threads start: by a bundle from inside the executable. What calls
// these functions follows: boot-main.cjs in the process, a line of `startWorker` in a thread.
const { getAssetKeys, getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

// A code cache that V8 rejects costs time only.
function loadBundle(name, cachedData) {
  // Ten times as fast as getAsset(key, 'utf8'): 6 ms of every start.
  const code = Buffer.from(getRawAsset(`code/${name}.cjs`)).toString('latin1');
  return new Script(code, { filename: `kernelscope-${name}.cjs`, cachedData });
}

const packages = new Map();

// A package with a bundle of its own, or what Node itself has; `require` of a worker thread would go on to look in the
// folder that the user happens to be in.
function requireInside(id) {
  const builtin = process.getBuiltinModule(id);
  if (builtin !== undefined) return builtin;
  const name = id.replaceAll('/', '-');
  if (!getAssetKeys().includes(`code/${name}.cjs`)) {
    throw Object.assign(new Error(`Cannot find module '${id}'`), { code: 'MODULE_NOT_FOUND' });
  }
  if (!packages.has(name)) packages.set(name, runBundle(loadBundle(name)));
  return packages.get(name);
}

function runBundle(script) {
  return script.runInThisContext()(requireInside);
}
