import type { Engine } from '../model/engine.ts';
import type { Clock } from '../model/ports.ts';
import type { EngineContainer } from '../model/snapshot.ts';
import { isSick } from './behaviour.ts';
import type { HostState } from './host-state.ts';
import { endRun, graceOf, secondsToStop, startRun, stopBetweenRuns } from './lives.ts';
import { interfere } from './owners.ts';
import { createFromImage } from './population.ts';
import type { SimulatedContainer } from './simulated-container.ts';

/*
 * The container engine. Calls answer at once; only stopping, starting and removing take time. Operations that have begun
 * go on when the daemon dies.
 */

const START_MS = 400;
const REMOVE_MS = 80;
/** How long the daemon waits for an answer of the engine. */
export const ENGINE_DEADLINE_MS = 15_000;
/** How long a late stop takes: longer than the daemon waits. */
const LATE_STOP_SECONDS: readonly [number, number] = [26, 120];
/** A container with a health check is `starting` for so long. */
const HEALTHY_AFTER_MS = 10_000;

/** The engine for one life of the daemon, whose sleeps end with that life. */
export function engineFor(host: HostState, clock: Clock, catchUp: () => void): Engine {
  const answer = async (ms = 0): Promise<void> => {
    if (host.isHung()) {
      await clock.sleep(Math.min(ENGINE_DEADLINE_MS, host.hungUntilMs - host.nowMs), NEVER);
      if (host.isHung()) throw new Error('Docker did not answer within 15 s');
    }
    if (host.injectFault(host.faults.engineError)) throw new Error('the engine answered 500: modelled fault');
    if (ms > 0) await clock.sleep(ms, NEVER);
    catchUp();
  };
  return {
    async list() {
      interfere(host);
      await answer();
      host.endedSinceRecheck = false;
      return [...host.containers.values()].map((container) => toEngineContainer(container, host.nowMs));
    },
    async inspect(id) {
      await answer();
      const found = host.containers.get(id);
      if (found === undefined) return null;
      const { name, image, labels, pid, limitPercent, restartCount, kind } = found;
      const running = found.state === 'running';
      return {
        ...{ id, name, image, labels, running, pid: running ? pid : 0, restartCount },
        hasCpuLimit: limitPercent !== null,
        isCpuLimitOurs: limitPercent !== null,
        stopSeconds: kind.stopTimeoutSeconds ?? null,
      };
    },
    async stop(id, graceSeconds) {
      await answer();
      const target = host.containers.get(id);
      if (target === undefined || target.state === 'exited') return;
      host.observer.onAction('stop', target, graceSeconds);
      if (target.state === 'restarting') return stopBetweenRuns(target);
      const grace = graceOf(target, graceSeconds);
      if (host.injectFault(host.faults.lateStop)) {
        const lateMs = host.nowMs + 1000 * host.random.between(LATE_STOP_SECONDS);
        target.stopsAtMs = Math.min(target.stopsAtMs, lateMs);
        await clock.sleep(1000 * grace + ENGINE_DEADLINE_MS, NEVER);
        throw new Error('Docker did not answer within its deadline');
      }
      const takesMs = 1000 * Math.min(secondsToStop(host, target), grace);
      // A second stop does not delay the first one.
      target.stopsAtMs = Math.min(target.stopsAtMs, host.nowMs + takesMs);
      await clock.sleep(takesMs, NEVER);
      catchUp();
    },
    async restart(id, graceSeconds) {
      await answer();
      const target = host.containers.get(id);
      if (target === undefined) throw new Error(`no container ${id}`);
      host.observer.onAction('restart', target, graceSeconds);
      if (target.state !== 'running') startRun(host, target, host.nowMs, true);
      else {
        const takesMs = 1000 * Math.min(secondsToStop(host, target), graceOf(target, graceSeconds));
        target.restartsAtMs = Math.min(target.restartsAtMs, host.nowMs + takesMs);
        await clock.sleep(takesMs, NEVER);
        catchUp();
      }
      await clock.sleep(START_MS, NEVER);
    },
    async remove(id) {
      await answer();
      const target = host.containers.get(id);
      if (target === undefined) return;
      host.observer.onAction('remove', target);
      if (target.state === 'running') endRun(host, target, host.nowMs);
      host.containers.delete(id);
      await clock.sleep(REMOVE_MS, NEVER);
    },
    async limitCpu(id, percent) {
      await answer();
      const target = host.containers.get(id);
      if (target === undefined) return;
      host.observer.onAction(percent === null ? 'release' : 'throttle', target);
      target.limitPercent = percent;
    },
    async start(container) {
      await answer();
      host.observer.onStart(container);
      const id = createFromImage(host, container);
      await clock.sleep(START_MS, NEVER);
      return id;
    },
  };
}

/** The container as the engine lists it. */
export function toEngineContainer(container: SimulatedContainer, nowMs: number): EngineContainer {
  const { id, name, image, labels, state, createdAt } = container;
  return { id, name, image, labels, state, createdAt, health: healthOf(container, nowMs) };
}

function healthOf(container: SimulatedContainer, nowMs: number): EngineContainer['health'] {
  if (container.kind.sickensSeconds === undefined || container.state !== 'running') return null;
  if (isSick(container, nowMs)) return 'unhealthy';
  return nowMs - container.runStartMs < HEALTHY_AFTER_MS ? 'starting' : 'healthy';
}

const NEVER = new AbortController().signal;
