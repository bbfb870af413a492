import type { Config } from '../model/config.ts';
import type { KiB, Percent, Seconds } from '../model/units.ts';
import type { Invariant } from './checks/invariants.ts';

export type Range = readonly [from: number, to: number];

/** Describes a modelled host and its workload; the built-in ones are in scenarios/*.json. */
export interface Scenario {
  readonly about: string;
  /** Settings that belong to the scenario. */
  readonly config?: ScenarioConfig;
  /** Invariants that a run of at least an hour must have checked. */
  readonly reaches?: readonly Invariant[];
  readonly host: Host;
  readonly kinds: Readonly<Record<string, Kind>>;
  /** Containers that exist from the start. */
  readonly residents: readonly Resident[];
  /** Containers that come later. */
  readonly arrivals: readonly Arrival[];
  /** People who stop, restart, redeploy and scale their services. */
  readonly owners?: readonly Owner[];
}

export interface ScenarioConfig {
  /** true: the assignment's set-up, with quotas of three and two. false: an owner's host, without quotas. */
  readonly demo?: boolean;
  readonly quotas?: Readonly<Partial<Record<'low' | 'high', Partial<Config['quotas']['low']>>>>;
}

export interface Host {
  readonly cpus: number;
  readonly totalKb: KiB;
  /** Memory used by everything but the modelled containers and `holders`. */
  readonly systemKb: KiB;
  /** CPU used by everything but the modelled containers; 3 by default. */
  readonly systemCpuPercent?: Percent;
  /** Others that hold memory and may take more. */
  readonly holders?: readonly Holder[];
}

/** A process, service or tmpfs of the host that holds memory. */
export interface Holder {
  readonly kind: 'cgroup' | 'process' | 'tmpfs';
  readonly name: string;
  readonly holdsKb: KiB;
  readonly binges?: Binge;
}

/** From time to time it takes memory until only `leavesKb` is available, keeps it for a while, and gives it back. */
export interface Binge {
  /** From the end of the last one (or the start) to the next one. */
  readonly everySeconds: Range;
  readonly kbPerSecond: number;
  readonly leavesKb: KiB;
  readonly staysSeconds: Range;
}

/**
 * How containers of one kind behave. Each container draws its own figures from the ranges; omitted fields do not apply.
 */
export interface Kind {
  readonly image: string;
  /** CPU that it wants in its steady state; 100 is one core. */
  readonly cpuPercent: Range;
  /** Anonymous memory at the start of each run. */
  readonly rssKb: Range;
  /** Memory in tmpfs and shared memory, which does not come back while it runs either. */
  readonly shmemKb?: Range;
  /** Each run begins with this use of CPU, until it has lasted `seconds` or has done `coreSeconds` of work. */
  readonly startUp?: {
    readonly cpuPercent: Percent;
    readonly seconds?: Seconds;
    readonly coreSeconds?: number;
  };
  /** Anonymous memory then rises to `toKb` within `seconds` of each run and stays there. */
  readonly fills?: { readonly toKb: KiB; readonly seconds: Seconds };
  /** Page cache rises to `toKb` within `seconds` of each run. It is part of the memory that is available. */
  readonly caches?: { readonly toKb: KiB; readonly seconds: Seconds };
  /** Busy at the beginning of every period, at rest for the remainder. */
  readonly rhythm?: {
    readonly periodSeconds: Seconds;
    readonly busySeconds: Seconds;
    readonly restCpuPercent: Percent;
    /** Held in addition at the end of the busy part, rising steadily; given back after it. */
    readonly busyKb?: KiB;
    /** Processes in addition while busy. */
    readonly busyProcesses?: number;
  };
  /** Memory that grows for ever in each run: a leak. Seconds until it begins: at once by default. */
  readonly rssKbPerSecond?: number;
  readonly growsAfterSeconds?: Range;
  readonly binges?: Binge;
  /** Above this size it thrashes: every task of the host waits for memory most of the time (PSI full). */
  readonly thrashesAboveKb?: number;
  /** Seconds from its stop signal to its end. It is killed when this exceeds the grace period. */
  readonly stopSeconds?: Range;
  /** Its own stop timeout; the engine's default of 10 s otherwise. */
  readonly stopTimeoutSeconds?: Seconds;
  /** It ends by itself after so many seconds. */
  readonly livesSeconds?: Range;
  /** It ends by itself once a run has used so much CPU. */
  readonly endsAfterCoreSeconds?: number;
  /** Its restart policy starts it again each time it has ended by itself, after a back-off. */
  readonly comesBack?: true;
  /** `livesSeconds` applies only for so long after it was started through the engine: what it needs is not there yet. */
  readonly failsForSeconds?: Range;
  /** It has a health check, which fails after so many seconds of a run; a new run cures it. */
  readonly sickensSeconds?: Range;
  /** Number of processes at the start of each run (1 by default), and how many more it forks per second. */
  readonly processes?: Range;
  readonly processesPerSecond?: number;
  readonly forksAfterSeconds?: Range;
  /** A burst of connections: from so many seconds on, `processes` more within `seconds`. They stay. */
  readonly burst?: { readonly afterSeconds: Range; readonly processes: number; readonly seconds: Seconds };
  /** Reads from and writes to block devices. A CPU limit or a full host slows them in proportion. */
  readonly readsKbPerSecond?: Range;
  readonly writesKbPerSecond?: Range;
  /** Above this rate every task of the host waits for I/O this share of the time (PSI full); 80 by default. */
  readonly stallsAboveKbPerSecond?: KiB;
  readonly stallPercent?: Percent;
}

/** What a container really is. The invariants rely on this, never on the labels that Vigía reads. */
export type Nature = 'disposable' | 'service' | 'foreign' | 'protected';

/** Containers of one kind that exist from the start. */
export interface Resident {
  readonly kind: string;
  readonly count: number;
  /** `disposable` by default. */
  readonly nature?: Nature;
  /** Those of its nature by default. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly name?: string;
}

/** New containers that come in regular batches. */
export interface Arrival {
  readonly everySeconds: number;
  readonly count: number;
  /** Each container's kind is drawn with these weights. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly nature?: Nature;
  /** Instead of the labels of a container of its nature. */
  readonly labels?: Readonly<Record<string, string>>;
}

export type OwnerAct = 'stop' | 'restart' | 'redeploy' | 'scale' | 'start';

/** An operator who handles the services of these kinds through the engine, as people and pipelines do. */
export interface Owner {
  readonly kinds: readonly string[];
  /** Time between two acts, more or less. */
  readonly everySeconds: number;
  /** What is done, drawn with these weights. `start` starts one that has ended by itself. */
  readonly does: Readonly<Partial<Record<OwnerAct, number>>>;
  /** How long a stopped service stays stopped. */
  readonly awaySeconds?: Range;
}
