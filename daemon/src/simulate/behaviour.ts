import type { KiB, Percent } from '../model/units.ts';
import { isStopping, type SimulatedContainer } from './simulated-container.ts';

/*
 * What the kinds of containers want: pure functions of a container's figures, of its run and of the time. What they get
 * of it is decided by cpu-model.ts, memory-model.ts and io-model.ts.
 */

/** CPU that it would use without a limit, in percent of a core. One that is being stopped uses none. */
export function wantedCpu(container: SimulatedContainer, nowMs: number): Percent {
  if (isStopping(container) || container.restartsAtMs !== Number.POSITIVE_INFINITY) return 0;
  const { kind, cpuNs, runStartMs, wantedCpuPercent } = container;
  const { startUp, rhythm } = kind;
  if (startUp !== undefined) {
    const { seconds = Number.POSITIVE_INFINITY, coreSeconds = Number.POSITIVE_INFINITY } = startUp;
    if (nowMs - runStartMs < seconds * 1000 && cpuNs < coreSeconds * 1e9) return startUp.cpuPercent;
  }
  if (rhythm !== undefined && !isBusy(container, nowMs)) return rhythm.restCpuPercent;
  return wantedCpuPercent;
}

/** Memory that it would hold without a limit; page cache is not part of it. */
export function wantedKb(container: SimulatedContainer, nowMs: number): KiB {
  const { kind, initialKb, shmemKb, growthMs, growsFromMs, bingeKb } = container;
  const { fills, rhythm, rssKbPerSecond } = kind;
  let holds = initialKb + shmemKb + bingeKb;
  if (fills !== undefined)
    holds += Math.max(0, fills.toKb - initialKb) * Math.min(1, growthMs / (fills.seconds * 1000));
  if (rhythm?.busyKb !== undefined && isBusy(container, nowMs))
    holds += (rhythm.busyKb * (phaseMs(container, nowMs) / 1000)) / rhythm.busySeconds;
  if (rssKbPerSecond !== undefined) holds += (rssKbPerSecond * Math.max(0, growthMs - growsFromMs)) / 1000;
  return holds;
}

/** Page cache that it would fill if the host had room for it. */
export function wantedCacheKb({ kind: { caches }, runStartMs }: SimulatedContainer, nowMs: number): KiB {
  if (caches === undefined) return 0;
  return caches.toKb * Math.min(1, (nowMs - runStartMs) / (caches.seconds * 1000));
}

/** Processes that it would have without a limit. */
export function wantedProcesses(container: SimulatedContainer, nowMs: number): number {
  const { kind, initialProcesses, forkMs, forksFromMs, burstsAtMs } = container;
  const { rhythm, burst, processesPerSecond } = kind;
  let count = initialProcesses;
  if (rhythm?.busyProcesses !== undefined && isBusy(container, nowMs)) count += rhythm.busyProcesses;
  if (burst !== undefined && nowMs > burstsAtMs)
    count += burst.processes * Math.min(1, (nowMs - burstsAtMs) / (burst.seconds * 1000));
  if (processesPerSecond !== undefined)
    count += (processesPerSecond * Math.max(0, forkMs - forksFromMs)) / 1000;
  return count;
}

/** Whether its memory grows for ever in the present run, and has begun to. */
export const isLeaking = ({ kind, growthMs, growsFromMs }: SimulatedContainer): boolean =>
  kind.rssKbPerSecond !== undefined && growthMs > growsFromMs;

/** Whether it forks without end and has begun to. */
export const isForking = ({ kind, forkMs, forksFromMs }: SimulatedContainer): boolean =>
  kind.processesPerSecond !== undefined && forkMs > forksFromMs;

/** Whether it ends and comes back for ever. */
export const isFlapping = ({ kind }: SimulatedContainer): boolean =>
  kind.comesBack === true && kind.livesSeconds !== undefined && kind.failsForSeconds === undefined;

/** Whether its reads and writes make every task of the host wait for I/O. */
export const stallsIo = ({ kind, ioKbPerSecond }: SimulatedContainer): boolean =>
  ioKbPerSecond > (kind.stallsAboveKbPerSecond ?? Number.POSITIVE_INFINITY);

/** Whether its health check fails. */
export const isSick = ({ sickensAtMs, state }: SimulatedContainer, nowMs: number): boolean =>
  state === 'running' && nowMs >= sickensAtMs;

/** Whether its kind can misbehave at all: one that cannot is innocent whatever happens. */
export function canMisbehave({ kind }: SimulatedContainer): boolean {
  return (
    kind.rssKbPerSecond !== undefined ||
    kind.processesPerSecond !== undefined ||
    kind.binges !== undefined ||
    kind.sickensSeconds !== undefined ||
    (kind.comesBack === true && kind.livesSeconds !== undefined && kind.failsForSeconds === undefined)
  );
}

/** The time of its rhythm's period that has passed. */
const phaseMs = ({ kind, createdMs }: SimulatedContainer, nowMs: number): number =>
  (nowMs - createdMs) % ((kind.rhythm?.periodSeconds ?? 1) * 1000);

function isBusy(container: SimulatedContainer, nowMs: number): boolean {
  return phaseMs(container, nowMs) < (container.kind.rhythm?.busySeconds ?? 0) * 1000;
}
