'use strict';
// How the packed binary and each of its worker threads start: by a bundle from inside the executable. What calls
// these functions follows: boot-main.cjs in the process, a line of `startWorker` in a thread.
const { getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

// A code cache that V8 rejects costs time only.
// biome-ignore lint/correctness/noUnusedVariables: called by what follows
function loadBundle(name, cachedData) {
  // Six times as fast as getAsset(key, 'utf8'): 5 ms of every start.
  const code = Buffer.from(getRawAsset(`code/${name}.cjs`)).toString('utf8');
  return new Script(code, { filename: `kernelscope-${name}.cjs`, cachedData });
}

// biome-ignore lint/correctness/noUnusedVariables: called by what follows
function runBundle(script) {
  // Only what Node itself has: `require` of a worker thread would look in the folder the user happens to be in.
  return script.runInThisContext()((id) => {
    const builtin = process.getBuiltinModule(id);
    if (builtin !== undefined) return builtin;
    throw Object.assign(new Error(`Cannot find module '${id}'`), { code: 'MODULE_NOT_FOUND' });
  });
}
