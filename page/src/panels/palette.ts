/** A colour of the style sheet in the theme of the moment, as canvas needs it. */
export function colour(name: string, opacity = 1): string {
  const probe = document.createElement('i');
  probe.style.color = `color-mix(in srgb, var(--${name}) ${opacity * 100}%, transparent)`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

/** Series that mean a class have its colour wherever they appear; the others take theirs in turn. */
const FIXED: readonly (readonly [RegExp, string])[] = [
  [/^bajo\b|^low\b/i, 'low'],
  [/^alto\b|^high\b/i, 'high'],
  [/sin clasificar|unknown|unclassified/i, 'unknown'],
];

/** The colours that panels name, in those of the style sheet. */
export const NAMED: Readonly<Record<string, string>> = {
  green: 'good',
  yellow: 'series-5',
  orange: 'high',
  red: 'bad',
  blue: 'low',
};

export const colourNameOf = (label: string, index: number): string =>
  FIXED.find(([pattern]) => pattern.test(label))?.[1] ?? `series-${(index % 6) + 1}`;
