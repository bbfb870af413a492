import type { Config } from '../model/config.ts';
import type { Outcome } from '../model/decision.ts';
import type { ContainerMemory } from '../model/history.ts';
import type { ContainerId, Nanoseconds, Percent } from '../model/units.ts';

type Softness = Pick<ContainerMemory, 'busySinceNs' | 'easedSinceNs' | 'isThrottled'>;

/** Goes on counting how long a container has been above the soft threshold, or below what throttling leaves it. */
export function followSoft(
  before: Softness | undefined,
  cpuPercent: Percent | null,
  nowNs: Nanoseconds,
  throttling: boolean | undefined,
  config: Config,
): Softness {
  const { cpuPercent: limit, throttlePercent } = config.soft;
  const isThrottled = throttling ?? before?.isThrottled ?? false;
  // A container that uses all that it is left still wants more: only one that leaves a part of it has eased.
  const isEased = cpuPercent !== null && cpuPercent < config.classify.releaseRatio * throttlePercent;
  const isBusy = cpuPercent !== null && cpuPercent > limit;
  return {
    isThrottled,
    busySinceNs: isBusy && !isThrottled ? (before?.busySinceNs ?? nowNs) : null,
    easedSinceNs: isThrottled && isEased ? (before?.easedSinceNs ?? nowNs) : null,
  };
}

/** What this cycle's deeds make of a container's throttling: true, false, or undefined where nothing was done. */
export function throttlingAfter(outcomes: readonly Outcome[]): ReadonlyMap<ContainerId, boolean> {
  const after = new Map<ContainerId, boolean>();
  for (const { action, result } of outcomes) {
    if (result !== 'done') continue;
    if (action.kind === 'throttle' || action.kind === 'release')
      after.set(action.id, action.kind === 'throttle');
  }
  return after;
}
