import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { errorMessage } from '../model/error-message.ts';

/**
 * Starts a program. Never throws: one that cannot be started is null, and `failed` is told why. Node itself throws where
 * memory is short (ENOMEM), and where descriptors are (EMFILE) gives a child without streams that never ends.
 */
export function startChild(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
  failed: (reason: string) => void,
): ChildProcess | null {
  try {
    const child = spawn(program, args, options);
    child.on('error', (error) => failed(error.message));
    return child.pid === undefined ? null : child;
  } catch (error) {
    failed(errorMessage(error));
    return null;
  }
}
