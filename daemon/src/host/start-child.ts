import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { errorMessage } from '../model/error-message.ts';

/**
 * Starts a program. Never throws: when it cannot be started, calls `failed` with the reason and returns null. Node's
 * spawn throws when memory is short (ENOMEM), and without free descriptors (EMFILE) returns a child that never ends.
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
