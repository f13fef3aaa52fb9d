import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../../src/core/store/index.ts';
import { projectRoot } from '../../support/read-module.ts';
import { kernelscope, plainEnvironment } from '../../support/run-command.ts';
import { makeDatabaseFile } from '../../support/run-services.ts';
import { batchOf } from '../../support/sample-batch.ts';
import { temporaryFolder } from '../../support/test-database.ts';
import { TmuxTerminal, whyNoTmux } from '../../support/tmux-terminal.ts';

const program = `'${process.execPath}' --disable-warning=ExperimentalWarning '${join(projectRoot, 'bin/dev.js')}'`;

async function openTerminal(args: string, env: Readonly<Record<string, string>> = {}): Promise<TmuxTerminal> {
  const script = `${program} ${args}\necho ENDED WITH $?`;
  const terminal = await TmuxTerminal.open(
    script,
    { columns: 200, rows: 50 },
    { ...plainEnvironment, ...env },
  );
  onTestFinished(() => terminal.close());
  return terminal;
}

describe.skipIf(whyNoTmux !== undefined)(`asked on a terminal ${whyNoTmux ?? ''}`, () => {
  test('query -i offers columns, operators and values of the data, says the command line and runs it', async () => {
    const file = await makeDatabaseFile(await temporaryFolder());
    const store = await openStore({ backend: 'sqlite', address: file });
    await store.append([{ batch: batchOf(9) }]);
    await store.close();
    const terminal = await openTerminal(`query -i -c offcputime --sqlite '${file}'`);
    await terminal.untilShows(/Only some of the records\?/);
    await terminal.press('Enter');
    await terminal.untilShows(/Of which column\?/);
    // hostname, time, process
    await terminal.press('Down', 'Down', 'Enter');
    await terminal.untilShows(/process \.\.\.(.|\n)*contains/);
    await terminal.press('Enter');
    await terminal.untilShows(/process is(.|\n)*p0(.|\n)*p1/);
    await terminal.send('p1');
    await terminal.untilShows(/process is p1\s*\n.*p1/);
    await terminal.press('Enter');
    await terminal.untilShows(/One more condition\?/);
    await terminal.press('Enter');
    await terminal.untilShows(/Which columns\?/);
    await terminal.press('Enter');
    await terminal.untilShows(/In which order\?/);
    await terminal.press('Enter');
    await terminal.untilShows(/How many records/);
    await terminal.press('Enter');
    const shown = (await terminal.untilShows(/ENDED WITH/)).join('\n');
    expect(shown).toContain(
      `kernelscope query -c offcputime --sqlite ${file} --where 'process = p1' --limit 20`,
    );
    expect(shown).toContain('2 records, 0 lost');
    expect(shown).toContain('ENDED WITH 0');
  });

  test('category add -i asks for name and columns, refuses what cannot be, and declares it', async () => {
    const file = await makeDatabaseFile(await temporaryFolder());
    const terminal = await openTerminal(`category add -i --sqlite '${file}'`);
    await terminal.untilShows(/What is the category called\?/);
    await terminal.send('Requests');
    await terminal.press('Enter');
    await terminal.untilShows(/cannot be the name/);
    for (let at = 0; at < 8; at++) await terminal.press('BSpace');
    await terminal.send('requests');
    await terminal.press('Enter');
    await terminal.untilShows(/And to people\?/);
    await terminal.press('Enter');
    await terminal.untilShows(/Name of column 1/);
    await terminal.send('took');
    await terminal.press('Enter');
    await terminal.untilShows(/What is in took\?/);
    await terminal.press('Down', 'Down', 'Enter');
    await terminal.untilShows(/In which unit\?/);
    await terminal.press('Enter');
    await terminal.untilShows(/Does every record have it\?/);
    await terminal.press('Enter');
    await terminal.untilShows(/One more column\?/);
    await terminal.send('n');
    await terminal.press('Enter');
    const shown = (await terminal.untilShows(/ENDED WITH/)).join('\n');
    expect(shown).toContain(`kernelscope category add requests --column took:elapsed:us --sqlite ${file}`);
    expect(shown).toContain('requests is declared');
  });

  test('db init asks where nothing says where, Ctrl-C ends it, and nothing was made', async () => {
    const folder = await temporaryFolder();
    const env = { HOME: folder, XDG_DATA_HOME: folder };
    const asked = await openTerminal('db init', env);
    await asked.untilShows(/Where are records to be kept\?/);
    await asked.press('C-c');
    await asked.untilShows(/ENDED WITH 130/);
    expect((await kernelscope(['db', 'status'], { env })).exitCode).toBe(2);
    const made = await openTerminal('db init', env);
    await made.untilShows(/Where are records to be kept\?/);
    await made.press('Enter');
    await made.untilShows(/kernelscope\.db is ready(.|\n)*ENDED WITH 0/);
  });

  test('category drop asks, and no is the answer that Enter gives', async () => {
    const file = await makeDatabaseFile(await temporaryFolder());
    await kernelscope(['category', 'add', 'requests', '--column', 'took:elapsed', '--sqlite', file]);
    const terminal = await openTerminal(`category drop requests --sqlite '${file}'`);
    await terminal.untilShows(/Delete category requests and its 0 records\?/);
    await terminal.press('Enter');
    await terminal.untilShows(/requests stays(.|\n)*ENDED WITH 0/);
  });

  test('in CI nothing is asked, not even on a terminal', async () => {
    const terminal = await openTerminal('query -i', { CI: 'true' });
    await terminal.untilShows(/query -i asks on a terminal(.|\n)*ENDED WITH 2/);
  });
});

test('off a terminal nothing is asked', async () => {
  for (const args of [
    ['query', '-i'],
    ['category', 'add', '-i'],
  ])
    expect(await kernelscope(args)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('asks on a terminal'),
    });
});
