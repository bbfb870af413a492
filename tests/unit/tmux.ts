import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A terminal of its own, in a tmux server of its own, which ends with it. */
export class Terminal implements Disposable {
  readonly #socket = `vigia-test-${process.pid}-${Math.random().toString(36).slice(2)}`;

  /** Ready to be typed into: a shell that only begins may throw away what came before its prompt. */
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

  /** Names of keys as tmux has them: `Enter`, `Escape`, `C-c`. */
  press(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  type(text: string): void {
    this.#tmux('send-keys', '-l', text);
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`);
  }

  /** What is on the screen; with `colours` as escape sequences. */
  screen(colours = false): string {
    return this.#tmux('capture-pane', '-p', ...(colours ? ['-e', '-N'] : []));
  }

  /** Whether a program has the whole screen, and whether the cursor is shown. */
  get mode(): { readonly isAlternate: boolean; readonly hasCursor: boolean } {
    const [alternate, cursor] = this.#tmux('display-message', '-p', '#{alternate_on} #{cursor_flag}')
      .trim()
      .split(' ');
    return { isAlternate: alternate === '1', hasCursor: cursor === '1' };
  }

  /** The process that the shell waits for; null when it waits for the next command. */
  get program(): number | null {
    const shell = this.#tmux('display-message', '-p', '#{pane_pid}').trim();
    const pid = Number(spawnSync('pgrep', ['-P', shell], { encoding: 'utf8' }).stdout.trim());
    return pid > 0 ? pid : null;
  }

  /** Waits until the screen is as wanted; fails with what was there instead. */
  async until(what: string, wanted: (screen: string) => boolean, seconds = 120): Promise<string> {
    const end = Date.now() + seconds * 1000;
    let screen = '';
    while (Date.now() < end) {
      screen = this.screen();
      if (wanted(screen)) return screen;
      await sleep(50);
    }
    throw new Error(`${what}: not within ${seconds} s. On the screen:\n${screen}`);
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8' });
  }
}
