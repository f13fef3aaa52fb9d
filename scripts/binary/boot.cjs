'use strict';
// What the packed binary runs first, in the process and in each of its worker threads: takes the thread's bundle from
// inside the executable and runs it. The V8 code cache saves compiling; one that V8 rejects costs time only.
const { getAsset, getRawAsset } = require('node:sea');
const { Script } = require('node:vm');
const { isMainThread, threadName } = require('node:worker_threads');

// Only what Node itself has: `require` of a worker thread would look in the folder the user happens to be in.
function requireBuiltin(name) {
  const builtin = process.getBuiltinModule(name);
  if (builtin !== undefined) return builtin;
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
}

const bundle = isMainThread ? 'main' : threadName;
const script = new Script(getAsset(`code/${bundle}.cjs`, 'utf8'), {
  filename: `kernelscope-${bundle}.cjs`,
  cachedData: isMainThread ? new Uint8Array(getRawAsset('code/main.cache')) : undefined,
});
const exported = script.runInThisContext()(requireBuiltin);
if (isMainThread) exported.run(process.argv.slice(2));
