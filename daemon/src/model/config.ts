import type { Level } from './decision.ts';
import type { Percent } from './units.ts';

/** Every setting, with its unit in its name. `/etc/vigia/config.yaml` may set any of them; DEFAULTS fill the rest. */
export interface Config {
  /** Suffix of the two /proc files. */
  readonly carnet: string;
  /** `observe` plans nothing, `dry-run` plans and records, `enforce` acts. */
  readonly mode: 'observe' | 'dry-run' | 'enforce';
  /** `auto` prefers the kernel modules and falls back to /proc and cgroupfs. */
  readonly sensor: 'auto' | 'kernel' | 'procfs';
  readonly cycleSeconds: number;
  readonly database: string;
  readonly topProcesses: number;
  readonly classify: {
    /** Above either of the two a container is high; at or below both it is low. */
    readonly cpuPercent: Percent;
    readonly memPercent: Percent;
    /** A high container becomes low only below this share of both limits. */
    readonly releaseRatio: number;
    /** Rates need two readings at least this far apart. */
    readonly minSeconds: number;
  };
  readonly pressure: {
    /** How often memory is looked at between cycles. */
    readonly watchSeconds: number;
    /** MemAvailable below this share of RAM starts an emergency cycle at once. */
    readonly availablePercent: Percent;
    /** So does memory PSI "full avg10" above this for so long. */
    readonly fullAvg10: Percent;
    readonly fullSeconds: number;
    /** A container that holds less of RAM than this is never removed to relieve memory: it would not help. */
    readonly minReclaimPercent: Percent;
    /** After an emergency removal: memory takes a moment to come back. */
    readonly coolDownSeconds: number;
  };
  readonly soft: {
    /** Above this share of a core for `graceSeconds` a container is throttled; 100 is one core. */
    readonly cpuPercent: Percent;
    readonly graceSeconds: number;
    /** A younger container may be busy starting. */
    readonly minAgeSeconds: number;
    /** What a throttled container is left. */
    readonly throttlePercent: Percent;
  };
  readonly quotas: { readonly [L in Level]: Quota };
  readonly act: {
    /** SIGTERM, then SIGKILL after this long. */
    readonly stopSeconds: number;
    readonly atOnce: number;
    /** After three cycles in a row in which every removal failed, none is tried for so long. */
    readonly breakerSeconds: number;
  };
  readonly protect: { readonly names: readonly string[]; readonly images: readonly string[] };
  readonly docker: { readonly socket: string; readonly timeoutSeconds: number };
  readonly page: {
    /** Loopback, unless there is a token. */
    readonly host: string;
    readonly port: number;
    /** A file with the password of user `vigia`, which everyone then has to give; null asks nobody. */
    readonly tokenFile: string | null;
  };
  readonly grafana: { readonly start: boolean; readonly atEnd: 'leave' | 'stop' };
  readonly cron: { readonly install: boolean };
  readonly retention: {
    readonly samplesDays: number;
    readonly lifetimesDays: number;
    readonly decisionsDays: number;
  };
}

export interface Quota {
  /** How many of this class always run. */
  readonly keep: number;
  /** Started from when one is missing; the rarer first. */
  readonly images: readonly string[];
}

export const DEFAULTS: Config = {
  carnet: '201903553',
  mode: 'enforce',
  sensor: 'auto',
  cycleSeconds: 20,
  database: '/var/lib/vigia/vigia.db',
  topProcesses: 20,
  classify: { cpuPercent: 0.09, memPercent: 0.16, releaseRatio: 0.8, minSeconds: 10 },
  pressure: {
    watchSeconds: 1,
    availablePercent: 5,
    fullAvg10: 40,
    fullSeconds: 10,
    minReclaimPercent: 1,
    coolDownSeconds: 15,
  },
  soft: { cpuPercent: 90, graceSeconds: 60, minAgeSeconds: 30, throttlePercent: 25 },
  quotas: {
    low: { keep: 3, images: ['vigia/idle'] },
    high: { keep: 2, images: ['vigia/cpu', 'vigia/ram'] },
  },
  act: { stopSeconds: 10, atOnce: 10, breakerSeconds: 60 },
  protect: { names: ['vigia-grafana'], images: ['grafana/grafana', 'grafana/grafana-oss'] },
  docker: { socket: '/var/run/docker.sock', timeoutSeconds: 15 },
  page: { host: '127.0.0.1', port: 8080, tokenFile: null },
  grafana: { start: true, atEnd: 'leave' },
  cron: { install: true },
  retention: { samplesDays: 7, lifetimesDays: 90, decisionsDays: 90 },
};
