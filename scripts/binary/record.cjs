'use strict';
// Runs first, instead of boot.cjs, while the binary is being made. Two ways to call it:
//   record FILE '[["--version"], ...]'   runs the commands inside this process, then writes V8's cache of all code
//                                        that they compiled
//   verify FILE                          fails where V8 would reject that cache
const { readFileSync, writeFileSync } = require('node:fs');
const { getAsset } = require('node:sea');
const { Script } = require('node:vm');

const [mode, file, commands] = process.argv.slice(2);

function load(cachedData) {
  return new Script(getAsset('code/main.cjs', 'utf8'), { filename: 'kernelscope-main.cjs', cachedData });
}

async function record() {
  const script = load();
  const { run } = script.runInThisContext()(process.getBuiltinModule);
  // What the commands print is of no use here.
  process.stdout.write = (...call) => {
    call.findLast((argument) => typeof argument === 'function')?.();
    return true;
  };
  for (const args of JSON.parse(commands)) {
    await run(args);
    if (process.exitCode) throw new Error(`'${args.join(' ')}', run to record its code, failed`);
  }
  writeFileSync(file, script.createCachedData());
}

if (mode === 'record') record();
else if (load(readFileSync(file)).cachedDataRejected)
  throw new Error('V8 rejects the code cache that it just made');
