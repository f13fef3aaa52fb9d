import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../../src/core/store/index.ts';
import { projectRoot } from '../../support/read-module.ts';
import { kernelscope, plainEnvironment } from '../../support/run-command.ts';
import { makeDatabaseFile, startServices } from '../../support/run-services.ts';
import { offcputimeBatch } from '../../support/sample-batch.ts';
import { temporaryFolder } from '../../support/test-database.ts';
import { TmuxTerminal, whyNoTmux } from '../../support/tmux-terminal.ts';

const program = `'${process.execPath}' --disable-warning=ExperimentalWarning '${join(projectRoot, 'bin/dev.js')}'`;
const records = [
  ['dd', 1, 'read;schedule', 7_500_000],
  ['fio', 2, 'write;io_schedule', 2_500_000],
] as const;

async function filledFile(): Promise<string> {
  const file = await makeDatabaseFile(await temporaryFolder());
  const store = await openStore({ backend: 'sqlite', address: file });
  await store.append([{ batch: offcputimeBatch(records, { lost: 3 }) }]);
  await store.close();
  return file;
}

describe.skipIf(whyNoTmux !== undefined)(`top in a terminal ${whyNoTmux ?? ''}`, () => {
  test('regroups, filters, shows what comes in, and leaves the terminal as it was', async () => {
    const file = await filledFile();
    const script = `echo BEFORE; before=$(stty -g); ${program} top --interval 100ms --sqlite '${file}'; echo ENDED WITH $?; [ "$before" = "$(stty -g)" ] && echo SAME SETTINGS`;
    const terminal = await TmuxTerminal.open(script, { columns: 100, rows: 20 }, { ...plainEnvironment });
    onTestFinished(() => terminal.close());
    await terminal.untilShows(/75\.0% {2}dd\n.*25\.0% {2}fio/);
    await terminal.press('g', 'g');
    await terminal.untilShows(/by wchan(.|\n)*75\.0% {2}read/);
    await terminal.press('g');
    await terminal.untilShows(/by stack(.|\n)*read;schedule/);
    await terminal.send('/io_');
    await terminal.press('Enter');
    await terminal.untilShows(/with 'io_'(.|\n)*100\.0% {2}write;io_schedule/);
    await terminal.press('Escape', 'G', 'G', 'G');
    await terminal.untilShows(/by process(.|\n)*fio/);
    const store = await openStore({ backend: 'sqlite', address: file });
    await store.append([{ batch: offcputimeBatch([['newcomer', 3, 'x', 90_000_000]]) }]);
    await store.close();
    await terminal.untilShows(/90\.0% {2}newcomer/);
    await terminal.press('q');
    const shown = (await terminal.untilShows(/SAME SETTINGS/)).join('\n');
    expect(shown).toContain('BEFORE');
    expect(shown).toContain('ENDED WITH 0');
    expect(await terminal.modes()).toEqual({ otherScreen: false, cursor: true, mouse: false });
  });
});

test('elsewhere top prints a table each time, of a service too', async () => {
  const file = await filledFile();
  const services = await startServices(file);
  try {
    const args = ['top', '--rounds', '2', '--interval', '1ms', '--server', services.webUrl];
    const { stdout, exitCode } = await kernelscope(args);
    expect(exitCode).toBe(0);
    expect(stdout.match(/^process +sum\(elapsed\)/gm)).toHaveLength(2);
    expect(stdout).toMatch(/^dd +7\.5 ms +1 +7\.5 ms +7\.5 ms$/m);
    expect(stdout).toContain('2 groups, 2 records, 3 lost');
    const json = await kernelscope(['top', '--by', 'leaf', '--json', '--sqlite', file]);
    expect(JSON.parse(json.stdout)).toMatchObject([{ leaf: 'schedule' }, { leaf: 'io_schedule' }]);
    expect(await kernelscope(['top', '--by', 'lef', '--rounds', '1', '--sqlite', file])).toMatchObject({
      exitCode: 2,
    });
  } finally {
    await services.close();
  }
});
