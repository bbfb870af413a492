import type { HostState } from './host-state.ts';
import type { Kind } from './scenario.ts';
import { isStopping, NEVER_MS, type SimulatedContainer } from './simulated-container.ts';

/*
 * The life of a container: its runs, how they end, and Docker's restart policy. Changes `state` and the times of the
 * events ahead.
 */

/** Docker's restart policy: the first delay, which doubles up to the longest; a run of this length resets it. */
const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 60_000;
const LONG_RUN_MS = 10_000;
/** From its stop signal to its end, for kinds that do not say. */
const STOP_SECONDS: readonly [number, number] = [0.02, 0.3];
/** Docker's stop timeout for containers that set none. */
export const ENGINE_STOP_SECONDS = 10;
/** States change seldom: more changes of one container within one interval mean that something is wrong. */
const MOST_CHANGES = 100;

/** Begins a new run. `byHand`: it was started through the engine, which resets the count of restarts. */
export function startRun(
  host: HostState,
  container: SimulatedContainer,
  atMs: number,
  byHand: boolean,
): void {
  const { kind } = container;
  const { random } = host;
  if (byHand) {
    container.restartCount = 0;
    container.backOffMs = 0;
    container.failsUntilMs = atMs + 1000 * (kind.failsForSeconds ? random.between(kind.failsForSeconds) : 0);
  } else container.restartCount += 1;
  container.state = 'running';
  container.runStartMs = atMs;
  container.pid = host.nextPid();
  container.endsAtMs = drawEnd(host, kind, container, atMs);
  container.stopsAtMs = NEVER_MS;
  container.restartsAtMs = NEVER_MS;
  container.comesBackAtMs = NEVER_MS;
  container.ranMs = 0;
  container.cpuNs = 0;
  container.readKb = 0;
  container.wroteKb = 0;
  container.throttledNs = 0;
  container.growthMs = 0;
  container.forkMs = 0;
  container.growsFromMs = kind.growsAfterSeconds ? 1000 * random.between(kind.growsAfterSeconds) : 0;
  container.forksFromMs = kind.forksAfterSeconds ? 1000 * random.between(kind.forksAfterSeconds) : 0;
  container.burstsAtMs = kind.burst ? atMs + 1000 * random.between(kind.burst.afterSeconds) : NEVER_MS;
  container.sickensAtMs = kind.sickensSeconds ? atMs + 1000 * random.between(kind.sickensSeconds) : NEVER_MS;
  container.bingeKb = 0;
  container.bingeBeginsMs = kind.binges ? atMs + 1000 * random.between(kind.binges.everySeconds) : NEVER_MS;
  container.bingeEndsMs = NEVER_MS;
  container.heldKb = container.initialKb + container.shmemKb;
  container.cacheKb = 0;
  container.processCount = container.initialProcesses;
  container.ioKbPerSecond = 0;
  leaveCgroup(container);
  for (const key of ['cpu', 'memory', 'io', 'cpuUs', 'memoryUs', 'ioUs'] as const) container.psi[key] = 0;
}

/** Its processes are gone. Its restart policy brings it back, unless it was stopped through the engine. */
export function endRun(host: HostState, container: SimulatedContainer, atMs: number): void {
  const isStopped = isStopping(container);
  container.stopsAtMs = NEVER_MS;
  container.restartsAtMs = NEVER_MS;
  container.endsAtMs = NEVER_MS;
  container.heldKb = 0;
  container.cacheKb = 0;
  container.gets = 0;
  leaveCgroup(container);
  if (container.kind.comesBack !== true || isStopped) {
    container.state = 'exited';
    return;
  }
  container.state = 'restarting';
  const before = atMs - container.runStartMs >= LONG_RUN_MS ? 0 : container.backOffMs;
  container.backOffMs = before === 0 ? FIRST_BACK_OFF_MS : Math.min(LONGEST_BACK_OFF_MS, before * 2);
  container.comesBackAtMs = atMs + container.backOffMs;
  host.noteExternalEnd();
}

/** Each run has a cgroup of its own, with its limits. A limit on CPU is the engine's, which keeps it. */
function leaveCgroup(container: SimulatedContainer): void {
  container.squeezedToKb = null;
  container.pidsLimitedTo = null;
  container.ioLimitedToMib = null;
}

/** Stops a container that is between two runs: its restart policy is switched off. */
export function stopBetweenRuns(container: SimulatedContainer): void {
  container.state = 'exited';
  container.comesBackAtMs = NEVER_MS;
}

/** Lets all that lay ahead until now happen, and notes how much of the interval each container ran. */
export function liveOn(host: HostState): void {
  const { nowMs } = host;
  for (const container of host.containers.values()) {
    container.ranMs = 0;
    if (container.state === 'exited') continue;
    let fromMs = host.caughtUpMs;
    for (let changes = 0; changes < MOST_CHANGES; changes += 1) {
      if (container.state === 'restarting') {
        if (container.comesBackAtMs > nowMs) break;
        fromMs = container.comesBackAtMs;
        startRun(host, container, fromMs, false);
        host.noteExternalEnd();
        continue;
      }
      if (container.state !== 'running') break;
      const { stopsAtMs, endsAtMs, restartsAtMs, runStartMs } = container;
      const untilMs = Math.min(stopsAtMs, endsAtMs, restartsAtMs);
      container.ranMs += Math.max(0, Math.min(nowMs, untilMs) - Math.max(fromMs, runStartMs));
      if (untilMs > nowMs) break;
      fromMs = untilMs;
      if (restartsAtMs === untilMs) startRun(host, container, untilMs, true);
      else {
        // Also when it ends by itself while it is being stopped: its restart policy is off by then.
        if (endsAtMs === untilMs) host.noteExternalEnd();
        endRun(host, container, untilMs);
      }
    }
  }
}

/** Seconds from its stop signal to its end; infinite when it ignores the signal. */
export function secondsToStop(host: HostState, { kind }: SimulatedContainer): number {
  if (host.injectFault(host.faults.slowStop)) return Number.POSITIVE_INFINITY;
  return host.random.between(kind.stopSeconds ?? STOP_SECONDS);
}

/** The stop timeout that applies: the one that was asked for, or the container's own. */
export const graceOf = ({ kind }: SimulatedContainer, asked: number | null): number =>
  asked ?? kind.stopTimeoutSeconds ?? ENGINE_STOP_SECONDS;

/** When a run that begins now ends by itself. */
function drawEnd(
  { random }: HostState,
  { livesSeconds, failsForSeconds }: Kind,
  { failsUntilMs }: SimulatedContainer,
  atMs: number,
): number {
  if (livesSeconds === undefined) return NEVER_MS;
  if (failsForSeconds !== undefined && atMs >= failsUntilMs) return NEVER_MS;
  return atMs + 1000 * random.between(livesSeconds);
}
