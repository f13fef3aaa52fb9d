import { printable } from '../../../core/base/printable.ts';
import { wakerSeparator } from '../../../core/base/waker-separator.ts';
import { findWaitPlace } from '../../../core/stack/before-scheduler.ts';
import { make } from '../make-element.ts';

/** Characters of a stack that a cell can have room for; its beginning is what is left out. */
const MAX_CHARACTERS = 400;

/** Makes a cell of a folded stack of which the end is in sight: there it says what was waited for. */
export function makeStackCell(stack: string): HTMLElement {
  // A waker's stack would push what was waited for out of sight.
  const separator = stack.indexOf(`;${wakerSeparator};`);
  const own = separator > 0 ? stack.slice(0, separator) : stack;
  const isCut = own.length > MAX_CHARACTERS;
  const frames = (isCut ? own.slice(-MAX_CHARACTERS) : own).split(';').map(printable);
  const telling = findWaitPlace(frames);
  const way = [isCut ? '…' : '', ...frames.slice(0, telling).map((frame) => `${frame} › `)].join('');
  const behind = separator > 0 ? [wakerSeparator, '…'] : frames.slice(telling + 1);
  const end = behind.map((frame) => ` › ${frame}`).join('');
  // The cell runs from right to left, so that it is cut on the left; its text does not.
  const text = make('bdi', { dir: 'ltr' }, [
    make('span', { class: 'way' }, [way]),
    frames[telling]!,
    make('span', { class: 'way' }, [end]),
  ]);
  return make('div', { class: 'stack-cell' }, [text]);
}
