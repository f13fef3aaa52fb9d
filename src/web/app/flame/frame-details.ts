import { printable } from '../../../core/base/printable.ts';
import { formatCount } from '../../../core/base/units.ts';
import { type FrameTree, nameOf } from '../../../core/stack/frame-tree.ts';
import { make, makeButton } from '../make-element.ts';
import type { Pointed } from './flame-canvas.ts';

export interface DetailEvents {
  readonly onCopyName: () => void;
  readonly onCopyStack: () => void;
  /** Keep only, or leave out, the records whose stack has the frame. */
  readonly onFilter: (isWanted: boolean) => void;
}

/** The lines that say what the frame under the pointer or the keyboard is, and what can be done with it. */
export class FrameDetails {
  readonly element: HTMLElement;
  readonly #name = make('strong');
  readonly #text = make('span');
  readonly #buttons: readonly HTMLButtonElement[];

  constructor(events: DetailEvents) {
    this.#buttons = [
      makeButton('Only these', 'Show only records whose stack has this frame', () => events.onFilter(true)),
      makeButton('Without', 'Leave out records whose stack has this frame', () => events.onFilter(false)),
      makeButton('Copy name', 'Copy the name of the frame (c)', events.onCopyName),
      makeButton('Copy stack', 'Copy the stack down to this frame, folded (s)', events.onCopyStack),
    ];
    const text = make('div', { class: 'details-text' }, [this.#name, this.#text]);
    const buttons = make('div', { class: 'details-buttons' }, this.#buttons);
    this.element = make('div', { class: 'details' }, [text, buttons]);
  }

  /** Shows what is pointed at. */
  show(tree: FrameTree, pointed: NonNullable<Pointed>, describe: (node: number) => string): void {
    if ('rest' in pointed) {
      this.#name.textContent = `${formatCount(pointed.rest.siblings)} frames`;
      this.#text.textContent = 'too narrow to draw here: zoom into their caller to see them';
      return;
    }
    const name = printable(nameOf(tree, pointed.node));
    this.#name.textContent = name;
    this.#name.title = name;
    this.#text.textContent = describe(pointed.node);
    for (const button of this.#buttons) button.disabled = pointed.node === 0;
  }

  /** Says in place of the details that something was done. */
  say(text: string): void {
    this.#text.textContent = text;
  }
}
