import type { Config } from '../model/config.ts';
import { type MemoryPressure, NO_HISTORY } from '../model/history.ts';
import type { Aid, Judgement, Known, MemoryWatch, Word } from '../model/memory-watch.ts';
import { Turn } from './turn.ts';

/** The way to the lookout, which may be in another thread. */
export interface Link {
  judge(judgement: Judgement): void;
  /** Absent where the watch only looks. `acts`: of the turn that this is known for. */
  prepare?(known: Known, acts: number): void;
  /** What it did and was not asked for yet. */
  aids?(): readonly Aid[];
}

/** The loop's end of the memory watch. */
export class Watch implements MemoryWatch {
  readonly #link: Link;
  readonly #turn: Turn;
  #number = 0;
  #alarm = new AbortController();
  #memoryPressure = NO_HISTORY.memoryPressure;
  /** Acts that the present cycle knows of. */
  #acts = 0;

  constructor(link: Link, turn = new Turn()) {
    this.#link = link;
    this.#turn = turn;
  }

  get alarm(): AbortSignal {
    return this.#alarm.signal;
  }

  get memoryPressure(): MemoryPressure {
    return this.#memoryPressure;
  }

  judge(config: Config, memoryPressure: MemoryPressure): void {
    this.#number += 1;
    this.#alarm = new AbortController();
    this.#memoryPressure = memoryPressure;
    this.#link.judge({ number: this.#number, config, memoryPressure });
  }

  /** What the lookout says. It is of no use when it was found by an earlier judgement. */
  hear({ kind, number, memoryPressure }: Word): void {
    if (number !== this.#number) return;
    this.#memoryPressure = memoryPressure;
    // abort() without a reason builds a DOMException with a stack; a string is cheaper.
    if (kind === 'alarm') this.#alarm.abort('memory is running out');
  }

  begin(): readonly Aid[] {
    // In this order: the lookout tells what it did before its turn is over.
    this.#acts = this.#turn.acts;
    return this.#link.aids?.() ?? [];
  }

  claim(): boolean {
    return this.#turn.claim(this.#acts);
  }

  release(): void {
    this.#turn.release();
    this.#acts += 1;
  }

  prepare(known: Known): void {
    this.#link.prepare?.(known, this.#acts);
  }
}
