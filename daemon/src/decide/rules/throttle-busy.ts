import { followSoft } from '../../classify/soft.ts';
import type { Action } from '../../model/decision.ts';
import type { ContainerMemory } from '../../model/history.ts';
import { protectedBy } from '../../model/ownership.ts';
import type { ContainerSample } from '../../model/snapshot.ts';
import type { Nanoseconds } from '../../model/units.ts';
import type { Scene } from '../scene.ts';

/**
 * The first rung: a container that holds a core for longer than the grace is left a part of it, and gets it back when
 * it has not used that part up for as long. Nothing that an earlier rule removes is worth throttling.
 */
export function throttleBusy(scene: Scene, planned: readonly Action[]): Action[] {
  const { managed, config, history, verdictOf } = scene;
  const leaving = new Set(planned.flatMap((action) => (action.kind === 'start' ? [] : [action.id])));
  return managed.flatMap((container): Action[] => {
    const { id, name, usage } = container;
    const known = history.containers.get(id);
    if (usage === null || known === undefined || leaving.has(id)) return [];
    if (protectedBy(container, config.protect) !== null) return [];
    // What this reading says counts too: who has just stopped is not throttled for what it did.
    const cpuPercent = verdictOf.get(id)?.cpuPercent ?? null;
    const now = { ...followSoft(known, cpuPercent, scene.now.monotonicNs, undefined, config), cpuPercent };
    const kind = known.isThrottled ? 'release' : 'throttle';
    const because = known.isThrottled ? whyRelease(now, scene) : whyThrottle(now, container, scene);
    const level = verdictOf.get(id)?.level ?? 'unknown';
    return because === null
      ? []
      : [{ kind, id, name, level: level === 'unknown' ? null : level, pid: usage.pid, because }];
  });
}

type Softness = Pick<ContainerMemory, 'busySinceNs' | 'easedSinceNs' | 'cpuPercent'>;

function whyThrottle(
  { busySinceNs, cpuPercent }: Softness,
  { createdAt }: ContainerSample,
  { config, now }: Scene,
): string | null {
  const { cpuPercent: limit, graceSeconds, minAgeSeconds, throttlePercent } = config.soft;
  if (busySinceNs === null || cpuPercent === null) return null;
  const heldSeconds = secondsSince(busySinceNs, now.monotonicNs);
  if (heldSeconds < graceSeconds || now.at - createdAt < minAgeSeconds * 1000) return null;
  return `CPU ${cpuPercent.toFixed(1)} % > ${limit} % for ${heldSeconds.toFixed(0)} s; it is left ${throttlePercent} %`;
}

function whyRelease({ easedSinceNs, cpuPercent }: Softness, { config, now }: Scene): string | null {
  const { graceSeconds, throttlePercent } = config.soft;
  if (easedSinceNs === null || cpuPercent === null) return null;
  const easedSeconds = secondsSince(easedSinceNs, now.monotonicNs);
  if (easedSeconds < graceSeconds) return null;
  return `CPU ${cpuPercent.toFixed(1)} % of the ${throttlePercent} % that it is left, for ${easedSeconds.toFixed(0)} s`;
}

const secondsSince = (thenNs: Nanoseconds, nowNs: Nanoseconds): number => (nowNs - thenNs) / 1e9;
