import { spawn } from 'node:child_process';

export interface Finished {
  /** null when it was killed by a signal, the deadline included. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly timeoutSeconds: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the program early. */
  readonly signal?: AbortSignal;
}

/** Runs a program without a shell and waits for it. Never throws: a program that is not there ends with code 127. */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: Options,
): Promise<Finished> {
  const { promise, resolve } = Promise.withResolvers<Finished>();
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    signal: AbortSignal.any([
      AbortSignal.timeout(options.timeoutSeconds * 1000),
      ...(options.signal ? [options.signal] : []),
    ]),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.on('error', (error: NodeJS.ErrnoException) => {
    if (error.name === 'AbortError')
      stderr += `\nended early: no answer within ${options.timeoutSeconds} s, or Vigía is stopping`;
    else resolve({ code: 127, stdout, stderr: `${program}: ${error.message}` });
  });
  child.on('close', (code) => resolve({ code, stdout, stderr }));
  return promise;
}

/** The last line that says something: what a person wants to see of a failed program. */
export function lastLine({ stderr, stdout }: Finished): string {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  return lines.at(-1)?.trim() ?? 'no output';
}
