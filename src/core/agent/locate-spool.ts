import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** The folder of a spool, and whether it is the one that nobody named. */
export interface ChosenSpool {
  readonly folder: string;
  readonly isDefault: boolean;
}

/**
 * Finds where batches wait: what was named, then `spool` in the `$STATE_DIRECTORY` of a systemd unit, then
 * `kernelscope/spool` in the XDG state directory.
 */
export function locateSpool(
  named: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): ChosenSpool {
  if (named !== undefined) return { folder: resolve(named), isDefault: false };
  // A unit may have several, of which the first is its own.
  const [stateOfUnit] = environment.STATE_DIRECTORY?.split(':') ?? [];
  if (stateOfUnit) return { folder: join(stateOfUnit, 'spool'), isDefault: false };
  const { XDG_STATE_HOME: xdg, HOME: home } = environment;
  // A relative path is to be ignored, by the XDG Base Directory Specification.
  const state = xdg !== undefined && isAbsolute(xdg) ? xdg : join(home || homedir(), '.local/state');
  return { folder: join(state, 'kernelscope/spool'), isDefault: true };
}

/** Names the folder for what waits for one destination: what was meant for one logger never goes to another. */
export function nameDestination(url: string): string {
  const { protocol, host, pathname, search } = new URL(url);
  const hash = createHash('sha256').update(`${protocol}//${host}${pathname}${search}`).digest('hex');
  return `${host.replace(/[^A-Za-z0-9.-]+/g, '_').slice(0, 80)}-${hash.slice(0, 8)}`;
}
