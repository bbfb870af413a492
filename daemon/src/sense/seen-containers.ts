import { runId } from '../model/run-id.ts';
import type { ContainerSample, ContainerUsage, EngineContainer } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { Listing } from './listing.ts';
import { PlacingCheck } from './placing-check.ts';
import { RestartCounts } from './restart-counts.ts';

type Run = Pick<ContainerUsage, 'pid' | 'startNs' | 'cgroup'>;

/** What is kept of the containers from cycle to cycle. The last complete snapshot serves while the engine is silent. */
export class SeenContainers {
  readonly listing = new Listing();
  readonly restartCounts = new RestartCounts();
  readonly placing: PlacingCheck;
  #listed: readonly EngineContainer[] = [];
  #sampled: readonly ContainerSample[] = [];

  constructor(placing = new PlacingCheck()) {
    this.placing = placing;
  }

  /** Notes a listing and the containers that were sampled with it. */
  remember(listed: readonly EngineContainer[], sampled: readonly ContainerSample[]): void {
    this.#listed = listed;
    this.#sampled = sampled;
  }

  /** The last listing. */
  get listed(): readonly EngineContainer[] {
    return this.#listed;
  }

  /** The containers of the last complete snapshot that are now in the same run and in the same cgroup. */
  stillRunning(runs: ReadonlyMap<ContainerId, Run>): ContainerSample[] {
    return this.#sampled.filter(({ id, usage }) => {
      const now = runs.get(id);
      if (now === undefined || usage === null) return false;
      return runId(now) === runId(usage) && now.cgroup === usage.cgroup;
    });
  }
}
