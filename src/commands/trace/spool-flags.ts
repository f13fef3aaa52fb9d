import * as Flags from '@oclif/core/flags';
import {
  KernelscopeError,
  locateSpool,
  nameDestination,
  openSpool,
  parseSizeBytes,
  type Spool,
} from '../../core/index.ts';
import { durationNs } from '../flags.ts';

/** Where batches wait while a logger is away. */
export const spoolFlags = {
  spool: Flags.string({
    summary: 'Folder where batches wait for the logger; without it, one in the state directory.',
    helpValue: 'FOLDER',
  }),
  'no-spool': Flags.boolean({
    summary: 'Let batches wait in memory alone, so that they are lost with the process.',
    exclusive: ['spool'],
  }),
  'spool-max-size': Flags.custom<number>({
    summary: 'Room for batches that wait; beyond it the oldest are given up and counted as lost.',
    helpValue: 'SIZE',
    parse: async (text) => parseSizeBytes(text),
    default: 256e6,
    defaultHelp: async () => '256MB',
  })(),
  'spool-max-age': durationNs({
    summary: 'Longest time that a batch waits; a bare number is seconds.',
    bareUnit: 's',
    default: 7 * 86_400e9,
    defaultHelp: async () => '7d',
  }),
} as const;

/** The values of `spoolFlags`. */
export interface SpoolTarget {
  readonly spool?: string | undefined;
  readonly 'no-spool': boolean;
  readonly 'spool-max-size': number;
  readonly 'spool-max-age': number;
}

/**
 * Opens the spool that the flags choose for a logger; undefined where there shall be none. One that nobody asked for and
 * that cannot be used is told by `say`, and done without. Throws as `openSpool`.
 */
export function openChosenSpool(
  target: SpoolTarget,
  loggerUrl: string,
  say: (line: string) => void,
): Spool | undefined {
  if (target['no-spool']) return undefined;
  const { folder, isDefault } = locateSpool(target.spool, process.env);
  const limits = { maxBytes: target['spool-max-size'], maxAgeMs: target['spool-max-age'] / 1e6 };
  try {
    return openSpool(folder, nameDestination(loggerUrl), limits);
  } catch (error) {
    if (!isDefault || !(error instanceof KernelscopeError)) throw error;
    say(
      `${error.message}: batches that wait for the logger are kept in memory alone (--spool FOLDER names another)`,
    );
    return undefined;
  }
}
