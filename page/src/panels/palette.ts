/** A colour of the style sheet, resolved in the present theme: canvas cannot use CSS variables. */
export function colour(name: string, opacity = 1): string {
  const probe = document.createElement('i');
  probe.style.color = `color-mix(in srgb, var(--${name}) ${opacity * 100}%, transparent)`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

/** Series about a class always have the colour of that class. The others take colours in turn. */
const FIXED: readonly (readonly [RegExp, string])[] = [
  [/^bajo\b|^low\b/i, 'low'],
  [/^alto\b|^high\b/i, 'high'],
  [/sin clasificar|unknown|unclassified/i, 'unknown'],
];

/** The style sheet's names for the colours that panels name. */
export const NAMED: Readonly<Record<string, string>> = {
  green: 'good',
  yellow: 'series-5',
  orange: 'high',
  red: 'bad',
  blue: 'low',
};

export const colourNameOf = (label: string, index: number): string =>
  FIXED.find(([pattern]) => pattern.test(label))?.[1] ?? `series-${(index % 6) + 1}`;
