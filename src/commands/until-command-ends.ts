import { readFileSync } from 'node:fs';
import type { HeldCommand } from '../core/index.ts';

/**
 * Gives a signal that aborts when the command has ended. Until then this process outlives the signals that are meant for
 * the command: SIGINT and SIGQUIT of a terminal reach the command by themselves, all others are handed on to it.
 */
export function untilCommandEnds(command: HeldCommand): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;
  const handOn = (name: NodeJS.Signals) => {
    if ((name === 'SIGINT' || name === 'SIGQUIT') && isInForeground()) return;
    command.kill(name);
  };
  for (const name of names) process.on(name, handOn);
  void command.exitCode.then(() => controller.abort());
  const release = () => {
    for (const name of names) process.off(name, handOn);
  };
  return { signal: controller.signal, release };
}

/** Whether keys pressed at the terminal send signals to this process and all that it started. */
function isInForeground(): boolean {
  // proc(5): state, parent, process group, session, terminal, and the terminal's process group.
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return fields[2] === fields[5];
}
