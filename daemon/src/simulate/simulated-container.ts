import type { ContainerUsage, EngineContainer } from '../model/snapshot.ts';
import type { ContainerId, KiB, Millis, Percent } from '../model/units.ts';
import type { Kind } from './scenario.ts';

/** One modelled container. */
export interface SimulatedContainer {
  readonly id: ContainerId;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: Kind;
  readonly untouchable: 'protected' | 'foreign' | null;
  readonly bornMs: number;
  /** What the wall clock said then. */
  readonly createdAt: Millis;
  /** When its present run began, and init's pid in it. */
  runMs: number;
  pid: number;
  readonly wantsPercent: Percent;
  readonly startsWithKb: KiB;
  readonly startsWithProcesses: number;
  readonly writesKbPerSecond: number;
  endsMs: number;
  state: 'running' | 'exited';
  /** A stop is under way. */
  stopsMs: number;
  cpuNs: number;
  wroteKb: number;
  /** What we left it; null without a limit. */
  limitPercent: Percent | null;
}

/** It has run for so long. */
export function advance(container: SimulatedContainer, ranMs: number, nowMs: number): void {
  const percent = Math.min(demand(container, nowMs), container.limitPercent ?? Number.POSITIVE_INFINITY);
  container.cpuNs += ranMs * 1e4 * percent;
  container.wroteKb += (ranMs / 1000) * writes(container);
}

export function rssKb({ startsWithKb, kind, runMs }: SimulatedContainer, nowMs: number): KiB {
  return Math.round(startsWithKb + ((kind.rssKbPerSecond ?? 0) * (nowMs - runMs)) / 1000);
}

/** It makes everybody wait for I/O. */
export function stallsIo(container: SimulatedContainer): boolean {
  return writes(container) > (container.kind.stallsAboveKbPerSecond ?? Number.POSITIVE_INFINITY);
}

/** Forks without end, comes back each time it ends, or makes everybody wait for I/O. */
export function misbehaves(container: SimulatedContainer): boolean {
  const { processesPerSecond, comesBack } = container.kind;
  return processesPerSecond !== undefined || comesBack === true || stallsIo(container);
}

/** Its CPU is limited, and it wants less than half of what it is left. */
export function leavesPart(container: SimulatedContainer, nowMs: number): boolean {
  return container.limitPercent !== null && demand(container, nowMs) < container.limitPercent / 2;
}

/** As the engine tells of it. */
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

/** As the sensor tells of it; null while it does not run. */
export function toUsage(container: SimulatedContainer, nowMs: number, totalKb: KiB): ContainerUsage | null {
  if (container.state !== 'running') return null;
  const holdsKb = rssKb(container, nowMs);
  return {
    pid: container.pid,
    startNs: Math.round(container.runMs * 1e6),
    processName: container.name.slice(0, 15),
    cgroup: container.id,
    processCount: processes(container, nowMs),
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

function demand({ kind, wantsPercent, bornMs, stopsMs }: SimulatedContainer, nowMs: number): Percent {
  if (stopsMs !== Number.POSITIVE_INFINITY) return 0;
  if (kind.busySeconds === undefined) return wantsPercent;
  const phase = Math.floor((nowMs - bornMs) / 1000 / kind.busySeconds);
  return phase % 2 === 0 ? wantsPercent : 0.2;
}

/** KiB a second: who has less CPU writes less. */
function writes({ writesKbPerSecond, wantsPercent, limitPercent }: SimulatedContainer): number {
  const share = (limitPercent ?? Number.POSITIVE_INFINITY) / wantsPercent;
  return writesKbPerSecond * Math.min(1, share);
}

function processes({ kind, startsWithProcesses, runMs }: SimulatedContainer, nowMs: number): number {
  return Math.round(startsWithProcesses + ((kind.processesPerSecond ?? 0) * (nowMs - runMs)) / 1000);
}
