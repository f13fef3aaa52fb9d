import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/core/agent/delivery.ts';
import { Shipper } from '../../../src/core/agent/shipper.ts';
import { openSpool } from '../../../src/core/agent/spool.ts';
import { parseRecordName } from '../../../src/core/agent/spool-record.ts';
import { KernelscopeError } from '../../../src/core/base/kernelscope-error.ts';
import { makeNumberColumn } from '../../../src/core/category/entry-columns.ts';
import type { Batch } from '../../../src/core/wire/batch.ts';
import { expectProblem, problemOf, problemOfAsync } from '../../support/problem.ts';
import { away, Receiver } from '../../support/receiver.ts';
import { batchOf } from '../../support/sample-batch.ts';
import { listFiles, listRecords, openTestSpool, wideLimits } from '../../support/spool-folder.ts';
import { makeFolder } from '../../support/test-database.ts';

const names = (stored: ReadonlyMap<string, Batch>) => [...stored.values()].map(({ hostname }) => hostname);
const named = (hostname: string, lost = 0) => batchOf(3, { hostname, lost });

let root: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ folder: root, remove } = await makeFolder());
});
afterEach(() => remove());

/** Ships to one who is away, ends in vain, and gives the problem: what was sent stays in the spool. */
async function shipInVain(...batches: readonly Batch[]): Promise<KernelscopeError> {
  const shipper = new Shipper(async () => away, openTestSpool(root));
  for (const batch of batches) await shipper.send(batch);
  return problemOfAsync(shipper.finish(0));
}

/** Ships what is in the spool. */
async function shipRest(receiver = new Receiver()): Promise<{ receiver: Receiver; shipper: Shipper }> {
  const shipper = new Shipper(receiver.deliver, openTestSpool(root));
  await shipper.finish(20_000);
  return { receiver, shipper };
}

