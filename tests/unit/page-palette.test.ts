// The page's colours, as people see them who see fewer: pairs that stand side by side must differ for everybody.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

type Triple = readonly [number, number, number];

/**
 * Linear RGB as it looks with each kind of colour blindness, by G. M. Machado et al., "A Physiologically-based Model for
 * Simulation of Color Vision Deficiency" (2009), severity 1.
 */
const SIGHT: Readonly<Record<string, readonly Triple[]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const CSS = readFileSync(join(import.meta.dirname, '../../page/src/style/base.css'), 'utf8');

/** A colour of the style sheet in a theme, as linear RGB. */
function colour(name: string, theme: 'light' | 'dark'): Triple {
  const [, light = '', dark = ''] =
    new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(CSS) ?? assert.fail(name);
  const hex = theme === 'light' ? light : dark;
  const part = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

const dot = (row: Triple, [r, g, b]: Triple): number => row[0] * r + row[1] * g + row[2] * b;
const seen = (rows: readonly Triple[], one: Triple): Triple =>
  rows.map((row) => Math.min(1, Math.max(0, dot(row, one)))) as unknown as Triple;

/** OKLab: distances in it are those that people see. */
function oklab(rgb: Triple): Triple {
  const root = (row: Triple): number => Math.cbrt(dot(row, rgb));
  const lms: Triple = [
    root([0.4122214708, 0.5363325363, 0.0514459929]),
    root([0.2119034982, 0.6806995451, 0.1073969566]),
    root([0.0883024619, 0.2817188376, 0.6299787005]),
  ];
  return [
    dot([0.2104542553, 0.793617785, -0.0040720468], lms),
    dot([1.9779984951, -2.428592205, 0.4505937099], lms),
    dot([0.0259040371, 0.7827717662, -0.808675766], lms),
  ];
}

const distance = (a: Triple, b: Triple): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

function contrast(a: Triple, b: Triple): number {
  const [x, y] = [a, b].map((one) => dot([0.2126, 0.7152, 0.0722], one) + 0.05) as [number, number];
  return Math.max(x, y) / Math.min(x, y);
}

const SERIES = [1, 2, 3, 4, 5, 6].map((n) => `series-${n}`);

for (const theme of ['light', 'dark'] as const) {
  test(`${theme} theme: series are told apart with every kind of colour blindness, and stand out from the card`, () => {
    for (const [names, least] of [
      [SERIES, 0.15],
      [['low', 'high'], 0.15],
    ] as const) {
      for (const [sight, rows] of Object.entries(SIGHT)) {
        const colours = names.map((name) => oklab(seen(rows, colour(name, theme))));
        for (const [i, one] of colours.entries())
          for (const [j, other] of colours.slice(0, i).entries()) {
            const gap = distance(one, other);
            assert.ok(gap >= least, `${sight}: ${names[i]} and ${names[j]}: ${gap.toFixed(3)}`);
          }
      }
    }
    for (const name of [...SERIES, 'low', 'high', 'unknown'])
      assert.ok(contrast(colour(name, theme), colour('card', theme)) >= 3, `${name} on a card`);
  });
}
