import type { Usual } from '../../model/baseline.ts';
import type { Config } from '../../model/config.ts';
import type { TrailPoint } from '../../model/history.ts';
import type { ContainerUsage, Snapshot } from '../../model/snapshot.ts';
import type { Percent } from '../../model/units.ts';

/** What a pattern looks at: one container, now and lately. */
export interface PatternInput {
  readonly usage: ContainerUsage;
  readonly cpuPercent: Percent | null;
  /** This run of it; the present reading is the last point. */
  readonly trail: readonly TrailPoint[];
  readonly usual: Usual | null;
  readonly now: Snapshot;
  readonly config: Config;
}

/** The evidence, with figures and thresholds, while the pattern shows; null while it does not. */
export type PatternCheck = (input: PatternInput) => string | null;
