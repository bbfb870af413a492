import type { KiB } from '../model/units.ts';
import { wantedCacheKb, wantedKb, wantedProcesses } from './behaviour.ts';
import { HANG_SECONDS, type HostState, heldBy, psiAverage, type SimulatedHolder } from './host-state.ts';
import { endRun } from './lives.ts';
import type { Binge } from './scenario.ts';
import type { SimulatedContainer } from './simulated-container.ts';

/*
 * Memory: anonymous memory and shmem of containers and of the host, page cache (which is part of what is available),
 * memory.high and pids.max, PSI, and the kernel that kills when memory is exhausted. Changes the containers' held memory
 * and processes, and the host's memory figures.
 */

/** Memory is short below the smaller of these two, whatever the daemon's configuration says. */
const SHORT_SHARE = 0.05;
const SHORT_KB = 1024 * 1024;
/** Memory has recovered when this much is available in relation to that. */
const RECOVERY_RATIO = 0.8;
/** Page cache takes at most this share of the memory that is not held. */
const CACHE_SHARE = 0.9;
const TRAIL_EVERY_MS = 30_000;
export const TRAIL_LENGTH = 20;
/** Share of the time in which a container waits at its memory.high. */
const SQUEEZED_PERCENT = 90;

export const shortBelowKb = ({ scenario }: HostState): KiB =>
  Math.min(scenario.host.totalKb * SHORT_SHARE, SHORT_KB);

export function useMemory(host: HostState, elapsedMs: number): void {
  const { nowMs } = host;
  const { totalKb, systemKb } = host.scenario.host;
  const isTrailDue = Math.floor(nowMs / TRAIL_EVERY_MS) !== Math.floor((nowMs - elapsedMs) / TRAIL_EVERY_MS);
  let usedKb = systemKb;
  let [wantedCache, thrashes, isSqueezed] = [0, false, false];
  for (const holder of host.holders) {
    binge(host, holder, holder.holder.binges, elapsedMs);
    usedKb += heldBy(holder);
    if (isTrailDue) noteTrail(holder, heldBy(holder));
  }
  for (const container of host.containers.values()) {
    if (isTrailDue) noteTrail(container, container.heldKb);
    if (container.state !== 'running') continue;
    if (container.kind.binges !== undefined) binge(host, container, container.kind.binges, elapsedMs);
    const isHeld = hold(container, nowMs, elapsedMs);
    isSqueezed ||= isHeld;
    usedKb += container.heldKb;
    const cache = wantedCacheKb(container, nowMs);
    container.cacheKb = cache;
    wantedCache += cache;
    if (container.heldKb > (container.kind.thrashesAboveKb ?? Number.POSITIVE_INFINITY)) thrashes = true;
  }
  const before = host.availableKb;
  host.availableKb = Math.max(0, totalKb - usedKb);
  shareCache(host, wantedCache);
  host.memoryFullAvg10 = psiAverage(host.memoryFullAvg10, thrashes ? 80 : 0, elapsedMs);
  host.memorySomeAvg10 = psiAverage(host.memorySomeAvg10, thrashes ? 90 : isSqueezed ? 20 : 0, elapsedMs);
  noteShortage(host, before, elapsedMs);
  if (usedKb >= totalKb) killLargest(host);
}

/** Held memory of a binge: it grows until only so much is available. */
function binge(
  { nowMs, random, availableKb }: HostState,
  holder: Pick<SimulatedHolder, 'bingeKb' | 'bingeBeginsMs' | 'bingeEndsMs'>,
  binges: Binge | undefined,
  elapsedMs: number,
): void {
  if (binges === undefined || nowMs < holder.bingeBeginsMs) return;
  if (holder.bingeEndsMs === Number.POSITIVE_INFINITY)
    holder.bingeEndsMs = nowMs + 1000 * random.between(binges.staysSeconds);
  if (nowMs >= holder.bingeEndsMs) {
    holder.bingeKb = 0;
    holder.bingeBeginsMs = nowMs + 1000 * random.between(binges.everySeconds);
    holder.bingeEndsMs = Number.POSITIVE_INFINITY;
    return;
  }
  // It makes room for others that need memory: what is left stays the same.
  const roomKb = availableKb - binges.leavesKb;
  holder.bingeKb = Math.max(0, holder.bingeKb + Math.min(roomKb, (binges.kbPerSecond * elapsedMs) / 1000));
}

