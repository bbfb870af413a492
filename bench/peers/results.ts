/** Output of rounds.ts. Times in ms, memory in KiB. */
export type Hog = 'fast' | 'slow';
export type Name = 'vigia' | 'systemd-oomd' | 'earlyoom' | 'kernel';

export interface Round {
  readonly contestant: Name;
  readonly hog: Hog;
  /** `last`: the hog is one of the last two of its class, and classified. `new`: just started, not yet classified. */
  readonly standing: 'last' | 'new';
  /** When MemAvailable fell below 5 %; null if it never did. If not null, all other times are relative to it. */
  readonly crossedMs: number | null;
  /** Time until the hog ended; null if it was not killed within the limit. */
  readonly endedMs: number | null;
  /** Time until 10 % were available again. */
  readonly backMs: number | null;
  /** The same, but from the program's own threshold (isOver in rounds.ts); null if that was never reached. */
  readonly ownBackMs: number | null;
  readonly lowestPercent: number;
  /** Longest gap reported by ticker.c, from 1 s before the crossing until 2 s after memory had recovered. */
  readonly worstStallMs: number;
  /** The same before the hog began to grow. */
  readonly quietStallMs: number;
  /** Other containers and services that had ended or restarted afterwards. */
  readonly bystanders: readonly string[];
  /** Log lines of the program about the kill. */
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
  /** One-minute load of the host that emulates the machine, during the run: minimum, median, maximum. */
  readonly hostLoad: Partial<Record<Hog, readonly [number, number, number]>>;
}

export const CONFIGURED: Readonly<Record<Name, string>> = {
  vigia: 'defaults (MemAvailable < 5 %, checked every second); cron and Grafana off',
  'systemd-oomd':
    'Debian defaults (60 % pressure for 20 s), plus ManagedOOMMemoryPressure=kill on system.slice, ManagedOOMSwap=kill on -.slice',
  earlyoom: 'Debian defaults (SIGTERM at 10 % of memory and of swap, SIGKILL at 5 %)',
  kernel: 'only the kernel OOM killer',
};

export const NAMES = ['vigia', 'systemd-oomd', 'earlyoom', 'kernel'] as const satisfies readonly Name[];
