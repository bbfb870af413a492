import type { KiB } from '../model/units.ts';

type Range = readonly [from: number, to: number];

/** What happens on a modelled host, as data (scenarios/*.json). */
export interface Scenario {
  readonly about: string;
  readonly host: { readonly cpus: number; readonly totalKb: KiB; readonly systemKb: KiB };
  readonly kinds: Readonly<Record<string, Kind>>;
  /** There from the start. */
  readonly residents: readonly Resident[];
  readonly arrivals: readonly Arrival[];
}

/** How containers of one kind behave. Each container draws its own figures from the ranges. */
export interface Kind {
  readonly image: string;
  /** What it wants; 100 is one core. */
  readonly cpuPercent: Range;
  readonly rssKb: Range;
  /** It wants that CPU only at times: busy for so long, then as long at rest, and again. */
  readonly busySeconds?: number;
  /** From each beginning on. */
  readonly rssKbPerSecond?: number;
  /** From this size on it thrashes: every task of the host waits for memory most of the time (PSI full). */
  readonly thrashesAboveKb?: number;
  /** Seconds until it obeys SIGTERM; longer than the grace period: it is killed. */
  readonly stopSeconds?: Range;
  /** It ends by itself after that long. */
  readonly livesSeconds?: Range;
  /** Its restart policy begins it anew each time it has ended by itself. */
  readonly comesBack?: true;
  /** How many processes it begins with (one, unless told), and how many more it forks a second. */
  readonly processes?: Range;
  readonly processesPerSecond?: number;
  /** What it writes to block devices; less while its CPU is limited. */
  readonly writesKbPerSecond?: Range;
  /** While it writes more than this every task of the host waits for I/O most of the time (PSI full). */
  readonly stallsAboveKbPerSecond?: KiB;
}

export interface Resident {
  readonly kind: string;
  readonly count: number;
  /** Instead of our own label. */
  readonly labels: Readonly<Record<string, string>>;
  readonly name?: string;
  /** Why nothing may ever touch it, as the scenario knows it: not as its labels are read. */
  readonly untouchable?: 'protected' | 'foreign';
}

export interface Arrival {
  readonly everySeconds: number;
  readonly count: number;
  readonly kinds: Readonly<Record<string, number>>;
  /** Instead of our own label. */
  readonly labels?: Readonly<Record<string, string>>;
}
