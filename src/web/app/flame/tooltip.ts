import { make } from '../make-element.ts';

const DISTANCE = 14;

/** A label beside the pointer, which only those who see need: the details say the same. */
export class Tooltip {
  readonly element = make('div', { class: 'tooltip', 'aria-hidden': 'true', hidden: true });
  readonly #name = make('b');
  readonly #text = make('span');

  constructor() {
    this.element.append(this.#name, this.#text);
  }

  /** Shows two lines beside a point of the window, where there is room for them. */
  show(name: string, text: string, x: number, y: number): void {
    this.#name.textContent = name;
    this.#text.textContent = text;
    this.element.hidden = false;
    const { width, height } = this.element.getBoundingClientRect();
    const left = x + DISTANCE + width > innerWidth ? x - DISTANCE - width : x + DISTANCE;
    const top = y + DISTANCE + height > innerHeight ? y - DISTANCE - height : y + DISTANCE;
    this.element.style.left = `${Math.max(4, left)}px`;
    this.element.style.top = `${Math.max(4, top)}px`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}
