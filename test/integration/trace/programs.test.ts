import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { tracePrograms } from '../../../src/core/trace/index.ts';
import { type TraceObstacle, whyCannotTrace } from '../../../src/core/trace/why-cannot-trace.ts';
import { projectRoot } from '../../support/read-module.ts';
import { kernelscope, plainEnvironment } from '../../support/run-command.ts';
import { makeDatabaseFile, startServices } from '../../support/run-services.ts';
import { makeFolder, withSqlite } from '../../support/sqlite-file.ts';
import { childrenOf } from '../bpf/support.ts';

/** What keeps this host from tracing, by program. */
const obstacles = new Map<string, TraceObstacle | undefined>();
for (const program of tracePrograms) obstacles.set(program.name, (await whyCannotTrace(program))[0]);

function title(name: string): string {
  const reason = obstacles.get(name)?.reason;
  return reason === undefined ? name : `${name} (skipped: ${reason})`;
}

/** Whether a process holds what the kernel gives for an attached program. */
function isTracing(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) =>
      /bpf_link|perf_event|bpf-raw-tracepoint/.test(readlinkSync(`/proc/${pid}/fd/${fd}`)),
    );
  } catch {
    return false;
  }
}

/** A command that each program has something to say of; none where that depends on the disks of the host. */
const commands: Readonly<Record<string, readonly string[]>> = {
  oncpu: ['sh', '-c', 'i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done'],
  // More than one sleep, for the end of one in some hundred is hidden from BPF on some machines.
  offwake: ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9; do sleep 0.02; done'],
  runqlat: ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9; do sleep 0.02; done'],
};

/** Traces a command into a database that does not know of the program yet. Gives how many records there are. */
async function traceInto(file: string, program: string): Promise<number> {
  const { exitCode, stdout, stderr } = await kernelscope([
    ...['trace', program, '--sqlite', file, '--json', '--label', 'run=a'],
    ...['--', ...(commands[program] ?? ['sync'])],
  ]);
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining(`stored in ${file}`)]);
  return (JSON.parse(stdout) as { records: number }).records;
}

// trace-command.test.ts has the other one.
describe.each(tracePrograms.filter(({ name }) => name !== 'offcpu'))('$name', ({ name, category }) => {
  test.skipIf(obstacles.get(name) !== undefined)(
    `${title(name)} is traced into a database that does not know of it yet`,
    async () => {
      using folder = makeFolder();
      const file = await makeDatabaseFile(folder.path);
      const records = await traceInto(file, name);
      if (commands[name] !== undefined) expect(records).toBeGreaterThan(0);
      await withSqlite(file, async (_, database) => {
        const rows = database.prepare(`SELECT * FROM "${category.name}"`).raw(false);
        expect(rows.columns().map((column) => column.name)).toEqual(
          category.columns.map((column) => column.name),
        );
        expect(rows.all()).toHaveLength(records);
      });
    },
  );
});

test.skipIf(obstacles.get('offwake') !== undefined)(
  `${title('offwake')}: what was traced is asked for and drawn as any other category`,
  async () => {
    using folder = makeFolder();
    const file = await makeDatabaseFile(folder.path);
    const records = await traceInto(file, 'offwake');
    const of = ['--category', 'offwake', '--sqlite', file, '--label', 'run=a'];
    const asked = await kernelscope(['query', ...of, '--json']);
    const rows = JSON.parse(asked.stdout) as { elapsed: number; stack: string }[];
    expect(rows).toHaveLength(records);
    for (const { stack } of rows) expect(stack.split(';')).toContain('--');
    const drawn = await kernelscope(['flamegraph', ...of, '--format', 'json']);
    const whole = rows.reduce((sum, { elapsed }) => sum + elapsed, 0);
    expect(JSON.parse(drawn.stdout)).toMatchObject({ name: 'root', value: whole });
  },
);

test.skipIf(obstacles.get('oncpu') !== undefined)(
  `${title('oncpu')}: a logger takes what its database does not know of yet, and the web service shows it`,
  async () => {
    using folder = makeFolder();
    const services = await startServices(await makeDatabaseFile(folder.path));
    try {
      const traced = await kernelscope([
        ...['trace', 'oncpu', '--logger', services.loggerUrl, '--frequency', '999', '--no-spool'],
        ...['--', ...commands.oncpu!],
      ]);
      expect([traced.exitCode, traced.stderr]).toEqual([0, expect.stringContaining('0 events lost')]);
      const categories = await (await fetch(`${services.webUrl}/api/getcategories`)).json();
      expect(Object.keys(categories as object)).toEqual(['offcputime', 'oncpu']);
      const answer = await fetch(`${services.webUrl}/api`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ oncpu: { elements: ['stack', 'samples'], format: 'flamegraph' } }),
      });
      const tree = (await answer.json()) as { name: string; value: number };
      expect(tree.name).toBe('root');
      expect(tree.value).toBeGreaterThan(0);
      expect(services.bugs).toEqual([]);
    } finally {
      await services.close();
    }
  },
);

test("a category of one's own with the name of a trace program stays as it is, and is not traced into", async () => {
  using folder = makeFolder();
  const file = await makeDatabaseFile(folder.path);
  const missing = await kernelscope(['query', '--category', 'runqlat', '--sqlite', file]);
  expect(missing.stderr).toContain('it comes with its first records: kernelscope trace runqlat');
  const columns = ['--column', 'process:string', '--column', 'latency:elapsed:us'];
  const added = await kernelscope(['category', 'add', 'runqlat', '--sqlite', file, ...columns]);
  expect([added.exitCode, added.stderr]).toEqual([0, expect.anything()]);
  const traced = await kernelscope(['trace', 'runqlat', '--sqlite', file, '--duration', '1s']);
  expect(traced.stderr).toContain("category 'runqlat' is declared already, and differently");
  expect(traced.exitCode).toBe(2);
  const shown = await kernelscope(['category', 'show', 'runqlat', '--sqlite', file, '--json']);
  expect(shown.stdout).toContain('latency');
});

test.skipIf(obstacles.get('oncpu') !== undefined || obstacles.get('runqlat') !== undefined)(
  `${title('oncpu')}: services trace their host with several programs at once`,
  async () => {
    using folder = makeFolder();
    const file = await makeDatabaseFile(folder.path);
    const serve = ['serve', '--sqlite', file, '--logger-port', '0', '--web-port', '0'];
    const wrong = await kernelscope([...serve, '--trace', 'runqlat', '--trace', 'offcp']);
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining("did you mean 'offcpu'?")]);
    const child = spawn(
      process.execPath,
      [
        ...['--disable-warning=ExperimentalWarning', join(projectRoot, 'bin/dev.js')],
        ...[...serve, '--trace', 'oncpu', '--trace', 'runqlat'],
      ],
      { env: plainEnvironment, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const exit = once(child, 'exit');
    // Both helpers are there once they hold what the kernel gives for an attached program.
    while (child.exitCode === null && childrenOf(child.pid as number).filter(isTracing).length < 2)
      await delay(50);
    child.kill('SIGINT');
    expect(await exit).toEqual([0, null]);
    await withSqlite(file, async (ask) => {
      expect(await ask("SELECT name FROM category WHERE name != 'offcputime' ORDER BY name")).toEqual([
        ['oncpu'],
        ['runqlat'],
      ]);
    });
  },
);
