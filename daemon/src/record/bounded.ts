/** The longest command line that the modules give, with its mark. */
const MOST_IN_A_COMMAND_LINE = 4097;
/** Names: containers' and images' are far shorter, and the kernel's of processes. */
const MOST_IN_A_NAME = 512;

/** Owners and processes choose these texts, and the record keeps them for weeks: a longer one is cut and marked. */
export const boundedCommandLine = (text: string): string => cut(text, MOST_IN_A_COMMAND_LINE);
export const boundedName = (text: string): string => cut(text, MOST_IN_A_NAME);

/** A container whose labels are short enough to be recorded. No value that Vigía understands is as long. */
export function withBoundedLabels<C extends { readonly labels: Readonly<Record<string, string>> }>(
  container: C,
): C {
  const isLong = Object.values(container.labels).some((value) => value.length > MOST_IN_A_NAME);
  if (!isLong) return container;
  const labels = Object.entries(container.labels).map(([key, value]) => [key, boundedName(value)]);
  return { ...container, labels: Object.fromEntries(labels) };
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a character is not kept.
  const end = (text.codePointAt(most - 2) ?? 0) > 0xffff ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}
