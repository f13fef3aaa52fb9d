import { readFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';

/** What a host lets this process do, as its kernel says it; what it does not say is absent. */
export interface HostFacts {
  /** Such as `6.1.0-18-amd64`. */
  readonly release?: string;
  /** Such as `x86_64`. */
  readonly machine: string;
  /** The effective user and group. */
  readonly uid?: number;
  readonly gid?: number;
  /** Capabilities that this process has, and those that an executed program inherits, by their names. */
  readonly effective: readonly string[];
  readonly ambient: readonly string[];
  /** Most memory, in bytes, that this process may lock; infinite where there is no limit. */
  readonly memlockBytes?: number;
  readonly perfEventParanoid?: number;
  readonly kptrRestrict?: number;
  readonly unprivilegedBpfDisabled?: number;
  /** `none`, `integrity` or `confidentiality`. */
  readonly lockdown?: string;
}

/** Capabilities that tracing has to do with: their bits, of linux/capability.h. */
const capabilityBits = {
  CAP_DAC_READ_SEARCH: 2,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_SYSLOG: 34,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
  CAP_CHECKPOINT_RESTORE: 40,
} as const;

/** Reads the facts from /proc and /sys below `root`. Throws nothing of a file that cannot be read. */
export function readHost(root = '/'): HostFacts {
  const read = (path: string) => readText(join(root, path));
  const sysctl = (path: string) => toNumber(read(join('proc/sys', path)));
  const status = read('proc/self/status') ?? '';
  return {
    machine: machine(),
    effective: capabilities(status, 'CapEff'),
    ambient: capabilities(status, 'CapAmb'),
    ...named('release', read('proc/sys/kernel/osrelease')),
    ...named('uid', toNumber(/^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1])),
    ...named('gid', toNumber(/^Gid:\s+\d+\s+(\d+)/m.exec(status)?.[1])),
    ...named('memlockBytes', readMemlock(read('proc/self/limits'))),
    ...named('perfEventParanoid', sysctl('kernel/perf_event_paranoid')),
    ...named('kptrRestrict', sysctl('kernel/kptr_restrict')),
    ...named('unprivilegedBpfDisabled', sysctl('kernel/unprivileged_bpf_disabled')),
    ...named('lockdown', /\[(\w+)\]/.exec(read('sys/kernel/security/lockdown') ?? '')?.[1]),
  };
}

function capabilities(status: string, field: string): readonly string[] {
  const digits = new RegExp(`^${field}:\\s*([0-9a-f]+)`, 'm').exec(status)?.[1];
  const mask = BigInt(`0x${digits ?? '0'}`);
  return Object.entries(capabilityBits)
    .filter(([, bit]) => (mask & (1n << BigInt(bit))) !== 0n)
    .map(([name]) => name);
}

function readMemlock(limits: string | undefined): number | undefined {
  const soft = /^Max locked memory\s+(\S+)/m.exec(limits ?? '')?.[1];
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : toNumber(soft);
}

function toNumber(text: string | undefined): number | undefined {
  return text === undefined || !/^-?\d+$/.test(text) ? undefined : Number(text);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function named<K extends string, V>(name: K, value: V | undefined): { readonly [name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in K]: V });
}
