import type { ContainerUsage, EngineContainer } from '../model/snapshot.ts';
import type { ContainerId, KiB, Millis, Percent } from '../model/units.ts';
import type { Kind } from './scenario.ts';

/** One modelled container. */
export interface Dweller {
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
export function run(dweller: Dweller, ranMs: number, nowMs: number): void {
  const percent = Math.min(demand(dweller, nowMs), dweller.limitPercent ?? Number.POSITIVE_INFINITY);
  dweller.cpuNs += ranMs * 1e4 * percent;
  dweller.wroteKb += (ranMs / 1000) * writes(dweller);
}

export function rssKb({ startsWithKb, kind, runMs }: Dweller, nowMs: number): KiB {
  return Math.round(startsWithKb + ((kind.rssKbPerSecond ?? 0) * (nowMs - runMs)) / 1000);
}

/** It makes everybody wait for I/O. */
export function stallsIo(dweller: Dweller): boolean {
  return writes(dweller) > (dweller.kind.stallsAboveKbPerSecond ?? Number.POSITIVE_INFINITY);
}

/** Forks without end, comes back each time it ends, or makes everybody wait for I/O. */
export function misbehaves(dweller: Dweller): boolean {
  const { processesPerSecond, comesBack } = dweller.kind;
  return processesPerSecond !== undefined || comesBack === true || stallsIo(dweller);
}

/** Its CPU is limited, and it wants less than half of what it is left. */
export function leavesPart(dweller: Dweller, nowMs: number): boolean {
  return dweller.limitPercent !== null && demand(dweller, nowMs) < dweller.limitPercent / 2;
}

/** As the engine tells of it. */
export function listed({ id, name, image, labels, state, createdAt }: Dweller): EngineContainer {
  return { id, name, image, labels, state, createdAt };
}

/** As the sensor tells of it; null while it does not run. */
export function usageOf(dweller: Dweller, nowMs: number, totalKb: KiB): ContainerUsage | null {
  if (dweller.state !== 'running') return null;
  const holdsKb = rssKb(dweller, nowMs);
  return {
    pid: dweller.pid,
    startNs: Math.round(dweller.runMs * 1e6),
    processName: dweller.name.slice(0, 15),
    cgroup: dweller.id,
    processCount: processes(dweller, nowMs),
    vszKb: holdsKb,
    rssKb: holdsKb,
    memPercent: (100 * holdsKb) / totalKb,
    cpuTimeNs: Math.round(dweller.cpuNs),
    cpuPercent: 0,
    memoryCurrentKb: holdsKb,
    memoryLimitKb: null,
    ioReadBytes: 0,
    ioWriteBytes: 0,
    netRxBytes: null,
    netTxBytes: null,
    cgroupMemoryKb: holdsKb,
    memoryUsedKb: holdsKb,
    cpuLimitPercent: dweller.limitPercent,
    isLimitOurs: dweller.limitPercent !== null,
    cpuThrottledNs: 0,
    cpuThrottledPeriods: 0,
    blockReadBytes: 0,
    blockWriteBytes: Math.round(dweller.wroteKb * 1024),
    memoryPressure: null,
    cpuPressure: null,
    ioPressure: null,
  };
}

function demand({ kind, wantsPercent, bornMs, stopsMs }: Dweller, nowMs: number): Percent {
  if (stopsMs !== Number.POSITIVE_INFINITY) return 0;
  if (kind.busySeconds === undefined) return wantsPercent;
  const phase = Math.floor((nowMs - bornMs) / 1000 / kind.busySeconds);
  return phase % 2 === 0 ? wantsPercent : 0.2;
}

/** KiB a second: who has less CPU writes less. */
function writes({ writesKbPerSecond, wantsPercent, limitPercent }: Dweller): number {
  const share = (limitPercent ?? Number.POSITIVE_INFINITY) / wantsPercent;
  return writesKbPerSecond * Math.min(1, share);
}

function processes({ kind, startsWithProcesses, runMs }: Dweller, nowMs: number): number {
  return Math.round(startsWithProcesses + ((kind.processesPerSecond ?? 0) * (nowMs - runMs)) / 1000);
}
