import type { Clock } from '../model/ports.ts';
import type {
  ContainerSample,
  ContainerUsage,
  MemoryHolder,
  PressureReading,
  ProcessSample,
  Psi,
  SensorFault,
  Snapshot,
} from '../model/snapshot.ts';
import type { KiB, Percent } from '../model/units.ts';
import { cgroupOf, startNsOf } from './cgroup-model.ts';
import { ENGINE_DEADLINE_MS, toEngineContainer } from './engine-model.ts';
import { HANG_SECONDS, type HostState, heldBy } from './host-state.ts';
import type { SimulatedContainer } from './simulated-container.ts';

/* What the daemon reads: the cycle's snapshot and the memory watch. Faults make a reading stale or blind. */

const SENSE_MS = 60;
const DAY_MS = 86_400_000;
/** Processes that a snapshot shows: the largest containers' and those of the host. */
const MOST_CONTAINER_PROCESSES = 3;
/** Shares of the system's memory. */
const KERNEL_SHARE = 0.2;
const ENGINE_SHARE = 0.15;

/** Takes the cycle's reading. While the engine hangs that takes its deadline, or until `urgent` aborts. */
export async function sense(
  host: HostState,
  tick: number,
  clock: Clock,
  catchUp: () => void,
  urgent: AbortSignal = NEVER,
): Promise<Snapshot> {
  const { faults, random } = host;
  const askedNs = clock.monotonicNs();
  await clock.sleep(SENSE_MS, urgent);
  if (host.injectFault(faults.clockJump)) host.wallOffsetMs += random.between([-DAY_MS, DAY_MS]);
  if (host.injectFault(faults.engineHang)) {
    const hangsMs = 1000 * random.between(HANG_SECONDS);
    host.hungUntilMs = host.nowMs + hangsMs;
    host.hinder(hangsMs + ENGINE_DEADLINE_MS);
  }
  catchUp();
  if (host.isHung()) await clock.sleep(Math.min(ENGINE_DEADLINE_MS, host.hungUntilMs - host.nowMs), urgent);
  catchUp();
  host.sensedMs = host.nowMs;
  host.endedSinceReading = false;
  const last = host.lastSnapshot;
  // The one that a new daemon has just taken, of what an earlier one left, is as good as new.
  if (host.injectFault(faults.stale) && last !== null && last.monotonicNs < askedNs) {
    host.lastReading = 'stale';
    return { ...last, tick };
  }
  if (host.isHung()) {
    host.lastReading = 'silent';
    return takeSnapshot(host, tick, [], lastKnown(host), ENGINE_SILENT);
  }
  if (host.injectFault(faults.blind)) {
    host.lastReading = 'blind';
    return takeSnapshot(host, tick, [], [], SENSOR_BLIND);
  }
  host.lastReading = 'good';
  host.lastSnapshot = takeSnapshot(host, tick, [...host.containers.values()], [], null);
  return host.lastSnapshot;
}

export function pressureReading(host: HostState): PressureReading {
  return {
    monotonicNs: Math.round(host.nowMs * 1e6),
    totalKb: host.scenario.host.totalKb,
    availableKb: host.availableKb,
    memoryFullAvg10: host.memoryFullAvg10,
  };
}

const ENGINE_SILENT: SensorFault = {
  sensor: 'engine',
  reason: { code: 'engine-timeout', path: '/containers/json?all=true', seconds: ENGINE_DEADLINE_MS / 1000 },
  blind: true,
};
const SENSOR_BLIND: SensorFault = {
  sensor: 'continfo',
  reason: { code: 'file-not-json', characters: 0, problem: 'modelled fault' },
  blind: true,
};

/** Those that the engine listed last and that still run as they did. */
function lastKnown(host: HostState): SimulatedContainer[] {
  return (host.lastSnapshot?.containers ?? []).flatMap(({ id, usage }) => {
    const now = host.containers.get(id);
    return now?.state === 'running' && now.pid === usage?.pid ? [now] : [];
  });
}

