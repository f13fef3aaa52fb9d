import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Shipper } from '../../../src/core/agent/shipper.ts';
import { Receiver } from '../../support/receiver.ts';
import { batchOf } from '../../support/sample-batch.ts';
import { mountSmallDisk, whyNoSmallDisk } from '../../support/small-disk.ts';
import { listFiles, listRecords, openTestSpool } from '../../support/spool-folder.ts';

const whyNot = whyNoSmallDisk();

describe.skipIf(whyNot !== undefined)(
  `a spool on a full disk${whyNot === undefined ? '' : `: ${whyNot}`}`,
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
  },
);
