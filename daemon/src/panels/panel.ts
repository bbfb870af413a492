/** What a value measures. A renderer turns it into its own formatting; `text` and `time` occur only in tables. */
export type Unit =
  | 'kib'
  | 'bytes'
  /** For CPU of containers and processes 100 is one core; for the host and for memory it is the whole machine. */
  | 'percent'
  | 'count'
  | 'seconds'
  | 'milliseconds'
  | 'bytesPerSecond'
  | 'text'
  /** Epoch seconds. */
  | 'time';

/**
 * The shape of the rows is a promise to both renderers:
 * - `stat`: at most one row with one number;
 * - `line`: `time` (epoch seconds, ascending), then one numeric column per series, named as its legend; a null is a gap;
 * - `pie`, `bar`: a label, then a number;
 * - `timeline`: `time` (epoch seconds, ascending), `lane`, `state`: from that moment on the lane is in that state, until its
 *   next row or the end of the range; a null state ends it. Lanes are drawn in the order in which they first occur;
 * - `table`: the columns listed in `columns`, in that order.
 */
export type PanelKind = 'stat' | 'line' | 'pie' | 'bar' | 'timeline' | 'table';

export type Colour = 'green' | 'yellow' | 'orange' | 'red' | 'blue';

/** The colour of values from `from` upwards; the first has null: everything below the second. */
export interface Threshold {
  readonly from: number | null;
  readonly colour: Colour;
}

/** How an answer is drawn, whatever was asked of whom. */
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
  /** Tables: the column that holds the beginning of a container's ID; it leads to that container's own panels. */
  readonly containerColumn?: string;
  /** Timelines: the colour of each state. */
  readonly states?: Readonly<Record<string, Colour>>;
  /** Lines: series to pile up rather than lay over each other. */
  readonly stacked?: boolean;
  /** Lines and bars: the top of the axis, where the unit has one. */
  readonly max?: number;
  /** Lines: series drawn against an axis of their own, at the right. */
  readonly rightAxis?: readonly string[];
  /** Lines: series that are a target, not a measurement. */
  readonly dashed?: readonly string[];
}

/** A question to the database and how to draw its answer. Grafana and the embedded page run the same SQL text. */
export interface Panel extends Drawing {
  /**
   * Plain SQLite. Its placeholders: $__from and $__to (epoch milliseconds, see range.ts) and, where `perContainer` is set,
   * SQLite's own named parameter `:container`, text: an ID or its beginning.
   */
  readonly sql: string;
  /** It is about one container: whoever runs it must bind `:container`. */
  readonly perContainer?: true;
}