function takeSnapshot(
  host: HostState,
  tick: number,
  seen: readonly SimulatedContainer[],
  known: readonly SimulatedContainer[],
  fault: SensorFault | null,
): Snapshot {
  const { cpus, totalKb } = host.scenario.host;
  const { nowMs, availableKb } = host;
  const sampleOf = (container: SimulatedContainer): ContainerSample => ({
    ...toEngineContainer(container, nowMs),
    restartCount: container.restartCount,
    usage: toUsage(container, nowMs, totalKb),
  });
  const processes = processesOf(host);
  const running = Math.max(1, Math.round(host.load1));
  return {
    tick,
    at: Math.floor(host.wallMs()),
    monotonicNs: Math.round(nowMs * 1e6),
    bootNs: Math.round(nowMs * 1e6),
    sensor: 'kernel',
    host: {
      cpus,
      totalKb,
      freeKb: Math.round(availableKb - host.cacheKb),
      availableKb: Math.round(availableKb),
      usedKb: Math.round(totalKb - availableKb),
      load1: Math.round(host.load1 * 100) / 100,
      cpuBusyNs: Math.round(host.cpuBusyNs),
      memoryFullAvg10: host.memoryFullAvg10,
      memorySomeAvg10: host.memorySomeAvg10,
      ioFullAvg10: host.ioFullAvg10,
      cpuSomeAvg10: host.cpuSomeAvg10,
      cgroupVersion: 2,
    },
    containers: seen.map(sampleOf),
    lastKnown: known.map(sampleOf),
    holders: holdersOf(host, fault === SENSOR_BLIND ? [] : unlisted(host, [...seen, ...known])),
    processes,
    processCounts: {
      total: 90 + host.containers.size,
      byState: { S: 90 + host.containers.size - running, R: running },
    },
    faults: fault === null ? [] : [fault],
  };
}

/** The container as the sensor sees it; null while it does not run. */
function toUsage(container: SimulatedContainer, nowMs: number, totalKb: KiB): ContainerUsage | null {
  if (container.state !== 'running') return null;
  const { heldKb, cacheKb, psi, cpuNs, runStartMs } = container;
  const withCacheKb = Math.round(heldKb + cacheKb);
  return {
    pid: container.pid,
    startNs: startNsOf(container),
    processName: container.name.slice(0, 15),
    cgroup: cgroupOf(container.id),
    processCount: container.processCount,
    vszKb: heldKb * 2,
    rssKb: heldKb,
    memPercent: (100 * heldKb) / totalKb,
    cpuTimeNs: Math.round(cpuNs),
    cpuPercent: nowMs > runStartMs ? cpuNs / ((nowMs - runStartMs) * 1e4) : 0,
    memoryCurrentKb: withCacheKb,
    memoryLimitKb: null,
    ioReadBytes: Math.round(container.readKb * 1024),
    ioWriteBytes: Math.round(container.wroteKb * 1024),
    netRxBytes: null,
    netTxBytes: null,
    cgroupMemoryKb: withCacheKb,
    memoryUsedKb: heldKb,
    cpuLimitPercent: container.limitPercent,
    isLimitOurs: container.limitPercent !== null,
    squeezedToKb: container.squeezedToKb,
    pidsLimitedTo: container.pidsLimitedTo,
    ioLimitedTo: container.ioLimitedToMib,
    cpuThrottledNs: Math.round(container.throttledNs),
    cpuThrottledPeriods: Math.round(container.throttledNs / 1e8),
    blockReadBytes: Math.round(container.readKb * 1024),
    blockWriteBytes: Math.round(container.wroteKb * 1024),
    memoryPsi: psiOf(psi.memory, psi.memoryUs),
    cpuPsi: psiOf(psi.cpu, psi.cpuUs),
    ioPsi: psiOf(psi.io, psi.ioUs),
  };
}

