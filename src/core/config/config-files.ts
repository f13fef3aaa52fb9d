import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { KernelscopeError } from '../base/kernelscope-error.ts';

/** Names of the file, the first that is there is read. */
const names = ['kernelscope.toml', 'kernelscope.json'];

/**
 * Finds the config files, the one that counts most first: `$KERNELSCOPE_CONFIG` alone where it names one, else
 * kernelscope/kernelscope.toml or .json in the XDG config directory, and in /etc. Throws `bad_config` where the named one is missing.
 */
export function findConfigFiles(
  environment: Readonly<Record<string, string | undefined>>,
  systemFolder = '/etc',
): readonly string[] {
  const named = environment.KERNELSCOPE_CONFIG;
  if (named) {
    if (existsSync(named)) return [named];
    throw new KernelscopeError(
      'bad_config',
      `there is no config file ${named}, which $KERNELSCOPE_CONFIG names`,
    );
  }
  return configFolders(environment, systemFolder).flatMap((folder) => {
    const file = names.map((name) => join(folder, name)).find((candidate) => existsSync(candidate));
    return file === undefined ? [] : [file];
  });
}

/** The folders that config files are looked for in, the one that counts most first. */
export function configFolders(
  environment: Readonly<Record<string, string | undefined>>,
  systemFolder = '/etc',
): readonly string[] {
  const own = environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), '.config');
  return [join(own, 'kernelscope'), join(systemFolder, 'kernelscope')];
}
