import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../../support/read-module.ts';
import { kernelscope, plainEnvironment } from '../../support/run-command.ts';
import { makeDatabaseFile } from '../../support/run-services.ts';
import { awkward, everything } from '../../support/sample-categories.ts';
import { makeFolder } from '../../support/test-database.ts';
import { TmuxTerminal, whyNoTmux } from '../../support/tmux-terminal.ts';

const missing = (shell: string) =>
  spawnSync(shell, ['-c', 'true']).status === 0 ? undefined : `there is no ${shell}`;

describe('completion in real shells', () => {
  let folder: string;
  let remove: () => Promise<void>;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    ({ folder, remove } = await makeFolder());
    mkdirSync(join(folder, 'bin'));
    const program = join(folder, 'bin/kernelscope');
    const dev = join(projectRoot, 'bin/dev.js');
    writeFileSync(
      program,
      `#!/bin/sh\nexec '${process.execPath}' --disable-warning=ExperimentalWarning '${dev}' "$@"\n`,
    );
    chmodSync(program, 0o755);
    env = {
      ...plainEnvironment,
      HOME: folder,
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      KERNELSCOPE_DB: await makeDatabaseFile(folder, [everything, awkward]),
    };
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { stdout } = await kernelscope(['completion', shell]);
      writeFileSync(join(folder, `completion.${shell}`), stdout);
    }
  });
  afterAll(() => remove());

  const shellSays = (shell: string, script: string) =>
    spawnSync(shell, ['-c', script], { cwd: folder, env, encoding: 'utf8', timeout: 100_000 }).stdout.trim();

  test('bash: a category of the database, also behind =, which is a word of its own there', () => {
    const script = (words: string, last: number, line: string) =>
      `. ./completion.bash; COMP_WORDS=(${words}); COMP_CWORD=${last}; COMP_LINE='${line}'; COMP_POINT=${line.length}; _kernelscope 2>/dev/null; echo "\${COMPREPLY[@]}"`;
    expect(shellSays('bash', script('kernelscope query -c ev', 3, 'kernelscope query -c ev'))).toBe(
      'everything',
    );
    expect(
      shellSays('bash', script('kernelscope query --category = ev', 4, 'kernelscope query --category=ev')),
    ).toBe('everything');
  });

  test.skipIf(whyNoTmux !== undefined)(
    `bash: what has a meaning to it is escaped at the prompt, and not in quotes ${whyNoTmux ?? ''}`,
    async () => {
      writeFileSync(join(folder, '.bashrc'), `. ${folder}/completion.bash; PS1='ready> '\n`);
      const terminal = await TmuxTerminal.open('exec bash -i', { columns: 100, rows: 20 }, env);
      try {
        await terminal.untilShows(/ready>/);
        await terminal.send('kernelscope query -c everything --agg count,su');
        await terminal.press('Tab');
        await terminal.untilShows(/--agg count,sum\\\(/);
        await terminal.send('s');
        await terminal.press('Tab');
        await terminal.untilShows(/--agg count,sum\\\(size\\\)/);
        await terminal.press('C-u');
        await terminal.send("kernelscope query -c everything --agg 'count,p50(de");
        await terminal.press('Tab');
        await terminal.untilShows(/--agg 'count,p50\(delta\)'/);
      } finally {
        await terminal.close();
      }
    },
  );

  test.skipIf(missing('fish'))(
    `fish: columns of the category${missing('fish') ? ` (skipped: ${missing('fish')})` : ''}`,
    () => {
      const line = 'kernelscope query -c everything --select label,no';
      expect(shellSays('fish', `source completion.fish; complete -C '${line}'`)).toBe('label,note\tstring');
    },
  );

  const whyNot = missing('zsh') ?? whyNoTmux;
  test.skipIf(whyNot !== undefined)(
    `zsh: what is typed is completed at the prompt${whyNot ? ` (skipped: ${whyNot})` : ''}`,
    async () => {
      writeFileSync(
        join(folder, '.zshrc'),
        `autoload -U compinit; compinit -u; source ${folder}/completion.zsh; PS1='ready> '\n`,
      );
      const terminal = await TmuxTerminal.open('exec zsh -i', { columns: 100, rows: 20 }, env);
      try {
        await terminal.untilShows(/ready>/);
        await terminal.send('kernelscope query -c every');
        await terminal.press('Tab');
        await terminal.untilShows(/query -c everything/);
      } finally {
        await terminal.close();
      }
    },
  );
});
