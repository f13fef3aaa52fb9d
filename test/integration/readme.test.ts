import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
/** The shell examples of the README in order, with what stands behind ```sh. */
const examples = [
  ...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```sh( background)?\n(.*?)^```$/gms),
].map(([, mode, script]) => ({ script: script!, isBackground: mode !== undefined }));
const whyNot =
  process.getuid?.() === 0 && existsSync('/sys/kernel/btf/vmlinux')
    ? undefined
    : 'tracing needs root and BTF';

describe.skipIf(whyNot !== undefined)(
  `the README's examples${whyNot === undefined ? '' : ` (skipped: ${whyNot})`}`,
  () => {
    let folder: string;
    let env: NodeJS.ProcessEnv;
    const services: ChildProcess[] = [];

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'kernelscope-readme-'));
      writeFileSync(
        join(folder, 'kernelscope'),
        `#!/bin/sh\nexec '${process.execPath}' '${root}/bin/run.js' "$@"\n`,
      );
      chmodSync(join(folder, 'kernelscope'), 0o755);
      env = {
        ...process.env,
        PATH: `${folder}:${process.env.PATH}`,
        HOME: folder,
        XDG_DATA_HOME: folder,
        KERNELSCOPE_DB: 'kernelscope.db',
      };
    });

    afterAll(() => {
      for (const service of services) service.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    });

    it('holds examples of every task', () => {
      expect(examples.length).toBeGreaterThanOrEqual(7);
      expect(examples.filter((example) => example.isBackground)).toHaveLength(1);
    });

    it.each(examples.map((example, index) => [index + 1, example.script.split('\n')[0], example] as const))(
      'example %i runs: %s',
      async (_index, _title, { script, isBackground }) => {
        if (isBackground) {
          const service = spawn('bash', ['-euc', `exec ${script}`], {
            cwd: folder,
            env,
            stdio: ['ignore', 'ignore', 'pipe'],
          });
          services.push(service);
          await untilSaid(service, 'web on');
          return;
        }
        const { status, stdout, stderr } = spawnSync('bash', ['-euc', script], {
          cwd: folder,
          env,
          // From a socket bash would read the user's settings first, as for a remote shell.
          stdio: ['ignore', 'pipe', 'pipe'],
          encoding: 'utf8',
          timeout: 60_000,
          // A table is as wide as the longest stack of the host.
          maxBuffer: 1 << 28,
        });
        expect(status, `${script}\n${stdout}\n${stderr}`).toBe(0);
      },
    );

    it('left the files that the examples name', () => {
      for (const file of ['kernelscope.db', 'out.svg', 'slow.csv', 'fleet.svg'])
        expect(statSync(join(folder, file)).size, file).toBeGreaterThan(0);
    });
  },
);

async function untilSaid(child: ChildProcess, text: string): Promise<void> {
  let said = '';
  for await (const chunk of child.stderr!) {
    said += String(chunk);
    if (said.includes(text)) return;
  }
  throw new Error(`the service ended: ${said}`);
}
