import type { PanelInfo, RowsAnswer } from '../../../daemon/src/show/api.ts';
import { labelOf } from '../words/panels.ts';
import { colourNameOf } from './palette.ts';

/** One line of a chart. */
export interface Series {
  /** Its column. */
  readonly id: string;
  /** What it is called; of several with the same values, all their names. */
  readonly label: string;
  readonly colour: string;
  readonly values: readonly (number | null)[];
  readonly isRight: boolean;
  /** A target or limit, not a measurement. */
  readonly isDashed: boolean;
}

/**
 * The lines of a panel. Measurements with the same values everywhere, such as average and maximum of single samples,
 * become one line with both names: otherwise one would hide the other.
 */
export function seriesOf(panel: PanelInfo, data: RowsAnswer): readonly Series[] {
  const all = data.columns.slice(1).map((id, i): Series => {
    const isDashed = panel.dashed?.includes(id) ?? false;
    return {
      id,
      label: labelOf(id),
      colour: isDashed ? 'ink' : colourNameOf(id, i),
      values: data.rows.map((row) => (typeof row[i + 1] === 'number' ? (row[i + 1] as number) : null)),
      isRight: panel.rightAxis?.includes(id) ?? false,
      isDashed,
    };
  });
  return panel.stacked ? all : merged(all);
}

function merged(all: readonly Series[]): readonly Series[] {
  const kept: Series[] = [];
  for (const series of all) {
    const twin = kept.findIndex((one) => areTwins(one, series));
    const found = kept[twin];
    if (found === undefined) kept.push(series);
    else kept[twin] = { ...found, label: `${found.label} = ${series.label}` };
  }
  return kept;
}

/** Whether two measurements have the same values, and more than zeros, which say nothing. */
function areTwins(one: Series, other: Series): boolean {
  return (
    !one.isDashed &&
    !other.isDashed &&
    one.isRight === other.isRight &&
    one.values.some(Boolean) &&
    one.values.every((value, i) => isSame(value, other.values[i] ?? null))
  );
}

const isSame = (a: number | null, b: number | null): boolean =>
  a === b || (a !== null && b !== null && Math.abs(a - b) <= 1e-9 * Math.abs(a));
