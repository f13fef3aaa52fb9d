import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Shipper } from '../../../src/core/agent/shipper.ts';
import { openRecord, sealRecord, UnreadableRecord } from '../../../src/core/agent/spool-record.ts';
import { away, Receiver } from '../../support/receiver.ts';
import { batchOf } from '../../support/sample-batch.ts';
import { listFiles, listRecords, openTestSpool } from '../../support/spool-folder.ts';
import { makeFolder } from '../../support/test-database.ts';

/** What a disk does to a file, given as parts of its length: cuts it off, turns bits over, or fills a page with zeros. */
const damages = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    kind: fc.constant('flip' as const),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    bit: fc.integer({ min: 0, max: 7 }),
  }),
  fc.record({ kind: fc.constant('zero' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({ kind: fc.constant('grow' as const), more: fc.uint8Array({ minLength: 1, maxLength: 20 }) }),
);
type Damage = typeof damages extends fc.Arbitrary<infer D> ? D : never;

function damaged(bytes: Uint8Array, damage: Damage): Uint8Array {
  const copy = Uint8Array.from(bytes);
  switch (damage.kind) {
    case 'cut':
      return copy.subarray(0, Math.floor(damage.at * copy.length));
    case 'flip':
      copy[Math.floor(damage.at * copy.length)]! ^= 1 << damage.bit;
      return copy;
    case 'zero':
      return copy.fill(0, Math.floor(damage.at * copy.length));
    case 'grow':
      return Buffer.concat([copy, damage.more]);
  }
}

test('a record is read as it was written, or not at all', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), damages, (body, damage) => {
      const bytes = sealRecord('name', body);
      expect(Buffer.from(openRecord('name', bytes)).equals(body)).toBe(true);
      const other = damaged(bytes, damage);
      if (Buffer.from(other).equals(bytes)) return;
      expect(() => openRecord('name', other)).toThrow(UnreadableRecord);
    }),
  );
  const bytes = sealRecord('name', Buffer.from('body'));
  expect(() => openRecord('other', bytes)).toThrow(UnreadableRecord);
  expect(() => openRecord('name', Buffer.from('kernelscope-spool 2 what comes later'))).toThrow(
    'another version',
  );
});

test('whatever happens to a spool, what is whole arrives once, and the rest is set aside and counted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(damages), { minLength: 1, maxLength: 6 }), async (fates) => {
      const { folder: root, remove } = await makeFolder();
      try {
        const first = new Shipper(async () => away, openTestSpool(root));
        for (const at of fates.keys()) await first.send(batchOf(at + 1, { hostname: `h${at}`, lost: at }));
        await first.finish(0).catch(() => {});
        const paths = listRecords(root);
        const broken = new Set<number>();
        for (const [at, damage] of fates.entries()) {
          if (damage === null) continue;
          const before = readFileSync(paths[at]!);
          const after = damaged(before, damage);
          writeFileSync(paths[at]!, after);
          if (!before.equals(after)) broken.add(at);
        }
        const receiver = new Receiver();
        const second = new Shipper(receiver.deliver, openTestSpool(root));
        await expect.poll(() => second.state.waiting, { timeout: 50_000, interval: 5 }).toBe(0);
        await second.send(batchOf(1, { hostname: 'next' }));
        const state = await second.finish(50_000);
        expect(state.setAside?.batches ?? 0).toBe(broken.size);
        const lost = [...broken].reduce((sum, at) => sum + (at + 1) + at, 0);
        expect([...receiver.stored.values()].map(({ hostname, lost }) => [hostname, lost])).toEqual([
          ...[...fates.keys()].filter((at) => !broken.has(at)).map((at) => [`h${at}`, at]),
          ['next', lost],
        ]);
        expect(listFiles(root)).toHaveLength(broken.size);
      } finally {
        await remove();
      }
    }),
    { numRuns: 40 },
  );
});
