import type { ContainerUsage, EngineContainer } from '../model/snapshot.ts';
import type { ContainerId, KiB, Millis, Percent } from '../model/units.ts';
import type { Kind } from './scenario.ts';

/** A modelled container. Times in milliseconds count from the modelled host's boot; infinity means never. */
export interface SimulatedContainer {
  readonly id: ContainerId;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: Kind;
  /** Why Vigía must not touch it, as the scenario says; null when it may. */
  readonly untouchable: 'protected' | 'foreign' | null;
  readonly createdMs: number;
  /** The wall clock's time at its creation, as the engine reports it. */
  readonly createdAt: Millis;
  /** Start of the present run, and the pid of its init process. */
  runStartMs: number;
  pid: number;
  readonly wantedCpuPercent: Percent;
  readonly initialKb: KiB;
  readonly initialProcesses: number;
  readonly writesKbPerSecond: number;
  /** When it ends by itself. */
  endsAtMs: number;
  state: 'running' | 'exited';
  /** When a stop that is under way takes effect. */
  stopsAtMs: number;
  /** Used and written in the present run. */
  cpuNs: number;
  wroteKb: number;
  /** CPU limit that the daemon has set; null without one. */
  limitPercent: Percent | null;
}

/** Adds the CPU time and the writes of `ranMs` of running. */
export function advance(container: SimulatedContainer, ranMs: number, nowMs: number): void {
  const percent = Math.min(wantedCpu(container, nowMs), container.limitPercent ?? Number.POSITIVE_INFINITY);
  container.cpuNs += ranMs * 1e4 * percent;
  container.wroteKb += (ranMs / 1000) * writtenKbPerSecond(container);
}

/** Memory held: it grows steadily from the start of each run when the kind leaks. */
export function rssKb({ initialKb, kind, runStartMs }: SimulatedContainer, nowMs: number): KiB {
  return Math.round(initialKb + ((kind.rssKbPerSecond ?? 0) * (nowMs - runStartMs)) / 1000);
}

/** Whether its writes make every task of the host wait for I/O. */
export function stallsIo(container: SimulatedContainer): boolean {
  return writtenKbPerSecond(container) > (container.kind.stallsAboveKbPerSecond ?? Number.POSITIVE_INFINITY);
}

/** Whether it forks without end, restarts each time it ends, or makes every task of the host wait for I/O. */
export function misbehaves(container: SimulatedContainer): boolean {
  const { processesPerSecond, comesBack } = container.kind;
  return processesPerSecond !== undefined || comesBack === true || stallsIo(container);
}

/** Whether its CPU is limited and it wants less than half of the limit. */
export function usesLittleOfLimit(container: SimulatedContainer, nowMs: number): boolean {
  return container.limitPercent !== null && wantedCpu(container, nowMs) < container.limitPercent / 2;
}

/** The container as the engine lists it. */
export function toEngineContainer({
  id,
  name,
  image,
  labels,
  state,
  createdAt,
}: SimulatedContainer): EngineContainer {
  return { id, name, image, labels, state, createdAt };
}

/** The container as the sensor sees it; null while it does not run. */
export function toUsage(container: SimulatedContainer, nowMs: number, totalKb: KiB): ContainerUsage | null {
  if (container.state !== 'running') return null;
  const holdsKb = rssKb(container, nowMs);
  return {
    pid: container.pid,
    startNs: Math.round(container.runStartMs * 1e6),
    processName: container.name.slice(0, 15),
    cgroup: container.id,
    processCount: processCount(container, nowMs),
    vszKb: holdsKb,
    rssKb: holdsKb,
    memPercent: (100 * holdsKb) / totalKb,
    cpuTimeNs: Math.round(container.cpuNs),
    cpuPercent: 0,
    memoryCurrentKb: holdsKb,
    memoryLimitKb: null,
    ioReadBytes: 0,
    ioWriteBytes: 0,
    netRxBytes: null,
    netTxBytes: null,
    cgroupMemoryKb: holdsKb,
    memoryUsedKb: holdsKb,
    cpuLimitPercent: container.limitPercent,
    isLimitOurs: container.limitPercent !== null,
    cpuThrottledNs: 0,
    cpuThrottledPeriods: 0,
    blockReadBytes: 0,
    blockWriteBytes: Math.round(container.wroteKb * 1024),
    memoryPsi: null,
    cpuPsi: null,
    ioPsi: null,
  };
}

/** CPU that it would use without a limit, in percent of a core. A container that is being stopped uses none. */
function wantedCpu(
  { kind, wantedCpuPercent, createdMs, stopsAtMs }: SimulatedContainer,
  nowMs: number,
): Percent {
  if (stopsAtMs !== Number.POSITIVE_INFINITY) return 0;
  if (kind.busySeconds === undefined) return wantedCpuPercent;
  const phase = Math.floor((nowMs - createdMs) / 1000 / kind.busySeconds);
  return phase % 2 === 0 ? wantedCpuPercent : 0.2;
}

/** KiB per second: a CPU limit slows its writes in proportion. */
function writtenKbPerSecond({
  writesKbPerSecond,
  wantedCpuPercent,
  limitPercent,
}: SimulatedContainer): number {
  const share = (limitPercent ?? Number.POSITIVE_INFINITY) / wantedCpuPercent;
  return writesKbPerSecond * Math.min(1, share);
}

function processCount({ kind, initialProcesses, runStartMs }: SimulatedContainer, nowMs: number): number {
  return Math.round(initialProcesses + ((kind.processesPerSecond ?? 0) * (nowMs - runStartMs)) / 1000);
}
