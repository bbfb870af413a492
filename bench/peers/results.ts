/** Output of rounds.ts. Times in ms, memory in KiB. */
export const NAMES = ['vigia', 'systemd-oomd', 'earlyoom', 'kernel'] as const;
export type Name = (typeof NAMES)[number];

/** Whose memory it is that runs away. */
export const KINDS = ['disposable', 'service', 'foreign', 'process', 'tmpfs'] as const;
export type Kind = (typeof KINDS)[number];

export const GROWTHS = ['fast', 'slow'] as const;
export type Growth = (typeof GROWTHS)[number];

/** `native`: on this host, whose memory must not run out; `lab`: in the emulated machine. */
export type Place = 'native' | 'lab';

export interface Round {
  readonly contestant: Name;
  readonly kind: Kind;
  readonly growth: Growth;
  /** Whether less than the threshold was available at all: else the other times count from the program's own. */
  readonly isCrossed: boolean;
  /** Time until the hog's kill was accepted: it began to exit. null if it was not killed within the limit. */
  readonly killedMs: number | null;
  /** Time until it had ended, with its memory. */
  readonly endedMs: number | null;
  /** Time until memory was available again beyond the threshold, for at least a second. */
  readonly reliefMs: number | null;
  /** The same, from the program's own threshold (isOver in rounds.ts); null if that was never reached. */
  readonly ownReliefMs: number | null;
  readonly lowestPercent: number;
  /** Longest gaps of the two bystanders (ticker.c), from 1 s before the crossing until 2 s after the relief. */
  readonly stallMs: { readonly ticker: number; readonly reader: number };
  /** The same before the hog began to grow. */
  readonly quietStallMs: { readonly ticker: number; readonly reader: number };
  /** Whether the program's record or log names the hog. */
  readonly isNamed: boolean;
  /** What ended the hog: the contestant or the kernel; null when nothing did. */
  readonly endedBy: Name | null;
  /** Other containers and services that had ended or restarted afterwards. */
  readonly innocents: readonly string[];
  /** Surplus disposable containers that Vigía gave up for the memory, or trimmed meanwhile. */
  readonly givenUp: readonly string[];
  /** What an owner has lost: containers and volumes that are gone. */
  readonly lost: readonly string[];
  /** Lines of the program's record or log about it. */
  readonly said: readonly string[];
}

export interface Machine {
  readonly kernel: string;
  readonly cpus: number;
  readonly memoryKb: number;
  readonly cgroup: 'v1' | 'v2';
  readonly docker: string;
}

export interface Run {
  readonly machine: Machine;
  readonly rounds: readonly Round[];
  /** One-minute load of the host, for the lab of the one that emulates it: minimum, median, maximum. */
  readonly hostLoad: readonly [number, number, number];
}

export interface Results {
  /** Packages and their versions. */
  readonly rivals: readonly string[];
  readonly native?: Run;
  readonly lab?: Run;
}

export const CONFIGURED: Readonly<Record<Name, string>> = {
  vigia: 'quotas of 3 and 2 (MemAvailable < 5 %, checked every second); cron and Grafana off',
  'systemd-oomd':
    'Debian defaults (60 % pressure for 20 s), plus ManagedOOMMemoryPressure=kill on system.slice, ManagedOOMSwap=kill on -.slice',
  earlyoom: 'Debian defaults (SIGTERM at 10 % of memory and of swap, SIGKILL at 5 %)',
  kernel: 'only the kernel OOM killer',
};
