import './user-without-name.ts';

import { flush } from '@oclif/core/flush';
import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { staticPlugin } from './static-plugin.ts';

/** Runs the command that `args` name; sets the exit code, prints errors to stderr. `root` is the package's folder. */
export async function main(args: readonly string[], root: string): Promise<void> {
  // Under NODE_ENV=test or development oclif would try to compile TypeScript by itself.
  settings.enableAutoTranspile = false;
  // Or oclif would look for a file with colours of help at each start, which takes 4 ms.
  process.env.KERNELSCOPE_DISABLE_THEME = '1';
  endQuietlyOnBrokenPipe();
  const plugin = staticPlugin(root);
  try {
    // As git and npm take it: help of a command behind the word as well as before the flag.
    const asked = args[0] === 'help' ? [...args.slice(1), '--help'] : [...args];
    await run(asked, { root, pjson: plugin.pjson, plugins: new Map([[plugin.name, plugin]]) });
    await flush();
  } catch (error) {
    // Not before: with it comes the whole library, which --version and --help need nothing of (half their time without the binary).
    const { reportError } = await import('./report-error.ts');
    const report = reportError(error);
    const separator = args.indexOf('--');
    const wantsJson = (separator < 0 ? args : args.slice(0, separator)).includes('--json');
    if (wantsJson && report.json !== undefined) process.stdout.write(`${JSON.stringify(report.json)}\n`);
    else if (report.text !== undefined) process.stderr.write(report.text);
    process.exitCode = report.exitCode;
  }
}

/** `kernelscope query | head` has what it wanted once the pipe closes: that is no error. */
function endQuietlyOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
}
