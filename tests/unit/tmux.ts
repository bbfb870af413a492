import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A terminal in its own tmux server, which ends with it. */
export class Terminal implements Disposable {
  readonly #socket = `vigia-test-${process.pid}-${Math.random().toString(36).slice(2)}`;

  /** Opens a terminal and waits for the prompt: a starting shell may discard input. */
  static async open(
    columns: number,
    rows: number,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Terminal> {
    const terminal = new Terminal(columns, rows, env);
    await terminal.until('a prompt', (screen) => screen.trim() !== '');
    return terminal;
  }

  private constructor(columns: number, rows: number, env: Readonly<Record<string, string>>) {
    const variables = Object.entries({ PS1: 'prompt> ', LC_ALL: 'C.UTF-8', ...env }).flatMap(
      ([name, value]) => ['-e', `${name}=${value}`],
    );
    this.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      `${columns}`,
      '-y',
      `${rows}`,
      ...variables,
      'sh',
    );
  }

  [Symbol.dispose](): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
  }

  /** Presses keys by their tmux names: `Enter`, `Escape`, `C-c`. */
  press(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  type(text: string): void {
    this.#tmux('send-keys', '-l', text);
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`);
  }

  /** The text on the screen; with `colours` including escape sequences. */
  screen(colours = false): string {
    return this.#tmux('capture-pane', '-p', ...(colours ? ['-e', '-N'] : []));
  }

  /** Whether the alternate screen is active, and whether the cursor is visible. */
  get mode(): { readonly isAlternate: boolean; readonly hasCursor: boolean } {
    const [alternate, cursor] = this.#tmux('display-message', '-p', '#{alternate_on} #{cursor_flag}')
      .trim()
      .split(' ');
    return { isAlternate: alternate === '1', hasCursor: cursor === '1' };
  }

  /** The PID of the program that the shell runs; null when it waits for a command. */
  get program(): number | null {
    const shell = this.#tmux('display-message', '-p', '#{pane_pid}').trim();
    const pid = Number(spawnSync('pgrep', ['-P', shell], { encoding: 'utf8' }).stdout.trim());
    return pid > 0 ? pid : null;
  }

  /** Waits until the condition holds for the screen; fails with the screen. */
  async until(what: string, condition: (screen: string) => boolean, seconds = 120): Promise<string> {
    const end = Date.now() + seconds * 1000;
    let screen = '';
    while (Date.now() < end) {
      screen = this.screen();
      if (condition(screen)) return screen;
      await sleep(50);
    }
    throw new Error(`${what}: not within ${seconds} s. On the screen:\n${screen}`);
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8' });
  }
}
