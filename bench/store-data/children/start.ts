// Runs the module beside it that is named, and prints its result with the peak of the memory taken, as JSON.
const [name, args] = process.argv.slice(2) as [string, string];
const { run } = (await import(`./${name}.ts`)) as { run: (...args: readonly unknown[]) => unknown };
const result = await run(...JSON.parse(args));
console.log(JSON.stringify({ result, peakRssMB: process.resourceUsage().maxRSS / 1024 }));
