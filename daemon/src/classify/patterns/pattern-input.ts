import type { Usual } from '../../model/baseline.ts';
import type { Config } from '../../model/config.ts';
import type { ContainerPolicy } from '../../model/container-policy.ts';
import type { HostPoint, TrailPoint } from '../../model/history.ts';
import type { Reason } from '../../model/reason.ts';
import type { ContainerUsage, Snapshot } from '../../model/snapshot.ts';
import type { Percent } from '../../model/units.ts';

/** The input of a pattern check: one container, now and in the last minutes. */
export interface PatternInput {
  readonly usage: ContainerUsage;
  /** null while there is no rate. */
  readonly cpuPercent: Percent | null;
  /** Readings of this run of the container, the oldest first; the present reading is the last one. */
  readonly trail: readonly TrailPoint[];
  /** What is usual for its image; null while too little was observed. */
  readonly usual: Usual | null;
  readonly policy: ContainerPolicy;
  /** The host before this reading, the oldest first. */
  readonly host: readonly HostPoint[];
  readonly now: Snapshot;
  readonly config: Config;
}

/** Returns the evidence while the pattern shows, null while it does not. */
export type PatternCheck = (input: PatternInput) => Reason | null;
