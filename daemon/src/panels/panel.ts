/** What a value measures; each renderer formats it in its own way. `text` and `time` occur only in tables. */
export type Unit =
  | 'kib'
  | 'bytes'
  /** 100 is one core for the CPU of containers and processes, and the whole machine for the host and for memory. */
  | 'percent'
  | 'count'
  | 'seconds'
  | 'milliseconds'
  | 'bytesPerSecond'
  | 'text'
  /** Epoch seconds. */
  | 'time';

/**
 * How a panel is drawn. Both renderers rely on these shapes of the rows:
 * - `stat`: at most one row with one number;
 * - `line`: `time` (epoch seconds, ascending), then one numeric column per series, named as its legend; null is a gap;
 * - `pie`, `bar`: a label, then a number;
 * - `timeline`: `time` (epoch seconds, ascending), `lane`, `state`: the lane is in that state from then on, until its
 *   next row or the end of the range; a null state ends it. Lanes are drawn in the order of their first row;
 * - `table`: the columns listed in `columns`, in that order.
 */
export type PanelKind = 'stat' | 'line' | 'pie' | 'bar' | 'timeline' | 'table';

export type Colour = 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'purple';

/** The colour of values from `from` upwards. The first threshold has null and covers all values below the second. */
export interface Threshold {
  readonly from: number | null;
  readonly colour: Colour;
}

/** How a panel is drawn, independent of its data source. */
export interface Drawing {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly kind: PanelKind;
  readonly unit: Unit;
  readonly decimals?: number;
  readonly thresholds?: readonly Threshold[];
  /** Tables: the unit of each column. */
  readonly columns?: Readonly<Record<string, Unit>>;
  /** Tables: the column with the beginning of a container's ID, which links to that container's panels. */
  readonly containerColumn?: string;
  /** Tables: the width of a column in pixels, in Grafana; the others share what is left. */
  readonly widths?: Readonly<Record<string, number>>;
  /** Tables: columns that Grafana does not show; a link of theirs goes to the container's name. */
  readonly hidden?: readonly string[];
  /** Timelines: the colour of each state. */
  readonly states?: Readonly<Record<string, Colour>>;
  /** Lines: drawn as steps, since nothing is known between two points. Counts always are. */
  readonly steps?: boolean;
  /** Lines: whether series are stacked on top of each other. */
  readonly stacked?: boolean;
  /** Lines and bars: the upper end of the axis. */
  readonly max?: number;
  /** Lines: series that use a second axis, on the right. */
  readonly rightAxis?: readonly string[];
  /** Lines: series that are a target or limit, not a measurement. */
  readonly dashed?: readonly string[];
}

/** A query to the database and how its answer is drawn. Grafana and the embedded page run the same SQL text. */
export interface Panel extends Drawing {
  /**
   * SQLite, with the placeholders $__from and $__to (epoch milliseconds, see range.ts). With `perContainer` also
   * SQLite's named parameter `:container`: text, an ID or the beginning of one.
   */
  readonly sql: string;
  /** The panel is about one container: `:container` must be bound. */
  readonly perContainer?: true;
}
