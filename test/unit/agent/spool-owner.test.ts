import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isAbandoned, makeOwner, nameLeft } from '../../../src/core/agent/spool-owner.ts';

/** The name of a folder of this process, with a part of it replaced. */
function ownWith(changes: {
  readonly boot?: string;
  readonly pid?: number;
  readonly start?: string;
}): string {
  const [boot, pid, start, random] = makeOwner().split('-');
  return `${changes.boot ?? boot}-${changes.pid ?? pid}-${changes.start ?? start}-${random}.0`;
}

test('a folder is of a process of this boot, that started then', () => {
  expect(isAbandoned(ownWith({}))).toBe(false);
  expect(isAbandoned(ownWith({ boot: '00000000' }))).toBe(true);
  expect(isAbandoned(ownWith({ start: '1' }))).toBe(true);
  expect(isAbandoned(nameLeft())).toBe(true);
});

test('a process that has been killed leaves its folder', async () => {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  expect(isAbandoned(ownWith({ pid: child.pid! }))).toBe(true);
});

test('no name is used twice, and what is no name of ours is nobody else’s business', () => {
  expect(makeOwner()).not.toBe(makeOwner());
  for (const name of ['set-aside', 'notes', 'left-', '1-2-3-4', '.']) expect(isAbandoned(name)).toBe(false);
});
