import type { Cgroups } from '../model/engine.ts';
import type { CgroupLimit } from '../model/limit.ts';
import type { ContainerId } from '../model/units.ts';
import type { HostState } from './host-state.ts';
import { endRun } from './lives.ts';
import type { SimulatedContainer } from './simulated-container.ts';

/* The kernel's cgroups (v2): SIGKILL to a whole container, memory.high, pids.max and io.max. No engine is needed. */

const PREFIX = '/system.slice/docker-';
const SUFFIX = '.scope';

export const cgroupOf = (id: ContainerId): string => `${PREFIX}${id}${SUFFIX}`;

export function cgroupsOf(host: HostState, catchUp: () => void): Cgroups {
  /** A cgroup exists while the container runs. */
  const at = (path: string): SimulatedContainer | null => {
    const container = host.containers.get(path.slice(PREFIX.length, -SUFFIX.length));
    return container?.state === 'running' ? container : null;
  };
  return {
    exists: (path) => at(path) !== null,
    holdsAnother: () => false,
    isRun(path, { pid, startNs }) {
      catchUp();
      const container = at(path);
      return container !== null && container.pid === pid && startNsOf(container) === startNs;
    },
    async kill(path) {
      catchUp();
      const target = at(path);
      if (target === null) return false;
      host.observer.onAction('kill', target);
      endRun(host, target, host.nowMs);
      return true;
    },
    limit(path, limit, value) {
      catchUp();
      const target = at(path);
      if (target === null) return false;
      host.observer.onAction(value === null ? 'release' : ACTIONS[limit], target);
      if (limit === 'memory') target.squeezedToKb = value;
      else if (limit === 'pids') target.pidsLimitedTo = value;
      else target.ioLimitedToMib = value;
      return true;
    },
  };
}

export const startNsOf = ({ runStartMs }: Pick<SimulatedContainer, 'runStartMs'>): number =>
  Math.round(runStartMs * 1e6);

const ACTIONS = { memory: 'squeeze', pids: 'limit-pids', io: 'limit-io' } as const satisfies Record<
  CgroupLimit,
  string
>;
