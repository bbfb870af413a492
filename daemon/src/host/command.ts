import { runGroup } from './process-group.ts';

export interface Finished {
  /** null when a signal ended it, or its time was over. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly timeoutSeconds: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the program early. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a program without a shell and waits for it, and for nothing that it left behind. Never throws: one that is not
 * there, or cannot be started, ends with code 127. After the deadline it and what it started have a moment to end.
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  { timeoutSeconds, env, signal }: Options,
): Promise<Finished> {
  let [stdout, stderr] = ['', ''];
  const { code, isPreempted, failure } = await runGroup(program, args, {
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
  if (!isPreempted) return { code, stdout, stderr };
  const why = `ended early: no answer within ${timeoutSeconds} s, or Vigía is stopping`;
  return { code: null, stdout, stderr: `${stderr}\n${why}` };
}

/** The last line that says something: what a person wants to see of a failed program. */
export function lastLine({ stderr, stdout }: Finished): string {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  return lines.at(-1)?.trim() ?? 'no output';
}
