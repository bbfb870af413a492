import { spawn } from 'node:child_process';

export interface OwnChild {
  /** Arguments after the program's own name. */
  readonly args: readonly string[];
  /** Receives the messages that it sends. */
  readonly onMessage: (message: unknown) => void;
  /** Ends it when it aborts. */
  readonly signal: AbortSignal;
}

/**
 * Runs this program again with other arguments and returns its standard output; its standard error goes to ours. Throws
 * when a signal ends it or its exit code is not `allowed`. The child must call `exitWithParent`.
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

/** Sends a message to the parent that used `runOwnChild`; does nothing without such a parent. */
export function sendToParent(message: unknown): void {
  process.send?.(message);
}

/** Makes this process exit when the parent that used `runOwnChild` has ended; does nothing without such a parent. */
export function exitWithParent(): void {
  if (process.send === undefined) return;
  process.once('disconnect', () => process.exit(1));
  // The open channel alone must not keep this process running.
  process.channel?.unref();
}
