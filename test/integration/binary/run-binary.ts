import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The executable under test. */
export const binary = join(root, 'build/kernelscope');

/** How one run ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is around the program when it runs; by default nothing at all. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** The folder it runs in; a new, empty one if absent. */
  readonly cwd?: string;
  readonly input?: string;
  /** A command that runs the command line that follows it. */
  readonly wrapper?: readonly string[];
  /** The executable, where it is not the built one. */
  readonly program?: string;
}

/** Builds the binary unless it is newer than what it is made of. */
export function buildIfStale(): void {
  const sources = ['src/**/*', 'sql/**/*', 'scripts/{binary/*,build-*}', 'package-lock.json'].flatMap(
    (pattern) => globSync(pattern, { cwd: root }),
  );
  const newestMs = Math.max(...sources.map((file) => statSync(join(root, file)).mtimeMs));
  if (existsSync(binary) && statSync(binary).mtimeMs > newestMs) return;
  execFileSync('npm', ['run', '--silent', 'build:binary'], { cwd: root, stdio: 'inherit' });
}

/** Makes an empty folder that is removed with all in it at the end of the block. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'kernelscope-binary-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs the binary to its end: no environment but what `surroundings` give it, and an empty folder as PATH. */
export function runBinary(args: readonly string[], surroundings: Surroundings = {}): Ended {
  using empty = temporaryFolder();
  const { env, cwd = empty.path, input = '', wrapper = [], program = binary } = surroundings;
  const [command, ...rest] = [...wrapper, program, ...args];
  const { error, status, stdout, stderr } = spawnSync(command!, rest, {
    cwd,
    env: { PATH: empty.path, ...env },
    input,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (error !== undefined) throw error;
  return { exitCode: status, stdout, stderr };
}
