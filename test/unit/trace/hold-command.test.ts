import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { holdCommand, sudoUser } from '../../../src/core/trace/hold-command.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernelscope-held-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a command that is held', () => {
  test('begins when it is released, as the process that it was before', async () => {
    const file = join(folder, 'pid');
    const held = await holdCommand(['sh', '-c', `echo $$ > ${file}`]);
    expect([held.hasBegun, existsSync(file)]).toEqual([false, false]);
    held.release();
    expect([await held.exitCode, held.hasBegun]).toEqual([0, true]);
    expect(Number(readFileSync(file, 'utf8'))).toBe(held.pid);
  });

  test('never begins when it is abandoned', async () => {
    const file = join(folder, 'begun');
    const held = await holdCommand(['touch', file]);
    held.abandon();
    expect(await held.exitCode).not.toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  test('has its arguments as they are, and nothing of what held it', async () => {
    const file = join(folder, 'arguments');
    const words = ['a b', '', '$HOME', '"', "'", '--', '*', 'x\ny'];
    const script = `printf '%s|' "$@" > ${file}; test ! -e /proc/self/fd/3`;
    const held = await holdCommand(['sh', '-c', script, 'sh', ...words]);
    held.release();
    expect(await held.exitCode).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(`${words.join('|')}|`);
  });

  test.each([
    [['sh', '-c', 'exit 7'], 7],
    [['sh', '-c', 'kill -TERM $$'], 143],
    [['sh', '-c', 'kill -KILL $$'], 137],
  ])('%j exits with %i', async (command, code) => {
    const held = await holdCommand(command);
    held.release();
    expect(await held.exitCode).toBe(code);
  });

  test('exits with 127 where there is none of that name, and with 126 where it is no program', async () => {
    const file = join(folder, 'text');
    writeFileSync(file, 'text');
    for (const [name, code] of [
      [join(folder, 'no-such-command'), 127],
      [file, 126],
    ] as const) {
      const held = await holdCommand([name]);
      held.release();
      expect(await held.exitCode).toBe(code);
    }
  });

  test('is ended by a signal, before it has begun as after', async () => {
    const held = await holdCommand(['sleep', '600']);
    held.kill('SIGTERM');
    expect(await held.exitCode).toBe(143);
    const begun = await holdCommand(['sleep', '600']);
    begun.release();
    begun.kill('SIGINT');
    expect(await begun.exitCode).toBe(130);
  });

  test.each([[[]], [['']], [['-x']], [['--help', 'x']]])('%j is no command', async (command) => {
    await expect(holdCommand(command)).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('the user who became root by sudo', () => {
  const env = { SUDO_UID: '1000', SUDO_GID: '100' };

  test('is the one that sudo names', () => {
    expect(sudoUser(env, 0)).toEqual({ uid: 1000, gid: 100 });
  });

  test.each([
    [{}, 0],
    [env, 1000],
    [env, undefined],
    [{ ...env, SUDO_UID: '0' }, 0],
    [{ ...env, SUDO_UID: '-1' }, 0],
    [{ ...env, SUDO_UID: 'me' }, 0],
    [{ ...env, SUDO_GID: '' }, 0],
    [{ SUDO_UID: '1000' }, 0],
  ])('is nobody for %j and uid %s', (variables, uid) => {
    expect(sudoUser(variables, uid ?? -1)).toBeUndefined();
  });
});
