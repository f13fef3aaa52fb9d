/** How much a queue may hold. */
export interface BodyQueueLimits {
  /** Bytes of bodies as they were sent. */
  readonly sentBytes: number;
  /** Bytes of bodies that have been opened, which is what decompressing them gives. */
  readonly openBytes: number;
  /** Bodies that are being opened at a time, and whose size is a guess until they are. */
  readonly opening: number;
}

/** Room that a body has in a queue as it was sent. */
export interface Admission {
  /** Corrects what was announced to what came. */
  resize(bytes: number): void;
  /** Gives the room back; once is enough. */
  release(): void;
}

interface Turn {
  readonly guessBytes: number;
  readonly start: () => void;
}

/**
 * Bounds what bodies take of memory on their way into the database. They wait as they were sent, and are opened in the
 * order they came in, while what is open has room: opened, a body is ten times as large.
 */
export class BodyQueue {
  readonly #limits: BodyQueueLimits;
  readonly #turns: Turn[] = [];
  #sentBytes = 0;
  #openBytes = 0;
  #openCount = 0;
  #opening = 0;

  constructor(limits: BodyQueueLimits) {
    this.#limits = limits;
  }

  /** Bytes that bodies take as they were sent. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Takes room for a body that announces so many bytes; undefined where there is none. One body alone always has room. */
  admit(bytes: number): Admission | undefined {
    if (this.#sentBytes > 0 && this.#sentBytes + bytes > this.#limits.sentBytes) return undefined;
    let held = bytes;
    this.#sentBytes += held;
    const resize = (now: number) => {
      this.#sentBytes += now - held;
      held = now;
    };
    return { resize, release: () => resize(0) };
  }

  /**
   * Waits for its turn and for room, runs `open` and then `use` with what it gave, and gives the room back. `guessBytes`
   * is what the body is taken to come to until it is open.
   */
  async open<T>(
    guessBytes: number,
    open: () => Promise<Uint8Array>,
    use: (body: Uint8Array) => Promise<T>,
  ): Promise<T> {
    let held = guessBytes;
    await new Promise<void>((start) => {
      this.#turns.push({ guessBytes, start });
      this.#next();
    });
    try {
      let body: Uint8Array;
      try {
        body = await open();
        this.#openBytes += body.byteLength - held;
        held = body.byteLength;
      } finally {
        this.#opening--;
        this.#next();
      }
      return await use(body);
    } finally {
      this.#openBytes -= held;
      this.#openCount--;
      this.#next();
    }
  }

  #next(): void {
    for (let turn = this.#turns[0]; turn !== undefined && this.#hasRoom(turn); turn = this.#turns[0]) {
      this.#turns.shift();
      this.#openBytes += turn.guessBytes;
      this.#openCount++;
      this.#opening++;
      turn.start();
    }
  }

  #hasRoom({ guessBytes }: Turn): boolean {
    if (this.#opening >= this.#limits.opening) return false;
    return this.#openCount === 0 || this.#openBytes + guessBytes <= this.#limits.openBytes;
  }
}
