import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseHelperOutput } from '../../../src/core/trace/parse-helper-output.ts';
import {
  foldStack,
  type KernelSymbols,
  nameFrame,
  parseKallsyms,
  readKernelSymbols,
  symbolName,
} from '../../../src/core/trace/symbolize.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/trace');
const parse = (text: string) => parseKallsyms(Buffer.from(text));
const namesOf = (symbols: KernelSymbols) =>
  Array.from(symbols.addresses, (_, place) => symbolName(symbols, place));

describe('symbols', () => {
  test('name the function that a return address lies in', () => {
    const symbols = parse('ffffffff81000000 T first\nffffffff81000010 t second\nffffffff81000020 W third\n');
    expect(nameFrame(symbols, 'ffffffff81000001')).toBe('first');
    expect(nameFrame(symbols, 'ffffffff81000011')).toBe('second');
    expect(nameFrame(symbols, 'ffffffff81000fff')).toBe('third');
    // A call that does not return is the last instruction of its function.
    expect(nameFrame(symbols, 'ffffffff81000010')).toBe('first');
    expect(nameFrame(symbols, 'ffffffff80ffffff')).toBe('[unknown]');
  });

  test('tell addresses apart that one double cannot hold', () => {
    const symbols = parse('ffffffff81000000 T a\nffffffff81000001 T b\nffffffff81000002 T c\n');
    expect(['1', '2', '3'].map((digit) => nameFrame(symbols, `ffffffff8100000${digit}`))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  test('leave out padding, data, and all but the first name of an address', () => {
    const symbols = parse(
      [
        'ffffffff81000000 T __pfx_do_work',
        'ffffffff81000008 T __cfi_do_work',
        'ffffffff81000010 T do_work',
        'ffffffff81000010 T do_work_alias',
        'ffffffff81000020 D some_data',
        '0000000000000000 A fixed_percpu_data',
        '',
      ].join('\n'),
    );
    expect(namesOf(symbols)).toEqual(['do_work', 'do_work_alias']);
    expect(nameFrame(symbols, 'ffffffff81000030')).toBe('do_work');
  });

  test('leave out the marks of arm64 for code and data', () => {
    const symbols = parse(
      [
        'ffffab949e5905e4 t $x\t[virtio_blk]',
        'ffffab949e5905e4 t virtblk_open\t[virtio_blk]',
        'ffffab949e590600 t $d.1\t[virtio_blk]',
        '',
      ].join('\n'),
    );
    expect(namesOf(symbols)).toEqual(['virtblk_open']);
    expect(nameFrame(symbols, 'ffffab949e590610')).toBe('virtblk_open');
  });

  test('of modules stand without the module, and out of order', () => {
    const symbols = parse(
      'ffffffff81000000 T core\nffffffffc0200000 t late\t[two]\nffffffffc0100000 t early\t[one]\n',
    );
    expect(namesOf(symbols)).toEqual(['core', 'early', 'late']);
    expect(nameFrame(symbols, 'ffffffffc0100001')).toBe('early');
  });

  test('do not lend the last name to code behind the end of the kernel', () => {
    const symbols = parse(
      'ffffffff81000000 T last\nffffffff81000100 T _etext\nffffffff82000000 T _einittext\n',
    );
    expect(nameFrame(symbols, 'ffffffff81000200')).toBe('[unknown]');
    expect(nameFrame(symbols, 'ffffffffc0300000')).toBe('[unknown]');
  });

  test('hidden behind zeros are an error with a remedy, not a wrong name', () => {
    expect(() => parse('0000000000000000 T first\n0000000000000000 t second\n')).toThrow(
      expect.objectContaining({
        code: 'permission_denied',
        suggestions: expect.arrayContaining([expect.stringContaining('CAP_SYSLOG')]),
      }),
    );
  });

  test('that are not there are an error', () => {
    expect(() => parse('')).toThrow(expect.objectContaining({ code: 'bad_input' }));
    expect(() => readKernelSymbols('/nowhere')).toThrow(expect.objectContaining({ code: 'cannot_trace' }));
  });

  test('fold a recorded stack root first, down to the scheduler', async () => {
    const symbols = parseKallsyms(readFileSync(join(fixtures, 'kallsyms.txt')));
    const folded: string[] = [];
    for await (const message of parseHelperOutput(createReadStream(join(fixtures, 'offcpu.ndjson')))) {
      if (message.type !== 'flush') continue;
      for (const addresses of message.stacks.values()) folded.push(foldStack(symbols, addresses));
    }
    expect(folded).toContain(
      'entry_SYSCALL_64_after_hwframe;do_syscall_64;__x64_sys_clock_nanosleep;common_nsleep;hrtimer_nanosleep;do_nanosleep;schedule;__schedule',
    );
    expect(folded.join('\n')).not.toContain('[unknown]');
    expect(folded.every((stack) => stack.endsWith(';schedule;__schedule'))).toBe(true);
  });

  test('say so where there is no stack', () => {
    expect(foldStack(parse('ffffffff81000000 T first\n'), [])).toBe('[no stack]');
  });
});
