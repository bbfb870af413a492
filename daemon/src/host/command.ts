import { runGroup } from './process-group.ts';

export interface Finished {
  /** The exit code; 127 when the program could not be started; null when a signal or the deadline ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly timeoutSeconds: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the program early when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a program without a shell, waits for it, and returns its output. Never throws: a program that is missing or
 * cannot be started gives code 127. At the deadline the program and its children get SIGTERM, then SIGKILL. Processes
 * that it leaves in the background are not waited for.
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  { timeoutSeconds, env, signal }: Options,
): Promise<Finished> {
  let [stdout, stderr] = ['', ''];
  const { code, isStopped, failure } = await runGroup(program, args, {
    timeoutMs: timeoutSeconds * 1000,
    signal,
    env: { ...process.env, ...env },
    onStdout: (text) => {
      stdout += text;
    },
    onStderr: (text) => {
      stderr += text;
    },
  });
  if (failure !== null) return { code, stdout, stderr: `${program}: ${failure}` };
  if (!isStopped) return { code, stdout, stderr };
  const why = `ended early: it did not finish within ${timeoutSeconds} s, or Vigía is stopping`;
  return { code: null, stdout, stderr: `${stderr}\n${why}` };
}

/** The last line of output that is not blank, to show why a program failed. */
export function lastLine({ stderr, stdout }: Finished): string {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  return lines.at(-1)?.trim() ?? 'no output';
}
