import { KernelscopeError } from '../base/kernelscope-error.ts';

/** The bit of a block whose task could have run on (preempted or yielding); no TASK_* of a kernel has it. */
export const RUNNABLE = 0x8000_0000;

/** The letters of ps(1) and /proc/PID/stat, with the bits that the kernel reports for them. */
const bitsOfLetter: Readonly<Record<string, number>> = {
  R: RUNNABLE,
  S: 0x1,
  D: 0x2,
  T: 0x4,
  t: 0x8,
  P: 0x40,
  I: 0x400,
};

/**
 * Reads task states, such as `D`, `DS`, `R,D` or `0x2`, into a mask: letters as in ps(1), or TASK_* numbers, of which
 * 0 (TASK_RUNNING) means the same as R. An idle kernel thread (I) does not count as D. Throws `bad_value`.
 */
export function parseTaskStates(text: string): number {
  let mask = 0;
  for (const part of text.split(',').map((item) => item.trim())) {
    if (/^(?:0x[0-9a-f]{1,8}|\d{1,10})$/i.test(part) && Number(part) <= 0xffff_ffff) {
      mask = or(mask, Number(part) || RUNNABLE);
      continue;
    }
    if (part === '') throw badStates(text);
    for (const letter of part) {
      const bits = Object.hasOwn(bitsOfLetter, letter) ? bitsOfLetter[letter] : undefined;
      if (bits === undefined) throw badStates(text);
      mask = or(mask, bits);
    }
  }
  return mask;
}

/** Gives the letters of a mask, in the order of ps(1): `D`, `RS`; `?` where it has none of them. */
export function formatTaskStates(mask: number): string {
  // TASK_IDLE has the bit of D as well.
  const shown = (mask & 0x400) !== 0 ? mask & ~0x2 : mask;
  const letters = Object.keys(bitsOfLetter).filter((letter) => (shown & (bitsOfLetter[letter] ?? 0)) !== 0);
  return letters.length === 0 ? '?' : letters.join('');
}

/** Joins two masks as an unsigned number. */
function or(a: number, b: number): number {
  return (a | b) >>> 0;
}

function badStates(text: string): KernelscopeError {
  return new KernelscopeError('bad_value', `'${text}' is not a set of task states`, {
    suggestions: [
      `write letters of ${Object.keys(bitsOfLetter).join(', ')}, such as D or SD, or a number such as 2 or 0x402`,
      'R is a task that was preempted and waits for a CPU',
    ],
  });
}
