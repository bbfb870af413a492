import { ReasonedError } from '../words/reasoned-error.ts';

/** Of one container's JSON. A usual one has 2 KiB. */
const MOST_PER_CONTAINER = 256 * 1024;
/** A string may have so much after that, too: the name, the state. */
const MOST_PER_STRING = 1024;
/** Nothing that an engine lists is nested deeper. JSON.parse would take gigabytes for millions of brackets. */
const MOST_DEPTH = 64;
/** A container is at depth 2, its labels are at depth 3. */
const DEPTH_OF_LABELS = 3;

const [QUOTE, BACKSLASH, COMMA, U] = [0x22, 0x5c, 0x2c, 0x75];
const isOpening = (byte: number): boolean => byte === 0x5b || byte === 0x7b;
const isClosing = (byte: number): boolean => byte === 0x5d || byte === 0x7d;

/**
 * Goes through the JSON of a list of containers piece by piece and leaves out what is too much of one container: the
 * ends of its long strings, and members of its labels. What is kept is JSON again.
 */
export class ListBounds {
  /** The positions of the containers of which something was left out. */
  readonly shortened = new Set<number>();
  #index = 0;
  #depth = 0;
  /** How deep what is kept is nested; less than `#depth` inside of what is left out. */
  #keptDepth = 0;
  #isLeavingOut = false;
  /** Kept of the present container. */
  #kept = 0;
  #isInString = false;
  #stringLength = 0;
  /** Bytes of an escape sequence that are still to come. */
  #escapeLeft = 0;

  /** What is kept of a piece. Throws ReasonedError when it is nested too deeply. */
  keep(piece: Buffer): Buffer {
    const kept = Buffer.allocUnsafe(piece.length);
    let length = 0;
    for (const byte of piece) {
      if (!this.#isKept(byte)) continue;
      kept[length] = byte;
      length += 1;
      this.#kept += 1;
    }
    return kept.subarray(0, length);
  }

  #isKept(byte: number): boolean {
    if (this.#isInString) return this.#isKeptInString(byte);
    if (byte === QUOTE) {
      this.#isInString = true;
      this.#stringLength = 0;
    } else if (isOpening(byte)) this.#open();
    else if (isClosing(byte)) return this.#close();
    else if (byte === COMMA) this.#comma();
    return !this.#isLeavingOut;
  }

  #isKeptInString(byte: number): boolean {
    const isTooMuch = this.#isOver() && this.#stringLength > MOST_PER_STRING;
    const isEnd = byte === QUOTE && this.#escapeLeft === 0;
    const isLeftOut = isTooMuch && !isEnd && (this.#escapeLeft === 0 || this.#isCutting);
    if (this.#escapeLeft > 0) this.#escapeLeft = byte === U && this.#isEscapeBegun ? 4 : this.#escapeLeft - 1;
    else if (byte === BACKSLASH) this.#escapeLeft = 1;
    this.#isEscapeBegun = byte === BACKSLASH && this.#escapeLeft === 1;
    this.#isCutting = isLeftOut;
    this.#stringLength += 1;
    if (isEnd) this.#isInString = false;
    if (isLeftOut) this.shortened.add(this.#index);
    return !this.#isLeavingOut && !isLeftOut;
  }

  /** Whether the byte before was the backslash of an escape sequence. */
  #isEscapeBegun = false;
  /** Whether the byte before was left out of a string. */
  #isCutting = false;

  #open(): void {
    this.#depth += 1;
    if (this.#depth > MOST_DEPTH)
      throw new ReasonedError({ code: 'engine-answer-too-deep', levels: MOST_DEPTH });
    if (!this.#isLeavingOut) this.#keptDepth = this.#depth;
  }

  /** What was begun is ended, whatever was left out of it. */
  #close(): boolean {
    const isKept = this.#depth === this.#keptDepth;
    this.#depth -= 1;
    if (isKept) {
      this.#keptDepth = this.#depth;
      this.#isLeavingOut = false;
    }
    return isKept;
  }

  #comma(): void {
    if (this.#depth === 1) {
      this.#index += 1;
      this.#kept = 0;
    } else if (this.#depth >= DEPTH_OF_LABELS && this.#isOver()) {
      this.#isLeavingOut = true;
      this.shortened.add(this.#index);
    }
  }

  #isOver(): boolean {
    return this.#kept > MOST_PER_CONTAINER;
  }
}
