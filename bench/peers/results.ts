/** What rounds.ts prints. Times in ms; memory in KiB. */
export type Hog = 'fast' | 'slow';
export type Name = 'vigia' | 'systemd-oomd' | 'earlyoom' | 'kernel';

export interface Round {
  readonly contestant: Name;
  readonly hog: Hog;
  /** `last`: one of the last two of its class, and known as such. `new`: just started, its class not yet known. */
  readonly standing: 'last' | 'new';
  /** When MemAvailable fell below 5 %; null when it never did. The zero of all other times where it is not null. */
  readonly crossedMs: number | null;
  /** From there to the hog's end; null when nobody ended it within the time. */
  readonly endedMs: number | null;
  /** From there until 10 % were available again. */
  readonly backMs: number | null;
  /** From the contestant's own threshold (see OWN) to the same moment; null where it never came to it. */
  readonly ownBackMs: number | null;
  readonly lowestPercent: number;
  /** Longest gap of the 10 ms ticker from a second before the crossing to two after memory was back. */
  readonly worstStallMs: number;
  /** The same while all was quiet, before the hog began. */
  readonly quietStallMs: number;
  /** Whoever else was gone afterwards: containers and services. */
  readonly bystanders: readonly string[];
  /** What the contestant said of it. */
  readonly said: readonly string[];
}

export interface Run {
  readonly machine: {
    readonly kernel: string;
    readonly cpus: number;
    readonly memory_kb: number;
    readonly docker: string;
  };
  readonly rounds: readonly Round[];
}

export interface Results {
  /** Packages and their versions. */
  readonly rivals: readonly string[];
  readonly fast?: Run;
  readonly slow?: Run;
  /** Load of the host while it ran (least, median, most of its one-minute averages): the machine is emulated on it. */
  readonly hostLoad: Partial<Record<Hog, readonly [number, number, number]>>;
}

export const CONFIGURED: Readonly<Record<Name, string>> = {
  vigia: 'defaults (MemAvailable < 5 %, looked at every second); cron and Grafana off',
  'systemd-oomd':
    "Debian's (60 % pressure for 20 s), and ManagedOOMMemoryPressure=kill on system.slice, ManagedOOMSwap=kill on -.slice",
  earlyoom: "Debian's (SIGTERM at 10 % of memory and of swap, SIGKILL at 5 %)",
  kernel: 'nothing but the kernel',
};

export const NAMES = ['vigia', 'systemd-oomd', 'earlyoom', 'kernel'] as const satisfies readonly Name[];