describe('a batch', () => {
  test('is on disk once it was taken, for this user alone, and gone when it is stored', async () => {
    const receiver = new Receiver();
    receiver.isAway = true;
    const shipper = new Shipper(receiver.deliver, openTestSpool(root));
    await shipper.send(named('a', 5));
    const [path] = listRecords(root) as [string];
    expect(parseRecordName(basename(path))).toMatchObject({ entries: 3, lost: 5 });
    expect([statSync(path).mode & 0o777, statSync(dirname(path)).mode & 0o777]).toEqual([0o600, 0o700]);
    receiver.isAway = false;
    expect(await shipper.finish(20_000)).toEqual({ stored: 1, waiting: 0, dropped: 0 });
    expect(readdirSync(root)).toEqual([]);
  });

  test('comes out as it went in', async () => {
    const [entries] = batchOf(4).entries;
    const timesUs = makeNumberColumn([1, null, 3_000_000, null]);
    const batch = batchOf(4, { labels: { run: 'ä;b' }, lost: 2, entries: [{ ...entries!, timesUs }] });
    await shipInVain(batch);
    const [stored] = (await shipRest()).receiver.stored.values();
    expect(stored).toMatchObject({
      hostname: batch.hostname,
      timeUs: batch.timeUs,
      labels: batch.labels,
      lost: 2,
    });
    expect(stored!.entries[0]).toMatchObject({ length: 4, timesUs });
    expect(stored!.entries[0]!.values.slice(0, 4)).toEqual(entries!.values.slice(0, 4));
  });

  test('that nobody takes at the end is left on disk after some tries', async () => {
    const receiver = new Receiver();
    receiver.isAway = true;
    const shipper = new Shipper(receiver.deliver, openTestSpool(root));
    await shipper.send(named('a'));
    await problemOfAsync(shipper.finish(2 ** 31 - 1));
    expect(listRecords(root)).toHaveLength(1);
    expect(names((await shipRest()).receiver.stored)).toEqual(['a']);
  });

  test('half written when its agent was killed is no batch, and is cleared away', async () => {
    await shipInVain(named('a'));
    const [path] = listRecords(root) as [string];
    writeFileSync(`${path}.tmp`, 'half of');
    expect(names((await shipRest()).receiver.stored)).toEqual(['a']);
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('an agent that starts', () => {
  test('sends first what earlier ones left, in order and under the same keys, once', async () => {
    const problem = await shipInVain(named('a'), named('b'));
    expectProblem(problem, 'service_unavailable', '2 batches could not be stored: nobody there');
    expect(problem.suggestions).toEqual([
      'start it',
      expect.stringContaining(`they are kept in ${root}/logger`),
    ]);
    const keys = listRecords(root).map((path) => parseRecordName(basename(path))!.key);
    await shipInVain(named('c'));
    const receiver = new Receiver();
    const shipper = new Shipper(receiver.deliver, openTestSpool(root));
    await shipper.send(named('d'));
    expect(await shipper.finish(20_000)).toEqual({
      stored: 1,
      waiting: 0,
      dropped: 0,
      earlier: { found: 3, stored: 3 },
    });
    expect(names(receiver.stored)).toEqual(['a', 'b', 'c', 'd']);
    expect([...receiver.stored.keys()].slice(0, 2)).toEqual(keys);
    expect(await shipRest()).toMatchObject({ receiver: { tries: [] } });
  });

  test('takes over the folder of a process that ended without a word, as after a crash or a boot', async () => {
    await shipInVain(named('a'));
    const left = dirname(listRecords(root)[0]!);
    renameSync(left, join(dirname(left), '00000000-1-1-00000000.0'));
    expect(names((await shipRest()).receiver.stored)).toEqual(['a']);
  });

  test('leaves alone what is of an agent that runs, and what it does not know', async () => {
    const running = openTestSpool(root);
    const receiver = new Receiver();
    receiver.isAway = true;
    const shipper = new Shipper(receiver.deliver, running);
    await shipper.send(named('a'));
    mkdirSync(join(root, 'logger/notes'));
    writeFileSync(join(root, 'logger/notes/0.batch'), 'mine');
    expect((await shipRest()).receiver.tries).toEqual([]);
    receiver.isAway = false;
    expect(await shipper.finish(20_000)).toMatchObject({ stored: 1, waiting: 0 });
    expect(listFiles(root)).toEqual([join(root, 'logger/notes/0.batch')]);
  });

  test('sends a batch to the logger that it was meant for alone', async () => {
    await shipInVain(named('a'));
    const receiver = new Receiver();
    await new Shipper(receiver.deliver, openSpool(root, 'other', wideLimits)).finish(20_000);
    expect(receiver.tries).toEqual([]);
    expect(names((await shipRest()).receiver.stored)).toEqual(['a']);
  });
});

describe('two agents at one spool', () => {
  test('each take what is theirs, of what is left one takes it', async () => {
    await shipInVain(named('left'));
    const receiver = new Receiver();
    const shippers = [1, 2, 3].map(() => new Shipper(receiver.deliver, openTestSpool(root)));
    for (const [at, shipper] of shippers.entries()) await shipper.send(named(`own${at}`));
    const states = await Promise.all(shippers.map((shipper) => shipper.finish(20_000)));
    expect(states.map(({ stored, waiting }) => [stored, waiting])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    expect(states.filter(({ earlier }) => earlier !== undefined)).toHaveLength(1);
    expect(names(receiver.stored).toSorted()).toEqual(['left', 'own0', 'own1', 'own2']);
    expect(readdirSync(root)).toEqual([]);
  });

  test('that take each other for dead, as over the borders of containers, lose and double nothing', async () => {
    const receiver = new Receiver();
    receiver.isAway = true;
    const first = new Shipper(receiver.deliver, openTestSpool(root));
    for (const name of ['a', 'b']) await first.send(named(name));
    // What the second sees: a folder whose process is not among those of its own container.
    const own = dirname(listRecords(root)[0]!);
    renameSync(own, join(dirname(own), 'left-0123456789abcdef'));
    const second = new Shipper(receiver.deliver, openTestSpool(root));
    await first.send(named('c'));
    receiver.isAway = false;
    const states = [await second.finish(20_000), await first.finish(20_000)];
    expect(states.map(({ waiting, dropped }) => [waiting, dropped])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(names(receiver.stored).toSorted()).toEqual(['a', 'b', 'c']);
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('a logger that is away for long', () => {
  test('has all of it wait on disk, and gets it once when it is back', async () => {
    const receiver = new Receiver();
    receiver.isAway = true;
    const shipper = new Shipper(receiver.deliver, openTestSpool(root));
    for (let at = 0; at < 200; at++) await shipper.send(named(`h${at}`));
    expect(shipper.state).toMatchObject({ waiting: 200, dropped: 0, trouble: away.error });
    expect(listRecords(root)).toHaveLength(200);
    receiver.isAway = false;
    expect(await shipper.finish(50_000)).toEqual({ stored: 200, waiting: 0, dropped: 0 });
    expect(names(receiver.stored)).toEqual(Array.from({ length: 200 }, (_, at) => `h${at}`));
  });

  test('longer than there is room for: the oldest go, and the next batch says how much was lost', async () => {
    const receiver = new Receiver();
    receiver.isAway = true;
    // Each small record takes a block of the disk.
    const shipper = new Shipper(receiver.deliver, openTestSpool(root, { maxBytes: 3 * 4096 }));
    for (let at = 0; at < 6; at++) await shipper.send(named(`h${at}`, 10));
    expect(shipper.state).toMatchObject({ waiting: 3, dropped: 9 });
    expect(listRecords(root)).toHaveLength(3);
    receiver.isAway = false;
    await shipper.finish(20_000);
    // The first in line may be on its way, so it stays.
    expect([...receiver.stored.values()].map(({ hostname, lost }) => [hostname, lost])).toEqual([
      ['h0', 10],
      ['h4', 10 + (3 + 10)],
      // Of what went for it, h3 told of one that went for h3.
      ['h5', 10 + (3 + 10 + (3 + 10))],
    ]);
  });

  test('loses nothing without saying so: what arrived and what is lost add up', async () => {
    const receiver = new Receiver();
    receiver.isAway = true;
    const shipper = new Shipper(receiver.deliver, openTestSpool(root, { maxBytes: 5 * 4096 }));
    for (let at = 0; at < 40; at++) await shipper.send(batchOf(1 + (at % 7), { lost: at }));
    receiver.isAway = false;
    await shipper.finish(20_000);
    let sum = 0;
    for (const { lost, entries } of receiver.stored.values()) sum += lost + entries[0]!.length;
    const sent = Array.from({ length: 40 }, (_, at) => 1 + (at % 7) + at);
    expect(sum).toBe(sent.reduce((a, b) => a + b));
  });

  test('longer than batches are of use: what is too old goes', async () => {
    const receiver = new Receiver();
    receiver.isAway = true;
    const shipper = new Shipper(receiver.deliver, openTestSpool(root, { maxAgeMs: -1 }));
    for (const name of ['a', 'b', 'c']) await shipper.send(named(name));
    expect(shipper.state).toMatchObject({ waiting: 2, dropped: 3 });
    receiver.isAway = false;
    await shipper.finish(20_000);
    expect([...receiver.stored.values()].map(({ hostname, lost }) => [hostname, lost])).toEqual([
      ['a', 0],
      ['c', 3],
    ]);
  });

  test('what an earlier run left is given up like any other, and is no loss of this run', async () => {
    await shipInVain(named('a'), named('b'));
    const receiver = new Receiver();
    receiver.isAway = true;
    const shipper = new Shipper(receiver.deliver, openTestSpool(root, { maxBytes: 2 * 4096 }));
    await shipper.send(named('c'));
    expect(shipper.state).toMatchObject({ waiting: 2, dropped: 0 });
    receiver.isAway = false;
    await shipper.finish(20_000);
    expect([...receiver.stored.values()].map(({ hostname, lost }) => [hostname, lost])).toEqual([
      ['a', 0],
      ['c', 3],
    ]);
  });
});

describe('what cannot be sent', () => {
  test('a batch of an earlier run that the logger refuses is set aside, and counted', async () => {
    await shipInVain(named('a', 4), named('b'));
    const receiver = new Receiver(new KernelscopeError('unknown_category', 'no such category'));
    const shipper = new Shipper(receiver.deliver, openTestSpool(root));
    await expect.poll(() => shipper.state.setAside?.batches, { timeout: 50_000 }).toBe(1);
    await shipper.send(named('c'));
    const state = await shipper.finish(20_000);
    expect(state).toMatchObject({ stored: 1, waiting: 0, earlier: { found: 2, stored: 1 } });
    expect(state.setAside!.reason).toMatch(/\.batch: no such category$/);
    expect([...receiver.stored.values()].map(({ hostname, lost }) => [hostname, lost])).toEqual([
      ['b', 0],
      ['c', 7],
    ]);
    expect(listFiles(root)).toEqual([expect.stringContaining('/logger/set-aside/')]);
  });

  test('a batch of this run that the logger refuses ends it, and is there the next time', async () => {
    const refused = new KernelscopeError('forbidden', 'wrong token');
    const receiver = new Receiver(refused);
    const shipper = new Shipper(receiver.deliver, openTestSpool(root));
    await shipper.send(named('a'));
    await expect.poll(() => receiver.tries.length, { timeout: 50_000 }).toBe(1);
    // What is measured until it ends is kept as well.
    expect(await problemOfAsync(shipper.send(named('b')))).toBe(refused);
    expect(await problemOfAsync(shipper.finish(20_000))).toBe(refused);
    expect(names((await shipRest()).receiver.stored)).toEqual(['a', 'b']);
  });

  test('of many that were set aside, ten are kept', async () => {
    await shipInVain(...Array.from({ length: 12 }, (_, at) => named(`h${at}`)));
    for (const path of listRecords(root)) writeFileSync(path, 'nothing');
    const { shipper } = await shipRest();
    expect(shipper.state.setAside).toEqual({ batches: 12, reason: expect.stringContaining('it is damaged') });
    expect(listFiles(root)).toHaveLength(10);
  });

  test('a batch that is too large goes in halves that have the same keys after a crash', async () => {
    const ship = async (answers: readonly boolean[]) => {
      const keys: string[] = [];
      const deliver: Delivery = async ({ entries, key }) => {
        if (entries > 4) throw new KernelscopeError('too_large', 'too large');
        keys.push(key);
        return answers[keys.length - 1] ? { stored: true } : away;
      };
      const shipper = new Shipper(deliver, openTestSpool(root));
      if (listRecords(root).length === 0) await shipper.send(batchOf(8, { lost: 5 }));
      const left = await shipper.finish(200).then(
        () => 0,
        () => listRecords(root).length,
      );
      return { keys, left };
    };
    const first = await ship([true, false]);
    expect(first.left).toBe(1);
    const second = await ship([true, true]);
    expect(second).toEqual({ keys: [...new Set(first.keys)], left: 0 });
    expect(second.keys.map((key) => key.slice(-2))).toEqual(['.1', '.2']);
  });
});

describe('a spool that cannot be used', () => {
  test('because a file is in the way', () => {
    writeFileSync(join(root, 'file'), '');
    expectProblem(
      problemOf(() => openTestSpool(join(root, 'file'))),
      'permission_denied',
      'it is not a folder',
    );
    expectProblem(
      problemOf(() => openTestSpool(join(root, 'file/below'))),
      'spool_unusable',
      'not a folder',
    );
  });

  test('because others could put batches into it, with the remedy', () => {
    chmodSync(root, 0o777);
    const problem = problemOf(() => openTestSpool(join(root, 'spool')));
    expectProblem(problem, 'permission_denied', `others can write to ${root}`);
    expect(problem.suggestions.join()).toMatch(/--spool FOLDER.*--no-spool/);
  });

  test('while it runs: batches wait in memory, and it goes on', async () => {
    const receiver = new Receiver();
    receiver.isAway = true;
    const spool = openTestSpool(root);
    const shipper = new Shipper(receiver.deliver, spool);
    // A file where the folder should be stops root as well.
    rmSync(spool.folder, { recursive: true });
    writeFileSync(spool.folder, '');
    await shipper.send(named('b'));
    expect(shipper.state.spoolTrouble).toMatchObject({ code: 'spool_unusable' });
    rmSync(spool.folder);
    await shipper.send(named('c'));
    expect(shipper.state.spoolTrouble).toBeUndefined();
    receiver.isAway = false;
    await shipper.finish(20_000);
    expect(names(receiver.stored).toSorted()).toEqual(['b', 'c']);
  });
});
