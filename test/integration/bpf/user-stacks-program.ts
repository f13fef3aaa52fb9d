import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

export const source = fileURLToPath(new URL('../../fixtures/trace/user-stacks.c', import.meta.url));

/** With frame records in functions too that call none: gcc leaves them out on arm64. */
export const framePointers = [
  '-fno-omit-frame-pointer',
  '-mno-omit-leaf-frame-pointer',
  '-fno-optimize-sibling-calls',
];

/** Compiles test/fixtures/trace/user-stacks.c into a folder of its own, and gives both paths. */
export function compileUserStacks(): { readonly folder: string; readonly program: string } {
  const folder = mkdtempSync(join(tmpdir(), 'kernelscope-user-stacks-'));
  const program = join(folder, 'user-stacks');
  execFileSync('gcc', ['-O1', '-g', '-no-pie', ...framePointers, source, '-o', program]);
  return { folder, program };
}

/** Runs a command to its end and gives its id. */
export async function runToEnd(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  expect(await once(child, 'exit')).toEqual([0, null]);
  return child.pid as number;
}
