import fc from 'fast-check';
import { expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/offcputime.ts';
import { completeWhere } from '../../../src/web/app/query/complete-where.ts';

const values = (column: string) => (column === 'process' ? ['dd', 'my app', 'postgres', "it's"] : []);

function complete(written: string): string[] {
  return completeWhere(written, offcputime, values).options.map((option) => option.text);
}

test.each([
  ['', ['hostname', 'time', 'process', 'pid', 'stack', 'elapsed', 'count', 'max', 'state', 'labels.', 'not']],
  ['p', ['process', 'pid']],
  ['not st', ['stack', 'state']],
  ['(ela', ['elapsed']],
  ['pid ', ['=', '!=', '<', '>=', '>', '<=', 'in', 'not in', 'is null', 'is not null']],
  ['process c', ['contains']],
  ['process not ', ['contains', 'in']],
  ['process is ', ['null', 'not null']],
  ['process is not ', ['null']],
  ['process is null ', ['and', 'or']],
  ['process = ', ['dd', "'my app'", 'postgres', "'it\\'s'"]],
  ['process = my', ["'my app'"]],
  ['process in ', ['(']],
  ['process in (', ['dd', "'my app'", 'postgres', "'it\\'s'"]],
  ['process in (dd, p', ['postgres']],
  ['process in (dd) ', ['and', 'or']],
  ['elapsed > ', ['100us', '1ms', '10ms', '100ms', '1s']],
  ['elapsed > 10', ['100us', '10ms', '100ms']],
  ['time >= ', ['-15m', '-1h', '-24h']],
  ['pid = ', []],
  ['labels.kernel = ', []],
  ['elapsed > 5ms a', ['and']],
  ['elapsed > 5ms and pro', ['process']],
  ['nonsense ', []],
  ['process = "', []],
  ['elapsed', []],
])('after %j come %j', (written, expected) => {
  expect(complete(written)).toEqual(expected);
});

test('says where the word to be replaced starts', () => {
  expect(completeWhere('pid = 1 and pro', offcputime, values).start).toBe('pid = 1 and '.length);
  expect(completeWhere('pid = 1 and ', offcputime, values).start).toBe('pid = 1 and '.length);
});

test('never fails on what is being written', () => {
  const words = fc.constantFrom(
    'elapsed',
    'process',
    '>',
    'in',
    '(',
    ')',
    ',',
    'and',
    'not',
    'is',
    "'",
    '"',
    ' ',
    '5ms',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 3 }))), (parts) => {
      const written = parts.join('');
      const { start } = completeWhere(written, offcputime, values);
      expect(start).toBeLessThanOrEqual(written.length);
    }),
  );
});
