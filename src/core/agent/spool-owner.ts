import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const ownerPattern = /^([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{8}\.\d+$/;
const leftPattern = /^left-[0-9a-f]{16}$/;

/**
 * Makes a name that tells who owns a folder, for this process: the boot, the process and when it started, and a random
 * number, so that no name is ever used twice. A folder's name is its lock: it is taken over by renaming it.
 */
export function makeOwner(): string {
  const { pid } = process;
  return `${bootId()}-${pid}-${startOf(pid) ?? 0}-${randomBytes(4).toString('hex')}`;
}

/** Makes the name of a folder that its owner has given up. */
export function nameLeft(): string {
  return `left-${randomBytes(8).toString('hex')}`;
}

/**
 * Tells whether a folder is an agent's that is no more: given up, or of a process that has ended. Processes of another
 * container are taken for ended; what two agents send of one folder arrives once, by its keys.
 */
export function isAbandoned(folderName: string): boolean {
  if (leftPattern.test(folderName)) return true;
  const match = ownerPattern.exec(folderName);
  if (match === null) return false;
  const [boot, pid, start] = [match[1]!, Number(match[2]), Number(match[3])];
  if (boot !== bootId() || !isRunning(pid)) return true;
  const startNow = startOf(pid);
  return startNow !== undefined && startNow !== start;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process started, in clock ticks since the boot: field 22 of proc_pid_stat(5); undefined where it is hidden. */
function startOf(pid: number): number | undefined {
  const text = readText(`/proc/${pid}/stat`);
  // The second field is the name in parentheses, which may hold spaces and parentheses.
  return text === undefined ? undefined : Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]);
}

function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id')?.slice(0, 8) ?? '00000000';
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
