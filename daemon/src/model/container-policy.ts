import type { Bar, Pause } from './orders.ts';
import type { Reason } from './reason.ts';
import type { KiB, Percent, Seconds } from './units.ts';

/**
 * What kind of container it is, which decides what Vigía may do to it (policy/contract.ts):
 * - `disposable`: made to be thrown away; quotas, trimming and removal are about these only.
 * - `service`: an owner's container, put into Vigía's care; may be limited, restarted, and killed in an emergency, never removed.
 * - `foreign`: everything else; observed only.
 * - `protected`: observed only, whatever else it carries.
 */
export type Kind = 'disposable' | 'service' | 'foreign' | 'protected';

/**
 * What the owner of a service may allow. `throttle` stands for every limit on CPU, I/O and the number of processes,
 * `squeeze` for `memory.high`, `kill` for SIGKILL to all its processes when memory runs out and it is the culprit.
 */
export const REMEDIES = ['throttle', 'squeeze', 'restart', 'stop', 'kill'] as const;
export type Remedy = (typeof REMEDIES)[number];

/** What a service allows where neither a label nor the configuration says it. */
export const DEFAULT_REMEDIES: readonly Remedy[] = ['throttle', 'squeeze', 'restart', 'kill'];

/** The policy of one container, resolved from configuration and labels. */
export interface ContainerPolicy {
  readonly kind: Kind;
  /** Which label or which entry of the configuration made it so. */
  readonly because: Reason;
  /** Empty for foreign and protected containers. A disposable one allows everything. */
  readonly allow: readonly Remedy[];
  /** Among containers of one class, those with the lowest priority are removed first. 0 unless set. */
  readonly priority: number;
  /** Its own CPU threshold instead of `soft.cpuPercent`; 100 is one core. null: the configuration's. */
  readonly cpuPercent: Percent | null;
  /** Memory that its owner expects it to hold: up to this much nothing counts against it. null: unknown. */
  readonly expectedKb: KiB | null;
  /** Its own grace period instead of `soft.graceSeconds`. */
  readonly graceSeconds: Seconds | null;
  /** Names of containers and Compose services that depend on it. */
  readonly dependants: readonly string[];
  /** Labels that make no sense, each read in the stricter way. */
  readonly warnings: readonly Reason[];
  /** An operator, or a maintenance window, has paused Vigía for it. */
  readonly paused?: Pause;
  /** Remedies that an operator has undone. */
  readonly barred?: readonly Bar[];
}

/** An entry of `manage:` in the configuration. All fields of `match` that are given must match. */
export interface ManageEntry {
  readonly match: {
    readonly name?: string | undefined;
    /** With or without tag; compared by repository. */
    readonly image?: string | undefined;
    /** `key` or `key=value`. */
    readonly label?: string | undefined;
    /** Compose project and service. */
    readonly project?: string | undefined;
    readonly service?: string | undefined;
  };
  /** null: the default, or what the container's label says. */
  readonly allow: readonly Remedy[] | null;
  readonly priority: number | null;
  readonly cpuPercent: Percent | null;
  readonly expectedMib: number | null;
  readonly graceSeconds: Seconds | null;
  readonly dependants: readonly string[];
  /** Where the entry is: `file:line`. */
  readonly at: string;
}
