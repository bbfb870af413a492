import type { ManageEntry } from './container-policy.ts';
import type { Level } from './decision.ts';
import type { NotifySettings } from './notification.ts';
import type { Orders } from './orders.ts';
import type { Percent } from './units.ts';

/** Every setting, with its unit in its name. `/etc/vigia/config.yaml` may set any of them; DEFAULTS fill the rest. */
export interface Config {
  /** Suffix of the two /proc files. */
  readonly carnet: string;
  /** The assignment's whole set-up: enforce, quotas of 3 and 2, and the cron job, unless those keys say otherwise. */
  readonly demo: boolean;
  /** `observe` plans nothing, `dry-run` plans and records, `enforce` acts. */
  readonly mode: 'observe' | 'dry-run' | 'enforce';
  /** `auto` prefers the kernel modules and falls back to /proc and cgroupfs. */
  readonly sensor: 'auto' | 'kernel' | 'bpf' | 'procfs';
  readonly cycleSeconds: number;
  readonly database: string;
  readonly topProcesses: number;
  readonly classify: {
    /** Above either of the two, a container is high; at or below both, it is low. */
    readonly cpuPercent: Percent;
    readonly memPercent: Percent;
    /** A high container becomes low only below this share of both limits. */
    readonly releaseRatio: number;
    /** Rates need two readings at least this far apart. */
    readonly minSeconds: number;
  };
  readonly pressure: {
    /** How often memory is checked between cycles. */
    readonly watchSeconds: number;
    /** MemAvailable below the smaller of this share of RAM and `availableMib` starts an emergency cycle at once. */
    readonly availablePercent: Percent;
    readonly availableMib: number;
    /** Memory PSI "full avg10" above this for `fullSeconds` also starts one, while MemAvailable is below `fullBelowPercent`. */
    readonly fullAvg10: Percent;
    readonly fullSeconds: number;
    readonly fullBelowPercent: Percent;
    /** A container that holds a smaller share of RAM is never evicted, since that would not help. */
    readonly minReclaimPercent: Percent;
    /** Pause after an eviction, since memory takes a moment to recover. */
    readonly coolDownSeconds: number;
  };
  readonly soft: {
    /** Above this, or above what is usual for its image if that is more, a container spins; 100 is one core. */
    readonly cpuPercent: Percent;
    /** Above this share of RAM, or what is usual for its image, a container hoards while little memory is available. */
    readonly memPercent: Percent;
    /** Hoarding is a reason to act only while MemAvailable is below this share of RAM. */
    readonly availablePercent: Percent;
    /** Whether what is usual for an image (median + 3 MAD of its history) raises the two floors above. */
    readonly learn: boolean;
    /** How long a breach must last. */
    readonly graceSeconds: number;
    /** A younger run is left alone, since it may be busy starting. */
    readonly minAgeSeconds: number;
    /** The CPU limit of a throttled container; 100 is one core. */
    readonly throttlePercent: Percent;
  };
  readonly patterns: {
    /** Memory rises steadily by this share of RAM within the window and, at that rate, fills RAM within this time. */
    readonly leak: {
      readonly windowSeconds: number;
      readonly risePercent: Percent;
      readonly fullWithinSeconds: number;
    };
    /** At least this many processes, and twice as many as a minute ago. */
    readonly forkStorm: { readonly processes: number };
    /** Throughput to and from block devices, while every task waits for I/O this share of the time (PSI full avg10). */
    readonly ioStorm: { readonly mibPerSecond: number; readonly fullAvg10: Percent };
    /** This many restarts, whatever causes them. */
    readonly flapping: { readonly restarts: number; readonly withinSeconds: number };
  };
  readonly disk: {
    /** Above this share of bytes or inodes in two readings, a file system of the engine or of the record is short. */
    readonly usedPercent: Percent;
    /** It is also short if it will be full within this time. */
    readonly fullWithinHours: number;
    /** `remove-disposables`: replaces the disposable container with the largest log. */
    readonly remedy: 'none' | 'remove-disposables';
  };
  readonly ladder: {
    /** A remedy that was tried on a container is not tried again within this time; the next one is. */
    readonly rememberSeconds: number;
    /**
     * After a restart, no container of the same image is restarted for this time; it doubles up to
     * `backOffMostSeconds`.
     */
    readonly backOffSeconds: number;
    readonly backOffMostSeconds: number;
  };
  readonly quotas: { readonly [L in Level]: Quota };
  readonly act: {
    /** SIGTERM, then SIGKILL after this long. */
    readonly stopSeconds: number;
    /** Removals, limits and restarts that run in parallel. */
    readonly atOnce: number;
    /** A container that could not be removed three times in a row is set aside for this time. */
    readonly breakerSeconds: number;
    /** The CPU of the host counts as contended, and services may be throttled, while less than this share is idle. */
    readonly idlePercent: Percent;
    /** Starts by Vigía of one image within an hour. */
    readonly startsPerHour: number;
  };
  readonly protect: { readonly names: readonly string[]; readonly images: readonly string[] };
  /** Containers to look after although they do not carry the label `vigia.managed=true`. */
  readonly manage: readonly ManageEntry[];
  /** Containers to leave alone although a label or `manage` says otherwise. */
  readonly release: { readonly names: readonly string[] };
  /** Times at which Vigía pauses. */
  readonly maintenance: readonly MaintenanceWindow[];
  /** What is ordered at this moment, in a running loop; no file sets it. */
  readonly orders?: Orders;
  readonly docker: { readonly socket: string; readonly timeoutSeconds: number };
  readonly page: {
    /** Must be loopback unless `tokenFile` is set. */
    readonly host: string;
    readonly port: number;
    /** A file with the password of user `vigia`, which every request must then carry; null for no password. */
    readonly tokenFile: string | null;
  };
  readonly grafana: { readonly start: boolean; readonly atEnd: 'leave' | 'stop' };
  readonly cron: { readonly install: boolean };
  readonly scripts: {
    /** `<directory>/<event>/` holds the scripts that are run on that event. */
    readonly directory: string;
    readonly timeoutSeconds: number;
  };
  readonly notify: NotifySettings;
  readonly retention: {
    /** Samples and actions, one row each. */
    readonly samplesDays: number;
    /** Minimum, mean and maximum over five minutes, and over an hour. */
    readonly fiveMinutesDays: number;
    readonly hoursDays: number;
    /** Short-lived containers, one row each; after that only the sums of their day. */
    readonly lifetimesDays: number;
    /** Decisions with all candidates; after that only a line each. */
    readonly decisionsDays: number;
    readonly linesDays: number;
  };
}

