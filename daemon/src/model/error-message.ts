/** What a caught value says; anything may be thrown. Where undoing failed as well, both are said. */
export function errorMessage(error: unknown): string {
  if (error instanceof SuppressedError)
    return `${errorMessage(error.suppressed)}\n${errorMessage(error.error)}`;
  return error instanceof Error ? error.message : String(error);
}
