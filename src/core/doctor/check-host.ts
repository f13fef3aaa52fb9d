import type { TraceObstacle } from '../trace/why-cannot-trace.ts';
import type { HostFacts } from './read-host.ts';

/** One thing that was looked at. */
export interface HostCheck {
  readonly name: string;
  /** `ok`; `missing`, which keeps this host from tracing; `note`, which does not, and is good to know. */
  readonly status: 'ok' | 'missing' | 'note';
  readonly finding: string;
  /** What to do about it: commands, and lines of a systemd unit. */
  readonly remedies: readonly string[];
}

/** First kernel that has what all programs need, and first that counts the memory of BPF by cgroup. */
const FIRST_KERNEL = [5, 8] as const;
const FIRST_WITHOUT_MEMLOCK = [5, 11] as const;
/** What the maps of the programs take at most, in bytes, with room to spare. */
const MEMLOCK_BYTES = 256 * 2 ** 20;

/** What naming the functions of other users' programs takes besides. */
const USER_STACK_CAPABILITIES = ['CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH', 'CAP_CHECKPOINT_RESTORE'] as const;

const machines = ['x86_64', 'aarch64'];

/**
 * Says what the facts mean for tracing; `obstacles` are what was found to keep this host from it, and are among the
 * checks under the name of their kind. `helper` is the path of the trace helper.
 */
export function checkHost(
  facts: HostFacts,
  { obstacles, helper }: { readonly obstacles: readonly TraceObstacle[]; readonly helper: string },
): readonly HostCheck[] {
  const check = (name: TraceObstacle['kind'], finding: string): readonly HostCheck[] => {
    const found = obstacles.filter(({ kind }) => kind === name);
    if (found.length === 0) return [{ name, status: 'ok', finding, remedies: [] }];
    return found.map(({ reason, remedies }) => ({ name, status: 'missing', finding: reason, remedies }));
  };
  const platform = obstacles.filter(({ kind }) => kind === 'platform');
  if (platform.length > 0) return check('platform', '');
  return [
    checkKernel(facts),
    ...check('btf', 'the kernel says what its types are'),
    ...check('capabilities', describeUser(facts)).map((found) => withSetpriv(found, facts)),
    ...check('symbols', "the kernel's functions have their addresses in /proc/kallsyms"),
    ...check('helper', helper),
    ...check(
      'lockdown',
      `the kernel is ${facts.lockdown === 'integrity' ? 'locked down for integrity, which lets it be read' : 'not locked down'}`,
    ),
    ...noteUserStacks(facts),
    ...noteMemlock(facts),
    ...noteSettings(facts),
  ];
}

function checkKernel({ release, machine }: HostFacts): HostCheck {
  const name = 'kernel';
  if (!machines.includes(machine)) {
    return {
      name,
      status: 'missing',
      finding: `the processor is ${machine}`,
      remedies: [`tracing works on ${machines.join(' and ')}; storing, querying and drawing work here`],
    };
  }
  const finding = `Linux ${release ?? 'of an unknown release'}, ${machine}`;
  if (release === undefined || !isBefore(release, FIRST_KERNEL))
    return { name, status: 'ok', finding, remedies: [] };
  return {
    name,
    status: 'missing',
    finding,
    remedies: [`boot a kernel ${FIRST_KERNEL.join('.')} or newer`],
  };
}

/** What an executed helper has: all that a root process has, but of another user's the ambient ones alone. */
function heldCapabilities({ uid, effective, ambient }: HostFacts): readonly string[] {
  return uid === 0 ? effective : ambient;
}

function describeUser(facts: HostFacts): string {
  const { uid } = facts;
  const held = heldCapabilities(facts);
  return `${uid === 0 ? 'root' : `user ${uid ?? 'unknown'}`} with ${held.length === 0 ? 'no capability' : held.join(' ')}`;
}

/** Adds the command that gives the capabilities to this user alone. */
function withSetpriv(check: HostCheck, { uid, gid }: HostFacts): HostCheck {
  if (check.status !== 'missing' || uid === undefined || gid === undefined || uid === 0) return check;
  const three = '+bpf,+perfmon,+syslog';
  const command = `sudo setpriv --reuid=${uid} --regid=${gid} --init-groups --inh-caps=${three} --ambient-caps=${three} kernelscope trace ...`;
  return { ...check, remedies: [...check.remedies, `or as this user: ${command}`] };
}

/** Reading what others have mapped, and their files, takes more than tracing does: docs/decisions/0044. */
function noteUserStacks(facts: HostFacts): readonly HostCheck[] {
  const held = heldCapabilities(facts);
  const lacking = USER_STACK_CAPABILITIES.filter((name) => !held.includes(name));
  // CAP_SYS_ADMIN stands in for CAP_CHECKPOINT_RESTORE.
  if (lacking.every((name) => name === 'CAP_CHECKPOINT_RESTORE' && held.includes('CAP_SYS_ADMIN'))) return [];
  return [
    {
      name: 'user_stacks',
      status: 'note',
      finding: `--user-stacks cannot name what other users run: there is no ${lacking.join(', no ')}`,
      remedies: [
        `AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_SYSLOG ${USER_STACK_CAPABILITIES.join(' ')} in a systemd unit`,
      ],
    },
  ];
}

/** Before 5.11 what BPF maps take counts as locked memory of the user. */
function noteMemlock({ release, memlockBytes, effective }: HostFacts): readonly HostCheck[] {
  if (release === undefined || !isBefore(release, FIRST_WITHOUT_MEMLOCK)) return [];
  if (memlockBytes === undefined || memlockBytes >= MEMLOCK_BYTES || effective.includes('CAP_SYS_RESOURCE'))
    return [];
  return [
    {
      name: 'memlock',
      status: 'note',
      finding: `this process may lock ${memlockBytes} bytes, which may be too little for the maps of a program`,
      remedies: ['ulimit -l unlimited', 'LimitMEMLOCK=infinity in the [Service] section of a unit'],
    },
  ];
}

function noteSettings(facts: HostFacts): readonly HostCheck[] {
  const { kptrRestrict, perfEventParanoid, unprivilegedBpfDisabled } = facts;
  const note = (name: string, value: number | undefined, meaning: string): readonly HostCheck[] =>
    value === undefined ? [] : [{ name, status: 'note', finding: `${value}: ${meaning}`, remedies: [] }];
  return [
    ...note(
      'kptr_restrict',
      kptrRestrict,
      kptrRestrict === 0 && (perfEventParanoid ?? 2) <= 1
        ? 'addresses of kernel functions are shown to everyone'
        : kptrRestrict === 2
          ? 'addresses of kernel functions are shown to no one'
          : 'addresses of kernel functions are shown to those with CAP_SYSLOG',
    ),
    ...note(
      'perf_event_paranoid',
      perfEventParanoid,
      (perfEventParanoid ?? 0) < 4
        ? 'with CAP_PERFMON, which tracing needs anyway, it does not matter'
        : 'a level of this distribution; where sampling is refused, sysctl kernel.perf_event_paranoid=2 allows it to CAP_PERFMON',
    ),
    ...note(
      'unprivileged_bpf_disabled',
      unprivilegedBpfDisabled,
      unprivilegedBpfDisabled === 0
        ? 'everyone may load BPF programs; kernelscope does not need that (sysctl kernel.unprivileged_bpf_disabled=2 ends it)'
        : 'BPF needs CAP_BPF, which tracing needs anyway',
    ),
  ];
}

function isBefore(release: string, [major, minor]: readonly [number, number]): boolean {
  const [, first, second] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  return first !== undefined && (Number(first) - major || Number(second) - minor) < 0;
}
