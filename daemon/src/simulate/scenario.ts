import type { KiB } from '../model/units.ts';

type Range = readonly [from: number, to: number];

/** Describes a modelled host and its workload; the built-in ones are in scenarios/*.json. */
export interface Scenario {
  readonly about: string;
  /** `systemKb` is the memory used by everything but the modelled containers. */
  readonly host: { readonly cpus: number; readonly totalKb: KiB; readonly systemKb: KiB };
  readonly kinds: Readonly<Record<string, Kind>>;
  /** Containers that exist from the start. */
  readonly residents: readonly Resident[];
  /** Containers that come later. */
  readonly arrivals: readonly Arrival[];
}

/**
 * How containers of one kind behave. Each container draws its own figures from the ranges; omitted fields do not apply.
 */
export interface Kind {
  readonly image: string;
  /** CPU that it uses when it is not limited; 100 is one core. */
  readonly cpuPercent: Range;
  readonly rssKb: Range;
  /** It uses that CPU only every other period of this length, and rests in between. */
  readonly busySeconds?: number;
  /** Growth of its memory, from the start of each run. */
  readonly rssKbPerSecond?: number;
  /** Above this size it thrashes: every task of the host waits for memory most of the time (PSI full). */
  readonly thrashesAboveKb?: number;
  /** Seconds from SIGTERM to its end. It is killed when this exceeds the grace period. */
  readonly stopSeconds?: Range;
  /** It ends by itself after so many seconds. */
  readonly livesSeconds?: Range;
  /** Its restart policy starts it again each time it has ended by itself. */
  readonly comesBack?: true;
  /** Number of processes at the start of each run (1 by default), and how many more it forks per second. */
  readonly processes?: Range;
  readonly processesPerSecond?: number;
  /** Writes to block devices. A CPU limit slows them in proportion. */
  readonly writesKbPerSecond?: Range;
  /** Above this rate every task of the host waits for I/O most of the time (PSI full). */
  readonly stallsAboveKbPerSecond?: KiB;
}

/** Containers of one kind that exist from the start. */
export interface Resident {
  readonly kind: string;
  readonly count: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly name?: string;
  /** Why Vigía must never touch it. The invariants rely on this field, never on the labels that Vigía reads. */
  readonly untouchable?: 'protected' | 'foreign';
}

/** New containers that come in regular batches. */
export interface Arrival {
  readonly everySeconds: number;
  readonly count: number;
  /** Each container's kind is drawn with these weights. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Instead of the labels of a container of the workload. */
  readonly labels?: Readonly<Record<string, string>>;
}
