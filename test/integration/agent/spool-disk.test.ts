import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Shipper } from '../../../src/core/agent/shipper.ts';
import { asUser, nobody } from '../../support/as-user.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';
import { projectRoot } from '../../support/read-module.ts';
import { Receiver } from '../../support/receiver.ts';
import { batchOf } from '../../support/sample-batch.ts';
import { mountSmallDisk, whyNoSmallDisk } from '../../support/small-disk.ts';
import { listFiles, listRecords, openTestSpool } from '../../support/spool-folder.ts';

const whyNot = whyNoSmallDisk();

describe.skipIf(whyNot !== undefined)(
  `a spool on a disk that is full or read-only${whyNot === undefined ? '' : `: ${whyNot}`}`,
  () => {
    test('keeps what it holds; the rest waits in memory, until there is room; all of it arrives once', async () => {
      using disk = mountSmallDisk(1);
      const root = join(disk.path, 'spool');
      const receiver = new Receiver();
      receiver.isAway = true;
      const shipper = new Shipper(receiver.deliver, openTestSpool(root));
      let sent = 0;
      const send = () => shipper.send(batchOf(2, { hostname: `h${sent++}` }));
      while (shipper.state.spoolTrouble === undefined) await send();
      expect(shipper.state.spoolTrouble).toMatchObject({ code: 'spool_unusable' });
      expect(shipper.state.spoolTrouble.message).toContain('the disk is full');
      expect(shipper.state.spoolTrouble.suggestions).toContain('make room on that disk');
      const held = listRecords(root).length;
      expect([held > 50, held < sent]).toEqual([true, true]);
      for (let more = 0; more < 20; more++) await send();
      disk.makeRoom();
      for (let more = 0; more < 20; more++) await send();
      expect(shipper.state.spoolTrouble).toBeUndefined();
      // What was half written is not in the way.
      expect(listFiles(root)).toEqual(listRecords(root));
      expect(listRecords(root).length).toBeGreaterThan(held);
      expect(shipper.state).toMatchObject({ waiting: sent, dropped: 0 });
      receiver.isAway = false;
      expect(await shipper.finish(60_000)).toEqual({ stored: sent, waiting: 0, dropped: 0 });
      expect([...receiver.stored.values()].map(({ hostname }) => hostname)).toEqual(
        Array.from({ length: sent }, (_, at) => `h${at}`),
      );
      expect(readdirSync(root)).toEqual([]);
    });

    test('that becomes read-only: what comes waits in memory, and all of it is sent', async () => {
      using disk = mountSmallDisk(1);
      const root = join(disk.path, 'spool');
      const remount = (mode: string) =>
        expect(spawnSync('mount', ['-o', `remount,${mode}`, disk.path]).status).toBe(0);
      const receiver = new Receiver();
      receiver.isAway = true;
      const shipper = new Shipper(receiver.deliver, openTestSpool(root));
      await shipper.send(batchOf(1, { hostname: 'a' }));
      remount('ro');
      await shipper.send(batchOf(1, { hostname: 'b' }));
      expectProblem(shipper.state.spoolTrouble!, 'permission_denied', 'the file system is read-only');
      expectProblem(
        problemOf(() => openTestSpool(root)),
        'permission_denied',
        'the file system is read-only',
      );
      receiver.isAway = false;
      expect(await shipper.finish(60_000)).toMatchObject({ stored: 2, waiting: 0, dropped: 0 });
      remount('rw');
      // It could not be removed, so it is sent again, under the same key; and it is still under its agent's name.
      const left = dirname(listRecords(root)[0]!);
      renameSync(left, join(dirname(left), 'left-0123456789abcdef'));
      await new Shipper(receiver.deliver, openTestSpool(root)).finish(60_000);
      expect([...receiver.stored.values()].map(({ hostname }) => hostname)).toEqual(['a', 'b']);
      expect(readdirSync(root)).toEqual([]);
    });
  },
);

const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)(`a spool of another user${isRoot ? '' : ' (skipped: needs root)'}`, () => {
  test.each([
    [0o755, 'permission denied'],
    [0o700, 'permission denied'],
  ])('is refused, with the remedy: mode %o', (mode, reason) => {
    const folder = mkdtempSync(join(tmpdir(), 'kernelscope-spool-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    chmodSync(folder, mode);
    const [program = '', ...args] = asUser(nobody, [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      join(projectRoot, 'test/support/spooling-agent.ts'),
      'http://127.0.0.1:9',
      join(folder, 'spool'),
      'a',
    ]);
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 100_000 });
    expect(status).toBe(1);
    expect(stderr).toContain(`the spool ${folder}/spool cannot be used: ${reason}`);
    expect(stderr).toContain("code: 'permission_denied'");
    expect(stderr).toContain('--no-spool');
  });
});
