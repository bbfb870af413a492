import { startChild } from './start-child.ts';

/** Time between SIGTERM and SIGKILL, and how long background processes may keep a finished program's output open. */
const GRACE_MS = 2000;

export interface GroupRun {
  readonly timeoutMs: number;
  /** Ends it early, as the deadline does. */
  readonly signal?: AbortSignal | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Its standard input; empty by default. */
  readonly input?: string;
  readonly onStdout: (text: string) => void;
  readonly onStderr: (text: string) => void;
}

export interface GroupEnd {
  /** The exit code; null when a signal ended it; 127 when it could not be started. */
  readonly code: number | null;
  /** The deadline passed, or the signal aborted. */
  readonly isStopped: boolean;
  /** Why it could not be started; null when it was. */
  readonly failure: string | null;
}

/**
 * Runs a program without a shell in a process group of its own: the deadline ends its children too, and Ctrl-C in the
 * terminal does not reach it. Resolves at the latest two GRACE_MS after the deadline, whatever is still running. Never
 * throws.
 */
export function runGroup(program: string, args: readonly string[], run: GroupRun): Promise<GroupEnd> {
  if (run.signal?.aborted) return Promise.resolve({ code: null, isStopped: true, failure: null });
  const { promise, resolve } = Promise.withResolvers<GroupEnd>();
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  /** Replaces the pending timer: there is only ever one. */
  const schedule = (action: () => void, ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(action, ms);
  };
  const settle = (code: number | null, failure: string | null = null): void => {
    clearTimeout(timer);
    run.signal?.removeEventListener('abort', end);
    resolve({ code, isStopped, failure });
  };
  const child = startChild(
    program,
    args,
    {
      detached: true,
      stdio: [run.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(run.env && { env: run.env }),
      ...(run.cwd && { cwd: run.cwd }),
    },
    (reason) => settle(127, reason),
  );
  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (child?.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // The group has ended already.
    }
  };
  /** Resolves without waiting for background processes, or for a process that SIGKILL does not end. */
  const abandon = (code: number | null): void => {
    child?.stdout?.destroy();
    child?.stderr?.destroy();
    child?.unref();
    settle(code);
  };
  function end(): void {
    if (isStopped) return;
    isStopped = true;
    kill('SIGTERM');
    schedule(() => {
      kill('SIGKILL');
      schedule(() => abandon(null), GRACE_MS);
    }, GRACE_MS);
  }
  if (child === null) return promise;
  schedule(end, run.timeoutMs);
  run.signal?.addEventListener('abort', end, { once: true });
  child.stdout?.setEncoding('utf8').on('data', run.onStdout);
  child.stderr?.setEncoding('utf8').on('data', run.onStderr);
  child.on('close', (code) => settle(code));
  child.on('exit', (code) => {
    run.signal?.removeEventListener('abort', end);
    if (isStopped) kill('SIGKILL');
    schedule(() => abandon(code), GRACE_MS);
  });
  // EPIPE: a program need not read its standard input.
  child.stdin?.on('error', () => {});
  child.stdin?.end(run.input);
  return promise;
}
