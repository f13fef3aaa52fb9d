import * as Flags from '@oclif/core/flags';
import { findCgroup, type TraceOptions } from '../../core/index.ts';
import { databaseFlags, durationNs, tokenFileFlag } from '../flags.ts';
import { spoolFlags } from './spool-flags.ts';

/** Where the records of a trace go, how often, and of which threads they are: the flags of every trace command. */
export const traceFlags = {
  logger: Flags.string({
    summary: 'Logger to send records to.',
    helpValue: 'URL',
    env: 'KERNELSCOPE_LOGGER',
  }),
  ndjson: Flags.boolean({
    summary: 'Print records on stdout, one JSON object per line.',
  }),
  interval: durationNs({
    summary: 'Time between two batches; a bare number is seconds.',
    bareUnit: 's',
    default: 60e9,
    defaultHelp: async () => '60s',
  }),
  duration: durationNs({ summary: 'Stop after this time; a bare number is seconds.', bareUnit: 's' }),
  pid: Flags.integer({
    summary: 'Only this process; may be repeated.',
    helpValue: 'PID',
    multiple: true,
    min: 1,
  }),
  follow: Flags.boolean({
    summary: 'With --pid: its children too, those that there are and those to come.',
    dependsOn: ['pid'],
  }),
  tid: Flags.integer({
    summary: 'Only this thread; may be repeated.',
    helpValue: 'TID',
    multiple: true,
    min: 1,
  }),
  cgroup: Flags.string({
    summary:
      'Only what is in this cgroup of version 2, or below it: its folder, or a path like system.slice/ssh.service; may be repeated.',
    helpValue: 'PATH',
    multiple: true,
  }),
  comm: Flags.string({
    summary: 'Only threads whose name matches this glob; may be repeated.',
    helpValue: 'GLOB',
    multiple: true,
  }),
  'kernel-threads': Flags.boolean({ summary: 'Only threads of the kernel.', exclusive: ['user-threads'] }),
  'user-threads': Flags.boolean({ summary: 'Only threads of programs.' }),
  label: Flags.string({
    summary: 'Label of what is measured; may be repeated.',
    helpValue: 'KEY=VALUE',
    multiple: true,
  }),
  quiet: Flags.boolean({ char: 'q', summary: 'Say nothing of each batch.' }),
  'token-file': tokenFileFlag,
  ...spoolFlags,
  ...databaseFlags,
} as const;

/** How long what is recorded must have taken; `what` names it, such as `block`. */
export function thresholdFlags(what: string, defaultNs: number, defaultText: string) {
  return {
    threshold: durationNs({
      summary: `Shortest ${what} that is recorded; a bare number is microseconds.`,
      bareUnit: 'us',
      default: defaultNs,
      defaultHelp: async () => defaultText,
    }),
    min: durationNs({ summary: 'The same as --threshold.', bareUnit: 'us', exclusive: ['threshold'] }),
    max: durationNs({
      summary: `Longest ${what} that is recorded; a bare number is microseconds.`,
      bareUnit: 'us',
    }),
  };
}

/** The values of `traceFlags` that say what to trace. */
export interface TraceFlagValues {
  readonly interval: number;
  readonly duration?: number | undefined;
  readonly pid?: readonly number[] | undefined;
  readonly follow?: boolean;
  readonly tid?: readonly number[] | undefined;
  readonly cgroup?: readonly string[] | undefined;
  readonly comm?: readonly string[] | undefined;
  readonly 'kernel-threads'?: boolean;
  readonly 'user-threads'?: boolean;
  readonly threshold?: number;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/**
 * Makes options of the flags that every trace command takes, and of `thresholdFlags` where it takes them. Throws `usage`
 * for a cgroup that is not there.
 */
export function traceOptions(flags: TraceFlagValues): TraceOptions {
  return {
    thresholdUs: (flags.min ?? flags.threshold ?? 0) / 1000,
    intervalMs: flags.interval / 1e6,
    pids: flags.pid ?? [],
    follow: flags.follow ?? false,
    tids: flags.tid ?? [],
    cgroups: (flags.cgroup ?? []).map((path) => findCgroup(path)),
    comms: flags.comm ?? [],
    ...(flags.max !== undefined && { maxUs: flags.max / 1000 }),
    ...(flags.duration !== undefined && { durationMs: flags.duration / 1e6 }),
    ...(flags['kernel-threads'] && { threads: 'kernel' as const }),
    ...(flags['user-threads'] && { threads: 'user' as const }),
  };
}
