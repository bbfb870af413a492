import { WORDS } from './common.ts';

const WIDTH = 40;

/** A bar on standard error with the estimated time left; nothing where that is not a terminal. */
export class ProgressBar {
  readonly #began = performance.now();
  #drawnMs = Number.NEGATIVE_INFINITY;

  /** Draws at most ten times a second; `done` is from 0 to 1. */
  draw(done: number): void {
    const now = performance.now();
    if (!process.stderr.isTTY || now - this.#drawnMs < 100) return;
    this.#drawnMs = now;
    const filled = Math.round(done * WIDTH);
    const percent = `${Math.round(done * 100)} %`.padStart(5);
    const left =
      done > 0.01 ? `, ${WORDS.timeLeft(duration(((now - this.#began) * (1 - done)) / done))}` : '';
    process.stderr.write(`\r\x1b[K${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${percent}${left}`);
  }

  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