/** Where some task of a container waits, all of it does. */
const psiOf = (avg10: Percent, totalUs: number): Psi => ({
  someAvg10: Math.round(avg10 * 100) / 100,
  someTotalUs: Math.round(totalUs),
  fullAvg10: Math.round(avg10 * 100) / 100,
  fullTotalUs: Math.round(totalUs),
});

/** Running containers that the engine has not told of: their cgroups are seen all the same. */
function unlisted(host: HostState, told: readonly SimulatedContainer[]): SimulatedContainer[] {
  const ids = new Set(told.map(({ id }) => id));
  return [...host.containers.values()].filter(({ id, state }) => state === 'running' && !ids.has(id));
}

/** Who holds what no container holds that the engine has told of. */
function holdersOf({ holders, scenario }: HostState, others: readonly SimulatedContainer[]): MemoryHolder[] {
  const { systemKb } = scenario.host;
  const kernelKb = Math.round(systemKb * KERNEL_SHARE);
  const engineKb = Math.round(systemKb * ENGINE_SHARE);
  const system = (name: string, heldKb: KiB): MemoryHolder => ({
    kind: 'cgroup',
    key: `/system.slice/${name}`,
    name,
    heldKb,
  });
  const own = holders.map((held): MemoryHolder => {
    const { holder, pid } = held;
    const { kind, name } = holder;
    if (kind === 'process') return { kind, key: `${pid}/1`, name: `${name} (${pid})`, heldKb: heldBy(held) };
    if (kind === 'tmpfs') return { kind, key: 'tmpfs', name: 'tmpfs', heldKb: heldBy(held) };
    return system(name, heldBy(held));
  });
  const cgroups = others.map(
    ({ id, heldKb }): MemoryHolder => ({
      kind: 'cgroup',
      key: cgroupOf(id),
      name: id.slice(0, 12),
      heldKb: Math.round(heldKb),
    }),
  );
  return [
    ...own,
    ...cgroups,
    system('docker.service', engineKb),
    system('others.service', systemKb - kernelKb - engineKb),
    { kind: 'kernel', key: 'kernel', name: 'kernel', heldKb: kernelKb } satisfies MemoryHolder,
  ].sort((a, b) => b.heldKb - a.heldKb);
}

function processesOf(host: HostState): ProcessSample[] {
  const { totalKb, systemKb } = host.scenario.host;
  const { nowMs } = host;
  const process = (
    pid: number,
    name: string,
    rssKb: KiB,
    cpuTimeNs: number,
    startMs: number,
  ): ProcessSample => ({
    ...{ pid, ppid: 1, uid: 0, name, cmdline: `/usr/bin/${name}`, state: 'S', threads: 4 },
    ...{ vszKb: Math.round(rssKb * 3), rssKb: Math.round(rssKb), memPercent: (100 * rssKb) / totalKb },
    cpuPercent: nowMs > startMs ? cpuTimeNs / ((nowMs - startMs) * 1e4) : 0,
    cpuTimeNs: Math.round(cpuTimeNs),
    startNs: Math.round(startMs * 1e6),
    ...{ ioReadBytes: 0, ioWriteBytes: 0, containerId: null },
  });
  const largest = [...host.containers.values()]
    .filter(({ state }) => state === 'running')
    .sort((a, b) => b.heldKb - a.heldKb)
    .slice(0, MOST_CONTAINER_PROCESSES);
  return [
    process(1, 'systemd', 12_600, nowMs * 1e3, 0),
    process(300, 'dockerd', systemKb * ENGINE_SHARE, nowMs * 2e4, 0),
    ...host.holders
      .filter(({ holder }) => holder.kind !== 'tmpfs')
      .map((held) => process(held.pid, held.holder.name, heldBy(held), nowMs * 1e4, 0)),
    ...largest.map((container): ProcessSample => {
      const { pid, name, heldKb, cpuNs, runStartMs, id } = container;
      return { ...process(pid, name.slice(0, 15), heldKb, cpuNs, runStartMs), ppid: 300, containerId: id };
    }),
  ];
}

const NEVER = new AbortController().signal;
