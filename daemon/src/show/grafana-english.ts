// Development only: the dashboards in English, made from the Spanish definitions.
import type { Dashboard } from '../panels/dashboards.ts';
import { LABELS, TITLES } from '../panels/english.ts';
import type { Panel } from '../panels/panel.ts';
import { withEnglishReasons } from '../panels/reason-column.ts';

const label = (name: string): string => LABELS[name] ?? name;

const keys = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [label(name), value]));

/** The same dashboard with English titles. Descriptions are Spanish only, and left out. */
export function inEnglish(dashboard: Dashboard): Dashboard {
  return {
    ...dashboard,
    title: TITLES[dashboard.id] ?? dashboard.title,
    description: '',
    rows: dashboard.rows.map(({ heading, cells, ...rest }) => ({
      ...rest,
      ...(heading === undefined ? {} : { heading: TITLES[heading] ?? heading }),
      cells: cells.map((cell) => ({ ...cell, panel: panelInEnglish(cell.panel) })),
    })),
  };
}

/** The drawing in English; its SQL stays as it is (`sqlInEnglish`). */
function panelInEnglish(panel: Panel): Panel {
  const { columns, containerColumn, widths, hidden, states, rightAxis, dashed } = panel;
  return {
    ...panel,
    title: TITLES[panel.id] ?? panel.title,
    description: '',
    ...(columns && { columns: keys(columns) }),
    ...(containerColumn && { containerColumn: label(containerColumn) }),
    ...(widths && { widths: keys(widths) }),
    ...(hidden && { hidden: hidden.map(label) }),
    ...(states && { states: keys(states) }),
    ...(rightAxis && { rightAxis: rightAxis.map(label) }),
    ...(dashed && { dashed: dashed.map(label) }),
  };
}

/** SQL, or a word, with English names for columns, series and Vigía's own words, and with English reasons. */
export function sqlInEnglish(sql: string): string {
  if (label(sql) !== sql) return label(sql);
  return withEnglishReasons(sql).replace(/(['"])([^'"\n]+)\1/g, (quoted, mark: string, text: string) => {
    const english = label(text);
    return english === text ? quoted : `${mark}${english.replaceAll(mark, mark + mark)}${mark}`;
  });
}
