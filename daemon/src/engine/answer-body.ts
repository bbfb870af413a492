import { ReasonedError } from '../words/reasoned-error.ts';
import { ListBounds } from './list-bounds.ts';

/** In characters of JSON; an answer is held whole. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Of a list, of which only what is kept is held. */
const MOST_LIST_BYTES = 1024 * 1024 * 1024;
/** A shorter list is taken as it is: looking through it costs more than it may save. */
const SHORT_BYTES = 1024 * 1024;

/** Collects an answer while it arrives. Throws ReasonedError when it is too long. */
export interface AnswerBody {
  add(chunk: Buffer): void;
  /** What was kept, and the positions of the listed things of which something was left out. */
  end(): { readonly text: string; readonly shortened: ReadonlySet<number> };
}

const NONE: ReadonlySet<number> = new Set();

/** The answer as it is. */
export class WholeBody implements AnswerBody {
  readonly #path: string;
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  add(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > MOST_BYTES) throw tooLong(this.#path, MOST_BYTES);
    this.#chunks.push(chunk);
  }

  end(): ReturnType<AnswerBody['end']> {
    return { text: Buffer.concat(this.#chunks).toString('utf8'), shortened: NONE };
  }
}

/** A list of containers, each within bounds: one with huge labels must not make the others invisible. */
export class ListBody implements AnswerBody {
  readonly #path: string;
  #bounds: ListBounds | null = null;
  #chunks: Buffer[] = [];
  #size = 0;
  #kept = 0;

  constructor(path: string) {
    this.#path = path;
  }

  add(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > MOST_LIST_BYTES) throw tooLong(this.#path, MOST_LIST_BYTES);
    if (this.#bounds === null && this.#size > SHORT_BYTES) {
      const bounds = new ListBounds();
      this.#bounds = bounds;
      this.#chunks = this.#chunks.map((earlier) => bounds.keep(earlier));
      this.#kept = this.#chunks.reduce((sum, { length }) => sum + length, 0);
    }
    const kept = this.#bounds?.keep(chunk) ?? chunk;
    this.#kept += kept.length;
    if (this.#kept > MOST_BYTES) throw tooLong(this.#path, MOST_BYTES);
    this.#chunks.push(kept);
  }

  end(): ReturnType<AnswerBody['end']> {
    const text = Buffer.concat(this.#chunks).toString('utf8');
    return { text, shortened: this.#bounds?.shortened ?? NONE };
  }
}

const tooLong = (path: string, bytes: number) =>
  new ReasonedError({ code: 'engine-answer-too-long', path, bytes });
