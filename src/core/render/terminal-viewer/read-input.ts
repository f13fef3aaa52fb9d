import type { MouseEvent } from './press-mouse.ts';

/** What a terminal sent: a key by its name, or what the mouse did. */
export type InputEvent = { readonly key: string } | { readonly mouse: MouseEvent };

/** What terminals send for the keys that print nothing, after ESC. */
const sequences: Readonly<Record<string, string>> = {
  '[A': 'Up',
  '[B': 'Down',
  '[C': 'Right',
  '[D': 'Left',
  OA: 'Up',
  OB: 'Down',
  OC: 'Right',
  OD: 'Left',
  '[H': 'Home',
  '[F': 'End',
  OH: 'Home',
  OF: 'End',
  '[1~': 'Home',
  '[4~': 'End',
  '[7~': 'Home',
  '[8~': 'End',
  '[5~': 'PageUp',
  '[6~': 'PageDown',
};
const controls: Readonly<Record<string, string>> = {
  '\r': 'Enter',
  '\n': 'Enter',
  '\x7f': 'Backspace',
  '\b': 'Backspace',
  '\x03': 'Ctrl-c',
  '\x04': 'Ctrl-d',
  '\x15': 'Ctrl-u',
  '\x1a': 'Ctrl-z',
};
/** A control sequence, or one of the keypad's: what follows ESC. */
const sequence = /^(?:\[[0-?]*[ -/]*[@-~]|O[A-Z])/;
/** The mouse as xterm's mode 1006 reports it: button, column, row, and M for a press. */
const mouseReport = /^\[<(\d+);(\d+);(\d+)([Mm])$/;

/**
 * Reads what a terminal sent into events. What may be the start of a sequence whose end has not come stays in `rest`,
 * to be put before what comes next; a caller to whom nothing comes takes a lone ESC in it for the key.
 */
export function readInput(text: string): { readonly events: readonly InputEvent[]; readonly rest: string } {
  const events: InputEvent[] = [];
  let at = 0;
  while (at < text.length) {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    if (character !== '\x1b') {
      const key = controls[character] ?? (character < ' ' ? undefined : character);
      if (key !== undefined) events.push({ key });
      at += character.length;
      continue;
    }
    const rest = text.slice(at + 1);
    const match = sequence.exec(rest)?.[0];
    if (match === undefined) {
      // A sequence in the making, or the key itself before something that is none.
      if (/^(?:\[[0-?]*[ -/]*|O)?$/.test(rest)) return { events, rest: text.slice(at) };
      events.push({ key: 'Esc' });
      at++;
      continue;
    }
    const event = readSequence(match);
    if (event !== undefined) events.push(event);
    at += 1 + match.length;
  }
  return { events, rest: '' };
}

function readSequence(text: string): InputEvent | undefined {
  const key = sequences[text];
  if (key !== undefined) return { key };
  const report = mouseReport.exec(text);
  if (report === null || report[4] === 'm') return undefined;
  const kinds: Readonly<Record<string, MouseEvent['kind']>> = {
    0: 'press',
    64: 'wheel-up',
    65: 'wheel-down',
  };
  const kind = kinds[report[1]!];
  if (kind === undefined) return undefined;
  return { mouse: { kind, column: Number(report[2]) - 1, row: Number(report[3]) - 1 } };
}
