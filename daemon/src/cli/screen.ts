import { emitKeypressEvents } from 'node:readline';
import type { Key } from './top-keys.ts';

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/** The whole terminal in raw mode, restored at disposal and when the process exits, unless by SIGKILL. */
export class Screen implements Disposable {
  readonly #input = process.stdin;
  readonly #output = process.stdout;
  #isOpen = false;
  readonly #close = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#input.setRawMode(false);
    this.#output.write(LEAVE);
  };

  /** `onChange` is called when the size changes, and when a stopped process continues. */
  constructor(onKey: (key: Key) => void, onChange: () => void) {
    emitKeypressEvents(this.#input);
    this.#input.on('keypress', (text: string | undefined, { name, ctrl, meta }: Omit<Key, 'text'>) => {
      if (ctrl && name === 'z') this.#suspend();
      else onKey({ name, ctrl, meta, text: text ?? '' });
    });
    this.#output.on('resize', onChange);
    process.on('exit', this.#close);
    process.on('SIGCONT', () => {
      this.#open();
      onChange();
    });
    this.#open();
  }

  get size(): { columns: number; rows: number } {
    // A terminal that does not know its size reports 0.
    return { columns: this.#output.columns || 80, rows: this.#output.rows || 24 };
  }

  /**
   * Draws all lines in one write, as one synchronized update (DEC mode 2026), so that nothing flickers. A line is cleared
   * before it is written: after a full line the cursor is on its last cell, and clearing would erase that cell.
   */
  draw(lines: readonly string[]): void {
    const body = lines.map((line) => `\x1b[2K${line}`).join('\r\n');
    this.#output.write(`\x1b[?2026h\x1b[H${body}\x1b[J\x1b[?2026l`);
  }

  [Symbol.dispose](): void {
    this.#close();
    process.off('exit', this.#close);
    this.#input.pause();
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#input.setRawMode(true).resume();
    this.#output.write(ENTER);
  }

  #suspend(): void {
    this.#close();
    process.kill(process.pid, 'SIGSTOP');
  }
}
