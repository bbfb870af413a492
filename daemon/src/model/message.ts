/** What a caught value says; anything may be thrown. Where undoing failed as well, both are said. */
export function messageOf(error: unknown): string {
  if (error instanceof SuppressedError) return `${messageOf(error.suppressed)}\n${messageOf(error.error)}`;
  return error instanceof Error ? error.message : String(error);
}
