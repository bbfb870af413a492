/**
 * Whose turn it is to act against a shortage of memory: the loop's or the watch's, each in its own thread. A turn belongs
 * to what is known: after one act, neither acts by what was known before it.
 */
export class Turn {
  /** Twice the number of acts, and one more while one of them acts. */
  readonly word: Int32Array<SharedArrayBuffer>;

  constructor(word: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4))) {
    this.word = word;
  }

  /** Acts that are over. */
  get acts(): number {
    return Atomics.load(this.word, 0) >> 1;
  }

  /** Takes the turn; false when the other acts now or has acted since there were so many acts. */
  claim(acts: number): boolean {
    return Atomics.compareExchange(this.word, 0, 2 * acts, 2 * acts + 1) === 2 * acts;
  }

  /** The act is over. */
  release(): void {
    Atomics.add(this.word, 0, 1);
  }

  /** The turn ends without an act: what was known is as good as before. */
  giveBack(): void {
    Atomics.sub(this.word, 0, 1);
  }
}