/** A pause that comes again and again. */
export interface MaintenanceWindow {
  /** Cron expression: when it begins. */
  readonly at: string;
  readonly minutes: number;
  /** IANA name; null: that of the host. */
  readonly timeZone: string | null;
  /** As of `vigia pause`; empty for the whole host. */
  readonly targets: readonly string[];
  readonly reason: string;
  readonly all: boolean;
}

export interface Quota {
  /** How many containers of this class always run. */
  readonly keep: number;
  /** true: containers above `keep` are removed. false: only misbehaviour leads to action. */
  readonly trim: boolean;
  /** Images to start a missing container from; the one with the fewest running containers first. */
  readonly images: readonly string[];
}

/** By how much a class exceeds its quota; 0 if the class is not trimmed. */
export const surplusOf = ({ keep, trim }: Pick<Quota, 'keep' | 'trim'>, running: number): number =>
  trim ? Math.max(0, running - keep) : 0;

/** Whether the cron job may start containers: only where surplus ones are removed, too. */
export const isWorkloadOn = ({ cron, mode }: Pick<Config, 'cron' | 'mode'>): boolean =>
  cron.install && mode === 'enforce';

/** An owner's host: Vigía looks on until the configuration says more. */
export const DEFAULTS: Config = {
  carnet: '201903553',
  demo: false,
  mode: 'observe',
  sensor: 'auto',
  cycleSeconds: 20,
  database: '/var/lib/vigia/vigia.db',
  topProcesses: 20,
  classify: { cpuPercent: 0.09, memPercent: 0.16, releaseRatio: 0.8, minSeconds: 10 },
  pressure: {
    watchSeconds: 1,
    availablePercent: 5,
    availableMib: 1024,
    fullAvg10: 40,
    fullSeconds: 10,
    fullBelowPercent: 25,
    minReclaimPercent: 1,
    coolDownSeconds: 15,
  },
  soft: {
    cpuPercent: 90,
    memPercent: 25,
    availablePercent: 15,
    learn: true,
    graceSeconds: 60,
    minAgeSeconds: 30,
    throttlePercent: 25,
  },
  patterns: {
    leak: { windowSeconds: 600, risePercent: 2, fullWithinSeconds: 3600 },
    forkStorm: { processes: 512 },
    ioStorm: { mibPerSecond: 50, fullAvg10: 20 },
    flapping: { restarts: 3, withinSeconds: 300 },
  },
  disk: { usedPercent: 90, fullWithinHours: 24, remedy: 'none' },
  ladder: { rememberSeconds: 3600, backOffSeconds: 10, backOffMostSeconds: 300 },
  quotas: {
    low: { keep: 0, trim: false, images: ['vigia/idle'] },
    high: { keep: 0, trim: false, images: ['vigia/cpu', 'vigia/ram'] },
  },
  act: { stopSeconds: 10, atOnce: 10, breakerSeconds: 60, idlePercent: 10, startsPerHour: 60 },
  protect: { names: ['vigia-grafana'], images: ['grafana/grafana', 'grafana/grafana-oss'] },
  manage: [],
  release: { names: [] },
  maintenance: [],
  docker: { socket: '/var/run/docker.sock', timeoutSeconds: 15 },
  page: { host: '127.0.0.1', port: 8080, tokenFile: null },
  grafana: { start: true, atEnd: 'leave' },
  cron: { install: false },
  scripts: { directory: '/etc/vigia/hooks.d', timeoutSeconds: 30 },
  notify: {
    language: 'en',
    channels: [],
    rules: [],
    state: '/var/lib/vigia-notify/state.db',
    ratePerMinute: 20,
    giveUpSeconds: 86_400,
  },
  retention: {
    samplesDays: 7,
    fiveMinutesDays: 90,
    hoursDays: 730,
    lifetimesDays: 90,
    decisionsDays: 90,
    linesDays: 730,
  },
};

/** What `demo: true` changes, unless the configuration sets these keys: the assignment's set-up. */
export const DEMO_DEFAULTS: Config = {
  ...DEFAULTS,
  demo: true,
  mode: 'enforce',
  quotas: {
    low: { ...DEFAULTS.quotas.low, keep: 3, trim: true },
    high: { ...DEFAULTS.quotas.high, keep: 2, trim: true },
  },
  cron: { install: true },
};
