import { errorMessage } from '../model/error-message.ts';
import type { Reason } from '../model/reason.ts';
import { render } from './language.ts';

/** An error with a reason that can be stored and shown; its message is the English sentence. */
export class ReasonedError extends Error {
  override readonly name: string = 'ReasonedError';
  readonly reason: Reason;

  constructor(reason: Reason, options?: ErrorOptions) {
    super(render(reason, 'en'), options);
    this.reason = reason;
  }
}

/** The reason of any error: the errno of a failed system call, or else the error's message, quoted. */
export function reasonOf(error: unknown): Reason {
  if (error instanceof ReasonedError) return error.reason;
  if (error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string')
    return { code: 'os-error', errno: error.code };
  return { code: 'message', text: errorMessage(error) };
}
