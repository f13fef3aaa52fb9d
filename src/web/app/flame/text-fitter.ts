const ELLIPSIS = '…';
/** No frame is as wide as that many characters, and measuring takes time by the character. */
const MAX_CHARACTERS = 400;

/** Cuts texts to the room there is for them in one font, and remembers how wide they are. */
export class TextFitter {
  readonly #context: CanvasRenderingContext2D;
  readonly #widths = new Map<string, number>();

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  /** Answers the text, or as much of it as fits with an ellipsis; empty where less than a character and a half does. */
  fit(text: string, room: number): string {
    const whole = text.length > MAX_CHARACTERS ? text.slice(0, MAX_CHARACTERS) : text;
    const width = this.measure(whole);
    if (width <= room) return whole;
    let length = Math.floor((whole.length * room) / width);
    while (length > 0) {
      // Half of a surrogate pair would show as a box.
      const end = isHighSurrogate(whole, length - 1) ? length - 1 : length;
      const cut = whole.slice(0, end) + ELLIPSIS;
      if (end > 0 && this.#context.measureText(cut).width <= room) return cut;
      length--;
    }
    return '';
  }

  measure(text: string): number {
    let width = this.#widths.get(text);
    if (width === undefined) {
      width = this.#context.measureText(text).width;
      this.#widths.set(text, width);
    }
    return width;
  }
}

function isHighSurrogate(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0xd800 && code < 0xdc00;
}
