import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../../src/core/store/index.ts';
import { kernelscope } from '../../support/run-command.ts';
import { kernelscopeInTerminal, whyNoTerminal } from '../../support/run-in-terminal.ts';
import { makeDatabaseFile } from '../../support/run-services.ts';
import { offcputimeBatch } from '../../support/sample-batch.ts';
import { makeFolder } from '../../support/test-database.ts';

const stack = 'entry_SYSCALL_64;do_syscall_64;__x64_sys_write;btrfs_file_write_iter;wait_for_space;schedule';

describe.skipIf(whyNoTerminal !== undefined)(
  `in a terminal${whyNoTerminal ? ` (skipped: ${whyNoTerminal})` : ''}`,
  () => {
    let file: string;
    let removeFolder: () => Promise<void>;

    beforeAll(async () => {
      const { folder, remove } = await makeFolder();
      removeFolder = remove;
      file = await makeDatabaseFile(folder);
      const store = await openStore({ backend: 'sqlite', address: file });
      const hostile = '\u001b]0;owned\u0007\u009b31m\u202e';
      await store.append([
        {
          batch: offcputimeBatch([
            ['dd', 1, stack, 5_000_000],
            [hostile, 2, `a;${hostile}`, 1],
          ]),
        },
      ]);
      await store.close();
    });
    afterAll(() => removeFolder());

    const show = (args: readonly string[], env = {}) =>
      kernelscopeInTerminal(['query', '--sqlite', file, '--sort', 'pid', ...args], { columns: 80, env });

    test('a table fits it, and its head is dim', () => {
      const shown = show([]);
      expect(shown).toContain('\u001b[2mprocess');
      const lines = stripVTControlCharacters(shown).split('\r\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
      expect(lines[1]).toContain('wait_for_s…');
      expect(lines.at(-2)).toBe('2 records, 0 lost');
    });

    test('a table may be asked to be whole', () => {
      expect(show(['--full'])).toContain(stack);
    });

    test.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('%j makes it plain', (env) => {
      expect(show(['--limit', '1'], env)).not.toContain('\u001b');
    });

    test('an empty NO_COLOR says nothing', () => {
      expect(show(['--limit', '1'], { NO_COLOR: '' })).toContain('\u001b[2m');
    });

    describe('a flame graph', () => {
      const draw = (env = {}) =>
        kernelscopeInTerminal(['flamegraph', '--sqlite', file, '--where', 'process = dd'], {
          columns: 80,
          env,
        });

      test('is drawn as text that fits, in the 256 colours that there are', () => {
        const shown = draw();
        expect(shown).toContain('\u001b[48;5;');
        expect(shown).not.toContain('\u001b[48;2;');
        const lines = stripVTControlCharacters(shown).trimEnd().split('\r\n');
        expect(lines.length).toBeLessThan(30);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
        expect(lines.join('\n')).toMatch(/^▏do_syscall_64… > wait_for_space 5 ms 100% *$/m);
        expect(lines).toContain('Heaviest stacks');
      });

      test('is plain under NO_COLOR', () => {
        const shown = draw({ NO_COLOR: '1' });
        expect(shown).not.toContain('\u001b');
        expect(shown).toContain('Heaviest stacks');
      });

      test('is SVG where nobody looks', async () => {
        const { stdout } = await kernelscope(['flamegraph', '--sqlite', file]);
        expect(stdout).toMatch(/^<\?xml [^>]*>\n<svg /);
      });
    });

    test.each(['table', 'json', 'ndjson', 'csv', 'tsv'])(
      'no name of a host is a command to it: %s',
      (format) => {
        const shown = show(['--format', format]).replaceAll(/\u001b\[(2|22)m/g, '');
        expect(
          [...shown].filter((character) =>
            /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202e]/.test(character),
          ),
        ).toEqual([]);
        expect(shown).toContain('owned');
      },
    );
  },
);
