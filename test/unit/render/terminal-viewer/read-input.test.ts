import { expect, test } from 'vitest';
import { readInput } from '../../../../src/core/render/terminal-viewer/read-input.ts';

const keysOf = (text: string) =>
  readInput(text).events.map((event) => ('key' in event ? event.key : event.mouse));

test('names keys, and leaves unknown sequences out', () => {
  expect(keysOf('jN/走\u{1f600}\r\x7f\x03\x04\x15\x1a\x01')).toEqual([
    'j',
    'N',
    '/',
    '走',
    '\u{1f600}',
    'Enter',
    'Backspace',
    'Ctrl-c',
    'Ctrl-d',
    'Ctrl-u',
    'Ctrl-z',
  ]);
  expect(keysOf('\x1b[A\x1bOB\x1b[5~\x1b[1;5C\x1b[F\x1b[200~')).toEqual(['Up', 'Down', 'PageUp', 'End']);
});

test('reads presses and the wheel of the mouse, and no releases', () => {
  expect(keysOf('\x1b[<0;10;3M\x1b[<0;10;3m\x1b[<64;1;1M\x1b[<65;1;1M\x1b[<2;1;1M')).toEqual([
    { kind: 'press', column: 9, row: 2 },
    { kind: 'wheel-up', column: 0, row: 0 },
    { kind: 'wheel-down', column: 0, row: 0 },
  ]);
});

test('a sequence may come in pieces', () => {
  const whole = 'a\x1b[<0;10;3Mb\x1b[6~';
  for (let cut = 1; cut < whole.length; cut++) {
    const first = readInput(whole.slice(0, cut));
    const second = readInput(first.rest + whole.slice(cut));
    expect([...first.events, ...second.events]).toEqual(readInput(whole).events);
    expect(second.rest).toBe('');
  }
});

test('ESC is a key before what is no sequence, and waits at the end', () => {
  expect(keysOf('\x1bj')).toEqual(['Esc', 'j']);
  expect(keysOf('\x1b\x1b[A')).toEqual(['Esc', 'Up']);
  expect(readInput('x\x1b')).toEqual({ events: [{ key: 'x' }], rest: '\x1b' });
});
