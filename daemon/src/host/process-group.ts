import { startChild } from './start-child.ts';

/** From SIGTERM to SIGKILL; and how long what is left of a program may keep its output open. */
const GRACE_MS = 2000;

export interface GroupRun {
  readonly timeoutMs: number;
  /** Ends it early, as its deadline does. */
  readonly signal?: AbortSignal | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** What it reads on its standard input; without it there is nothing to read. */
  readonly input?: string;
  readonly onStdout: (text: string) => void;
  readonly onStderr: (text: string) => void;
}

export interface GroupEnd {
  /** null when a signal ended it; 127 when it could not be started. */
  readonly code: number | null;
  /** Its time was over, or the signal came. */
  readonly isPreempted: boolean;
  /** Why it could not be started. */
  readonly failure: string | null;
}

/**
 * Runs a program without a shell, in a process group of its own: what it starts ends with it when its time is over, and
 * Ctrl-C is not for it. Settles within two graces of the deadline, whatever it left running. Never throws.
 */
export function runGroup(program: string, args: readonly string[], run: GroupRun): Promise<GroupEnd> {
  if (run.signal?.aborted) return Promise.resolve({ code: null, isPreempted: true, failure: null });
  const { promise, resolve } = Promise.withResolvers<GroupEnd>();
  let isPreempted = false;
  let timer: NodeJS.Timeout | undefined;
  /** What is next in time; there is never more than one such thing. */
  const next = (action: () => void, ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(action, ms);
  };
  const settle = (code: number | null, failure: string | null = null): void => {
    clearTimeout(timer);
    run.signal?.removeEventListener('abort', end);
    resolve({ code, isPreempted, failure });
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
      // Already gone.
    }
  };
  /** Neither what it left in the background nor one that not even SIGKILL ends is waited for. */
  const leave = (code: number | null): void => {
    child?.stdout?.destroy();
    child?.stderr?.destroy();
    child?.unref();
    settle(code);
  };
  function end(): void {
    if (isPreempted) return;
    isPreempted = true;
    kill('SIGTERM');
    next(() => {
      kill('SIGKILL');
      next(() => leave(null), GRACE_MS);
    }, GRACE_MS);
  }
  if (child === null) return promise;
  next(end, run.timeoutMs);
  run.signal?.addEventListener('abort', end, { once: true });
  child.stdout?.setEncoding('utf8').on('data', run.onStdout);
  child.stderr?.setEncoding('utf8').on('data', run.onStderr);
  child.on('close', (code) => settle(code));
  child.on('exit', (code) => {
    run.signal?.removeEventListener('abort', end);
    if (isPreempted) kill('SIGKILL');
    next(() => leave(code), GRACE_MS);
  });
  // A program need not read what it is told.
  child.stdin?.on('error', () => {});
  child.stdin?.end(run.input);
  return promise;
}
