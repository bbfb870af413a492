import { wantedCpu } from './behaviour.ts';
import { type HostState, psiAverage } from './host-state.ts';

/*
 * CPU: every container gets what it wants and its limit leaves, as long as the cores suffice; otherwise all get the same
 * share of that. Changes each container's CPU time, and the host's busy time, load and CPU pressure.
 */

const SYSTEM_PERCENT = 3;
/** The load average follows the demand with this time constant. */
const LOAD_MS = 60_000;

export function useCpu(host: HostState, elapsedMs: number): void {
  const { cpus, systemCpuPercent = SYSTEM_PERCENT } = host.scenario.host;
  const { nowMs } = host;
  let demand = systemCpuPercent;
  let throttled = 0;
  for (const container of host.containers.values()) {
    if (container.state !== 'running') continue;
    const wanted = wantedCpu(container, nowMs);
    const allowed = Math.min(wanted, container.limitPercent ?? Number.POSITIVE_INFINITY);
    container.wants = wanted;
    container.gets = allowed;
    throttled += wanted - allowed;
    demand += allowed;
  }
  const share = Math.min(1, (cpus * 100) / demand);
  for (const container of host.containers.values()) {
    const { ranMs, wants, psi, kind } = container;
    if (container.state !== 'running' || ranMs === 0) continue;
    const limited = container.gets;
    const gets = limited * share;
    container.gets = gets;
    container.cpuNs += ranMs * 1e4 * gets;
    if (limited < wants) container.throttledNs += ranMs * 1e6 * (1 - limited / wants);
    const waits = wants > gets ? 100 * (1 - gets / wants) : 0;
    psi.cpu = psiAverage(psi.cpu, waits, elapsedMs);
    psi.cpuUs += ranMs * 10 * waits;
    if (kind.endsAfterCoreSeconds !== undefined && container.cpuNs >= kind.endsAfterCoreSeconds * 1e9)
      container.endsAtMs = Math.min(container.endsAtMs, nowMs);
  }
  const busy = Math.min(cpus * 100, demand);
  host.cpuBusyNs += elapsedMs * 1e4 * busy;
  host.idlePercent = 100 - busy / cpus;
  host.load1 += (demand / 100 - host.load1) * (1 - Math.exp(-elapsedMs / LOAD_MS));
  // Throttling makes tasks wait too, which is why PSI must not count as contention.
  const waits = 100 * (1 - busy / (demand + throttled));
  host.cpuSomeAvg10 = psiAverage(host.cpuSomeAvg10, waits, elapsedMs);
}
