import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { asUser, nobody } from '../../support/as-user.ts';

const root = join(import.meta.dirname, '../../..');
const run = join(root, 'bin/run.js');
const NAPPER = 'ks-napper';
const whyNot =
  process.getuid?.() === 0 && existsSync('/sys/kernel/btf/vmlinux')
    ? undefined
    : 'tracing needs root and BTF';

/** Runs a command to its end. */
function kernelscope(...args: readonly string[]) {
  return spawnSync(process.execPath, [run, ...args], { encoding: 'utf8', timeout: 60_000 });
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}

describe.skipIf(whyNot !== undefined)(
  `trace offcpu${whyNot === undefined ? '' : ` (skipped: ${whyNot})`}`,
  () => {
    let folder: string;
    let database: string;
    let bed: string;
    let sleeper: ChildProcess;
    const children: ChildProcess[] = [];

    beforeAll(() => {
      // Something that always comes back from waiting, of a name that nothing else on the machine has.
      bed = mkdtempSync(join(tmpdir(), 'kernelscope-napper-'));
      symlinkSync('/bin/sleep', join(bed, NAPPER));
      const forever = 'while :; do "$0" 0.05; done';
      sleeper = spawn('bash', ['-c', forever, join(bed, NAPPER)], { stdio: 'ignore' });
    });
    afterAll(() => {
      sleeper.kill('SIGKILL');
      rmSync(bed, { recursive: true });
    });
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'kernelscope-trace-'));
      database = join(folder, 'trace.db');
      vi.stubEnv('XDG_STATE_HOME', folder);
      expect(kernelscope('db', 'init', '--sqlite', database).status).toBe(0);
    });
    afterEach(() => {
      vi.unstubAllEnvs();
      for (const child of children.splice(0)) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });

    function start(...args: readonly string[]): ChildProcess & { said: string; exit: Promise<unknown[]> } {
      const child = spawn(process.execPath, [run, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
      children.push(child);
      const watched = Object.assign(child, { said: '', exit: once(child, 'exit') });
      for (const stream of [child.stdout, child.stderr]) {
        stream!.on('data', (chunk: Buffer) => {
          watched.said += chunk.toString();
        });
      }
      return watched;
    }

    async function until(condition: () => boolean): Promise<void> {
      for (let tries = 0; tries < 600 && !condition(); tries++) await delay(50);
      expect(condition()).toBe(true);
    }

    const countRecords = (where: string) =>
      Number(
        execFileSync('sqlite3', [database, `select count(*) from offcputime where ${where}`], {
          encoding: 'utf8',
        }),
      );
    const integrity = () =>
      execFileSync('sqlite3', [database, 'pragma integrity_check'], { encoding: 'utf8' }).trim();

    it('stores sleeps with their stacks, root first, in nanoseconds', () => {
      const traced = kernelscope(
        'trace',
        'offcpu',
        '--sqlite',
        database,
        '--duration',
        '2s',
        '--interval',
        '500ms',
        '--comm',
        NAPPER,
        '--json',
      );
      expect(traced.stderr).toContain('stored in');
      expect(traced.status).toBe(0);
      const summary = JSON.parse(traced.stdout);
      expect(summary.batches).toBeGreaterThanOrEqual(4);
      const { stdout } = kernelscope(
        'query',
        '--sqlite',
        database,
        '--where',
        'stack contains nanosleep',
        '--json',
      );
      const rows = JSON.parse(stdout) as { process: string; stack: string; elapsed: number }[];
      expect(rows.length).toBeGreaterThan(10);
      expect(new Set(rows.map((row) => row.process))).toEqual(new Set([NAPPER]));
      for (const { stack } of rows)
        expect(stack).toMatch(/^(entry_|el0|asm_|ret_from)[^;]*;.*nanosleep.*;schedule;__schedule$/);
      const longest = Math.max(...rows.map((row) => row.elapsed));
      expect(longest).toBeGreaterThan(49e6);
      expect(longest).toBeLessThan(500e6);
    });

    it('keeps to the threshold', () => {
      kernelscope(
        'trace',
        'offcpu',
        '--sqlite',
        database,
        '--duration',
        '1s',
        '--interval',
        '500ms',
        '--comm',
        NAPPER,
        '--threshold',
        '40000',
      );
      expect(countRecords(`process = '${NAPPER}'`)).toBeGreaterThan(0);
      expect(countRecords(`process = '${NAPPER}' and elapsed < 40000000`)).toBe(0);
    });

    it.each(['SIGINT', 'SIGTERM'] as const)('stores what was measured when %s ends it', async (signal) => {
      const trace = start('trace', 'offcpu', '--sqlite', database, '--interval', '1h', '--comm', NAPPER);
      await until(() => trace.said.includes('tracing'));
      await delay(1500);
      trace.kill(signal);
      expect(await trace.exit).toEqual([0, null]);
      expect(countRecords(`process = '${NAPPER}'`)).toBeGreaterThan(0);
      expect(integrity()).toBe('ok');
    });

    it('ends in order whenever it is told to, however early', async () => {
      for (const afterMs of [0, 40, 80, 120, 180, 250, 350, 500, 800, 1500, 3000]) {
        const trace = start(
          'trace',
          'offcpu',
          '--sqlite',
          database,
          '--interval',
          '100ms',
          '--comm',
          'early-stop-*',
        );
        await delay(afterMs);
        trace.kill('SIGINT');
        const [code, signal] = (await trace.exit) as [number | null, string | null];
        // Before the program listens to signals there is nothing to flush, and the system ends it.
        expect(
          [code === 0, signal === 'SIGINT'],
          `${afterMs} ms: ${code} ${signal}\n${trace.said}`,
        ).toContain(true);
        expect(integrity()).toBe('ok');
      }
      const { stdout } = spawnSync('pgrep', ['-f', '--', 'kernelscope-trace.*early-stop'], {
        encoding: 'utf8',
      });
      expect(stdout).toBe('');
    });

    it('loses nothing when the logger is away for a while', async () => {
      const port = await freePort();
      const trace = start(
        'trace',
        'offcpu',
        '--logger',
        `http://127.0.0.1:${port}`,
        '--interval',
        '300ms',
        '--comm',
        NAPPER,
        '--json',
      );
      await until(() => trace.said.includes('batches wait'));
      const logger = start('serve', 'logger', '--sqlite', database, String(port));
      await until(() => logger.said.includes('logger on'));
      await delay(1500);
      trace.kill('SIGINT');
      expect(await trace.exit).toEqual([0, null]);
      const summary = JSON.parse(trace.said.slice(trace.said.indexOf('{')).replace(/\}[^}]*$/, '}'));
      logger.kill('SIGTERM');
      expect(await logger.exit).toEqual([0, null]);
      expect(countRecords('1')).toBe(summary.records);
      expect(
        execFileSync('sqlite3', [database, 'select count(*) from batch'], { encoding: 'utf8' }).trim(),
      ).toBe(String(summary.batches));
    });

    it('keeps for the next trace what it could not store, and says so with 69', async () => {
      const port = await freePort();
      const trace = ['trace', 'offcpu', '--logger', `http://127.0.0.1:${port}`, '--comm', NAPPER];
      const inVain = kernelscope(...trace, '--duration', '500ms');
      expect(inVain.stderr).toContain(
        `1 batch could not be stored: the logger http://127.0.0.1:${port} does not answer`,
      );
      expect(inVain.stderr).toContain(`it is kept in ${folder}/kernelscope/spool/127.0.0.1_${port}`);
      expect(inVain.status).toBe(69);
      const logger = start('serve', 'logger', '--sqlite', database, String(port));
      await until(() => logger.said.includes('logger on'));
      const next = kernelscope(...trace, '--duration', '500ms');
      expect([next.status, next.stderr]).toEqual([0, expect.stringContaining('1 batch of earlier traces')]);
      logger.kill('SIGTERM');
      await logger.exit;
      expect(
        execFileSync('sqlite3', [database, 'select count(*) from batch'], { encoding: 'utf8' }).trim(),
      ).toBe('2');
    });

    it('prints NDJSON, and ends quietly when the reader goes', () => {
      const command = `'${process.execPath}' '${run}' trace offcpu --ndjson --interval 200ms --duration 20s | head -n 2`;
      const { stdout, stderr, status } = spawnSync('bash', ['-o', 'pipefail', '-c', command], {
        stdio: ['ignore', 'pipe', 'pipe'],
        encoding: 'utf8',
        timeout: 60_000,
      });
      expect([status, stderr]).toEqual([0, '']);
      const rows = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(rows).toHaveLength(2);
      expect(Object.keys(rows[0])).toEqual([
        ...['hostname', 'time', 'process', 'pid', 'stack', 'elapsed', 'count', 'max', 'state'],
      ]);
    });

    it('tells an unprivileged user what is missing, with 77', () => {
      const traced = [process.execPath, run, 'trace', 'offcpu', '--ndjson', '--duration', '1s'];
      const [program = '', ...args] = asUser(nobody, traced);
      const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000, cwd: '/' });
      expect(stderr).toMatch(/root|CAP_BPF/);
      expect(status).toBe(77);
    });
  },
);
