import { KernelscopeError } from '../core/index.ts';

/** Tells whether somebody sits there who can answer: a terminal on both sides, and no CI. */
export function canAsk(): boolean {
  const { CI } = process.env;
  const isAutomated = CI !== undefined && CI !== '' && CI !== 'false' && CI !== '0';
  return process.stdin.isTTY === true && process.stderr.isTTY === true && !isAutomated;
}

/** Throws `usage` where nobody can be asked; `remedy` says what to write instead. */
export function requireAsking(what: string, remedy: string): void {
  if (canAsk()) return;
  throw new KernelscopeError('usage', `${what} asks on a terminal, and there is none, or this is CI`, {
    suggestions: [remedy],
  });
}

/** Where questions are asked: stdout is for data. */
export const askingContext = { output: process.stderr } as const;

/** Loads what asks; commands that ask nothing do not pay for it. */
export function loadPrompts() {
  return import('@inquirer/prompts');
}

/** Tells what command line says what was answered, so that it need not be asked again. */
export function sayCommandLine(words: readonly string[]): void {
  process.stderr.write(`${printCommandLine(['kernelscope', ...words])}\n`);
}

/** Prints words as a command line that a shell reads back as the same words. */
export function printCommandLine(words: readonly string[]): string {
  return words.map(quoteForShell).join(' ');
}

function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
