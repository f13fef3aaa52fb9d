import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from './read-module.ts';
import { plainEnvironment } from './run-command.ts';

/** Why nothing can be run in a terminal here; undefined where it can. */
export const whyNoTerminal: string | undefined = hasScript() ? undefined : 'needs script(1) of bsdutils';

/** Runs `kernelscope ARGS` in a terminal of this many columns, and gives all that the terminal was sent. */
export function kernelscopeInTerminal(
  args: readonly string[],
  { columns, env = {} }: { readonly columns: number; readonly env?: Readonly<Record<string, string>> },
): string {
  const words = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    join(projectRoot, 'bin/dev.js'),
    ...args,
  ];
  const command = `stty cols ${columns} rows 30; exec ${words.map(quote).join(' ')}`;
  const { stdout, error } = spawnSync('script', ['-qec', command, '/dev/null'], {
    env: { ...plainEnvironment, TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (error !== undefined) throw error;
  return stdout;
}

function hasScript(): boolean {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
