import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { Condition } from './condition.ts';
import { compilePattern } from './match-text.ts';
import { pointAt, tokenizeWhere } from './tokenize-where.ts';

/**
 * Checks every regular expression of a where clause that `parseWhere` has read, whether or not it will ever be needed.
 * Throws `bad_value` with the clause and a caret.
 */
export async function checkPatterns(source: string | undefined): Promise<void> {
  if (source === undefined || !source.includes('~')) return;
  const tokens = tokenizeWhere(source);
  for (const [at, { kind, text, start }] of tokens.entries()) {
    const sign = tokens[at - 1];
    if ((kind !== 'word' && kind !== 'quoted') || sign?.kind !== 'sign') continue;
    if (sign.text !== '~' && sign.text !== '!~') continue;
    await compilePattern(text).catch((error: unknown) => {
      throw error instanceof KernelscopeError ? pointAt(error, source, start) : error;
    });
  }
}

/** Checks every regular expression of a condition. Throws `bad_value`. */
export async function checkConditionPatterns(condition: Condition): Promise<void> {
  if (condition.kind === 'compare') {
    if (condition.operator === '~' || condition.operator === '!~')
      await compilePattern(condition.value as string);
    return;
  }
  for (const part of condition.conditions) await checkConditionPatterns(part);
}
