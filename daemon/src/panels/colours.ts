import type { Colour } from './panel.ts';

/** One colour for each class, in every panel of Grafana. The page has the same in its style sheet (palette.ts). */
export const CLASS_COLOURS = { low: 'blue', high: 'orange', unknown: 'yellow' } as const satisfies Record<
  string,
  Colour
>;

/** Series about a class, in both languages. */
export const CLASS_SERIES: readonly (readonly [pattern: string, colour: Colour])[] = [
  ['/^(bajo|low)\\b/i', CLASS_COLOURS.low],
  ['/^(alto|high)\\b/i', CLASS_COLOURS.high],
  ['/^(sin clasificar|unclassified)\\b/i', CLASS_COLOURS.unknown],
];

/** Cells with one of Vigía's own words, in the Spanish of the panels. */
export const WORD_COLOURS: Readonly<Record<string, Colour>> = {
  bajo: CLASS_COLOURS.low,
  alto: CLASS_COLOURS.high,
  'sin clasificar': CLASS_COLOURS.unknown,
  desechable: 'blue',
  servicio: 'purple',
  gestionado: 'purple',
  protegido: 'green',
  hecho: 'green',
  omitido: 'yellow',
  falló: 'red',
};