/**
 * What a container holds now. At memory.high its growth stops; memory that it held before stays, since there is no swap.
 * Returns whether it is held back.
 */
function hold(container: SimulatedContainer, nowMs: number, elapsedMs: number): boolean {
  const { ranMs, squeezedToKb, pidsLimitedTo, psi } = container;
  const before = container.growthMs;
  container.growthMs += ranMs;
  const wanted = Math.round(wantedKb(container, nowMs));
  const mostKb = squeezedToKb === null ? wanted : Math.max(squeezedToKb, Math.min(wanted, container.heldKb));
  const isFull = wanted > mostKb;
  if (isFull) container.growthMs = before;
  container.heldKb = Math.min(wanted, mostKb);
  psi.memory = psiAverage(psi.memory, isFull ? SQUEEZED_PERCENT : 0, elapsedMs);
  if (isFull) psi.memoryUs += ranMs * 10 * SQUEEZED_PERCENT;

  const isCapped = pidsLimitedTo !== null && container.processCount >= pidsLimitedTo;
  if (!isCapped) container.forkMs += ranMs;
  const processes = Math.round(wantedProcesses(container, nowMs));
  container.processCount = isCapped ? Math.min(processes, container.processCount) : processes;
  return isFull;
}

/** Page cache shrinks when memory is needed otherwise: no holder loses any. */
function shareCache(host: HostState, wantedKb: KiB): void {
  const mostKb = host.availableKb * CACHE_SHARE;
  host.cacheKb = Math.min(wantedKb, mostKb);
  if (wantedKb <= mostKb) return;
  const share = host.cacheKb / wantedKb;
  for (const container of host.containers.values()) container.cacheKb *= share;
}

/** Notes since when memory is short, interpolated as if it had changed linearly since the last update. */
function noteShortage(host: HostState, beforeKb: KiB, elapsedMs: number): void {
  const { nowMs, availableKb } = host;
  const shortKb = shortBelowKb(host);
  if (availableKb >= shortKb) host.shortSinceMs = null;
  else if (host.shortSinceMs === null) {
    host.shortSinceMs =
      beforeKb <= shortKb ? nowMs : nowMs - (elapsedMs * (shortKb - availableKb)) / (beforeKb - availableKb);
    hangUnderPressure(host);
  }
  if (availableKb >= shortKb / RECOVERY_RATIO) host.lastRecoveredMs = nowMs;
  if (host.shortSinceMs !== null || host.memoryFullAvg10 > 30) host.lastPressureMs = nowMs;
}

function hangUnderPressure(host: HostState): void {
  const { faults, random, nowMs } = host;
  if (faults.engineHangUnderPressure === 0 || !random.chance(faults.engineHangUnderPressure)) return;
  host.faultsInjected += 1;
  host.lastFaultMs = nowMs;
  host.hungUntilMs = nowMs + 1000 * random.between(HANG_SECONDS);
}

/** The kernel kills the largest process; a tmpfs is none. */
function killLargest(host: HostState): void {
  let largest: SimulatedContainer | null = null;
  for (const container of host.containers.values())
    if (container.state === 'running' && container.heldKb > (largest?.heldKb ?? 0)) largest = container;
  const process = host.holders
    .filter(({ holder }) => holder.kind === 'process')
    .reduce<SimulatedHolder | null>(
      (most, one) => (heldBy(one) > (most === null ? 0 : heldBy(most)) ? one : most),
      null,
    );
  if (process !== null && heldBy(process) > (largest?.heldKb ?? 0)) {
    host.observer.onOutOfMemory(null);
    process.bingeEndsMs = host.nowMs;
    return;
  }
  if (largest === null) return;
  host.observer.onOutOfMemory(largest);
  endRun(host, largest, host.nowMs);
  host.noteExternalEnd();
}

function noteTrail(holder: { trail: KiB[] }, heldKb: KiB): void {
  holder.trail.push(heldKb);
  if (holder.trail.length > TRAIL_LENGTH) holder.trail.shift();
}

/** Growth within the last ten minutes. What began within them has grown by all that it holds. */
export function grownKb({ trail }: { readonly trail: readonly KiB[] }, heldKb: KiB): KiB {
  return heldKb - (trail.length < TRAIL_LENGTH ? 0 : (trail[0] ?? 0));
}
