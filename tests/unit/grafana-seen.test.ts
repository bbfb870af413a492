// What was learnt by looking at the dashboards in a real Grafana 12.4, kept without one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dashboards } from '../../daemon/src/panels/dashboards.ts';

interface Property {
  readonly id: string;
  readonly value: unknown;
}
interface Drawn {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly panels?: readonly Drawn[];
  readonly collapsed?: boolean;
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit?: string;
      readonly noValue?: string;
      readonly color?: { readonly mode: string };
      readonly mappings?: readonly { readonly type: string; readonly options: { readonly match?: string } }[];
      readonly custom?: { readonly spanNulls?: boolean };
    };
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: string };
      readonly properties: readonly Property[];
    }[];
  };
}

/** Grafana at 1440 pixels with its own menu open; its grid has 24 columns, and a line of it 38 pixels with the gap. */
const GRID = 1108;
const GAP = 8;
const LINE = 38;
const HEADER = 150;
/** What a panel's header needs beside its title: padding and the sign for its description. */
const BESIDE_TITLE = 90;
/** The mean width of a letter at Grafana's 14 pixels. */
const LETTER = 7.4;

const read = (file: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../dashboards', file), 'utf8'));
const files = [
  ...['es', 'en'].flatMap((language) => dashboards.map(({ id }) => `grafana/${language}/${id}.json`)),
  'fleet/grafana/flota.json',
];
const all = files.flatMap((file) =>
  (read(file).panels as Drawn[])
    .flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]))
    .map((panel) => ({ file, panel, where: `${file}: ${panel.title}` })),
);
const widthOf = ({ gridPos: { w } }: Drawn): number => (w / 24) * (GRID + GAP) - GAP;
const propertyOf = (panel: Drawn, name: string, id: string): unknown =>
  panel.fieldConfig.overrides
    .filter(({ matcher }) => matcher.id === 'byName' && matcher.options === name)
    .flatMap(({ properties }) => properties)
    .findLast((property) => property.id === id)?.value;

test('every title fits into its panel', () => {
  assert.ok(all.length > 60, `${all.length} panels`);
  for (const { panel, where } of all) {
    const room = Math.floor((widthOf(panel) - BESIDE_TITLE) / LETTER);
    assert.ok(panel.title.length <= room, `${where} has ${panel.title.length} letters in a room of ${room}`);
  }
});

test("the assignment's panels and the decisions are on the first screen of 1440 by 900", () => {
  for (const language of ['es', 'en']) {
    const { panels } = read(`grafana/${language}/contenedores.json`) as { panels: Drawn[] };
    const shown = panels.filter(({ type }) => type !== 'row');
    const lines = Math.max(...shown.map(({ gridPos: { y, h } }) => y + h));
    // The table of decisions may go on below it.
    const table = shown.find(({ type }) => type === 'table');
    assert.ok(table && (table.gridPos.y + 4) * LINE + HEADER <= 900, `${(table?.gridPos.y ?? 99) * LINE}`);
    assert.ok(lines <= 22, `${lines} lines`);
    assert.deepEqual(
      ['stat', 'timeseries', 'piechart', 'table'].map(
        (kind) => shown.filter(({ type }) => type === kind).length,
      ),
      [8, 2, 2, 1],
    );
    // The rest is folded away: 25 panels in one column were too long.
    assert.ok(panels.filter(({ type }) => type === 'row').every(({ collapsed }) => collapsed));
  }
});

test("a table's columns leave room for the text that matters, which is broken into lines", () => {
  let tables = 0;
  for (const { file, panel, where } of all) {
    if (panel.type !== 'table' || file.startsWith('fleet')) continue;
    const names = panel.fieldConfig.overrides.map(({ matcher }) => matcher.options);
    const shown = names.filter((name) => propertyOf(panel, name, 'custom.hidden') !== true);
    const widths = shown.map((name) => Number(propertyOf(panel, name, 'custom.width') ?? 0));
    const open = shown.filter((name) => propertyOf(panel, name, 'custom.width') === undefined);
    const left = widthOf(panel) - widths.reduce((sum, width) => sum + width, 0);
    if (widths.some((width) => width > 0))
      assert.ok(open.length > 0 && left / open.length >= 75, `${where}: ${Math.round(left)} px for ${open}`);
    for (const name of shown) {
      if (!/^(Razón|Reason|Detalle|Detail|Comando|Command|Por qué esa clase|Why that class)$/.test(name))
        continue;
      assert.deepEqual(
        propertyOf(panel, name, 'custom.cellOptions'),
        { type: 'auto', wrapText: true },
        where,
      );
      assert.ok(
        !/^(Razón|Reason)$/.test(name) || left / open.length >= 190,
        `${where}: ${left} px for ${name}`,
      );
    }
    tables += 1;
  }
  assert.ok(tables >= 10, `${tables} tables`);
});

test('each series has a unit and a colour of its own in every panel; a class has the same everywhere', () => {
  let lines = 0;
  for (const { file, panel, where } of all) {
    if (panel.type !== 'timeseries' || file.startsWith('fleet')) continue;
    assert.ok(panel.fieldConfig.defaults.unit, where);
    assert.equal(panel.fieldConfig.defaults.color?.mode, 'palette-classic-by-name', where);
    assert.equal(panel.fieldConfig.defaults.custom?.spanNulls, false, `${where}: a line would bridge a gap`);
    const colours = panel.fieldConfig.overrides
      .filter(({ matcher }) => matcher.id === 'byRegexp')
      .map(({ properties }) => (properties[0]?.value as { fixedColor: string } | undefined)?.fixedColor);
    assert.deepEqual(colours, ['blue', 'orange', 'yellow'], where);
    lines += 1;
  }
  assert.ok(lines >= 20, `${lines} panels`);
});

test('an empty panel does not look like data', () => {
  for (const { panel, where } of all) {
    const { noValue, mappings = [] } = panel.fieldConfig.defaults;
    // In a table it would be a word in every empty cell, of bars a full bar, of lives a class.
    if (panel.type !== 'stat') assert.ok(noValue === undefined || noValue === '', `${where}: ${noValue}`);
    // A figure that is not known has no colour of a good value.
    else
      assert.ok(
        mappings.some(({ options }) => options.match === 'null+nan'),
        where,
      );
  }
});
