// Follows boot.cjs in the program that is packed while the binary is being made. Two ways to call it:
//   record FILE '[["--version"], ...]'   runs the commands inside this process, then writes V8's cache of all code
//                                        that they compiled
//   verify FILE                          fails where V8 would reject that cache
const { readFileSync, writeFileSync } = require('node:fs');

const [mode, file, commands] = process.argv.slice(2);

async function record() {
  const script = loadBundle('main');
  const { run } = runBundle(script);
  // What the commands print is of no use here.
  process.stdout.write = (...call) => {
    call.findLast((argument) => typeof argument === 'function')?.();
    return true;
  };
  for (const args of JSON.parse(commands)) {
    await run(args);
    // Each run listens for the end of its output.
    for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners();
    if (process.exitCode) throw new Error(`'${args.join(' ')}', run to record its code, failed`);
  }
  writeFileSync(file, script.createCachedData());
}

if (mode === 'record') record();
else if (loadBundle('main', readFileSync(file)).cachedDataRejected)
  throw new Error('V8 rejects the code cache that it just made');
