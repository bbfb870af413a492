/** The message of a caught value, which may be of any type. Of a SuppressedError, both messages. */
export function errorMessage(error: unknown): string {
  if (error instanceof SuppressedError)
    return `${errorMessage(error.suppressed)}\n${errorMessage(error.error)}`;
  return error instanceof Error ? error.message : String(error);
}
