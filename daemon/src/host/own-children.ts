import { spawn } from 'node:child_process';

export interface OwnChild {
  /** What follows the program's own name. */
  readonly args: readonly string[];
  /** What it sends while it works. */
  readonly onMessage: (message: unknown) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Runs this program with other arguments and comes back with what it printed; what it complains of goes where our own
 * complaints go. Ended by a signal, or by a code that is not `allowed`: an error. Dies with us (`endWithParent`).
 */
export async function runOwnChild(
  command: readonly [string, ...string[]],
  { args, onMessage, signal }: OwnChild,
  allowed: readonly number[],
): Promise<string> {
  const [program, ...first] = command;
  const child = spawn(program, [...first, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    signal,
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.on('message', onMessage);
  child.on('error', reject);
  child.on('close', (code, by) => {
    if (code !== null && allowed.includes(code)) resolve(stdout);
    else reject(new Error(`vigia ${args.join(' ')} ended with ${by ?? `code ${code}`}`));
  });
  return promise;
}

/** To the parent that started us with `runOwnChild`; to nobody where there is none. */
export function tellParent(message: unknown): void {
  process.send?.(message);
}

/** A child whose parent was killed works for nobody. */
export function endWithParent(): void {
  if (process.send === undefined) return;
  process.once('disconnect', () => process.exit(1));
  // What we print must not wait for the parent to hang up.
  process.channel?.unref();
}
