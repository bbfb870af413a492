import type { Config } from '../model/config.ts';
import type { Classification, Level } from '../model/decision.ts';
import type { History } from '../model/history.ts';
import { isUp, repositoryOf } from '../model/ownership.ts';
import { type Reason, rounded } from '../model/reason.ts';
import type { ContainerSample, Snapshot } from '../model/snapshot.ts';
import type { ContainerId, Percent } from '../model/units.ts';
import { breachesOf } from './breaches.ts';
import { cpuRate, isSameRun } from './rates-and-memory.ts';
import { extendTrail } from './trail.ts';

/** Classifies every running container. Pure: only the counters decide, never a name, image or class label. */
export function classify(history: History, now: Snapshot, config: Config): Classification[] {
  return now.containers.filter(isUp).map((container) => classifyContainer(container, history, now, config));
}

function classifyContainer(
  container: ContainerSample,
  history: History,
  now: Snapshot,
  config: Config,
): Classification {
  const { id, usage } = container;
  if (usage === null) return unknown(id, { code: 'no-process-seen' });
  const before = history.containers.get(id);
  const cpuPercent = cpuRate(before, usage, now.monotonicNs, config.classify.minSeconds);
  const known = before !== undefined && isSameRun(before, usage) ? before : undefined;
  const input = {
    usage,
    cpuPercent,
    trail: extendTrail(known?.trail ?? [], usage, now.monotonicNs, config),
    usual: history.baselines.get(repositoryOf(container.image))?.usual ?? null,
    now,
    config,
  };
  const measured = {
    cpuPercent,
    memPercent: usage.memPercent,
    breaches: breachesOf(input, known?.breachSinceNs ?? {}),
  };
  if (cpuPercent === null) return { ...unknown(id, { code: 'first-reading' }), ...measured };
  return {
    id,
    ...measured,
    ...applyClassLines(cpuPercent, usage.memPercent, before?.level ?? 'unknown', config),
  };
}

const unknown = (id: ContainerId, because: Reason): Classification => ({
  id,
  level: 'unknown',
  cpuPercent: null,
  memPercent: null,
  because,
  breaches: [],
});

/** Applies the assignment's two thresholds, with hysteresis: a high container becomes low only well below both. */
export function applyClassLines(
  cpuPercent: Percent,
  memPercent: Percent,
  previous: Level | 'unknown',
  config: Config,
): { level: Level; because: Reason } {
  const { cpuPercent: cpuLimit, memPercent: memLimit, releaseRatio } = config.classify;
  const [cpu, memory] = [rounded(cpuPercent), rounded(memPercent)];
  if (cpuPercent > cpuLimit)
    return { level: 'high', because: { code: 'cpu-above-line', cpu, line: cpuLimit } };
  if (memPercent > memLimit)
    return { level: 'high', because: { code: 'memory-above-line', memory, line: memLimit } };
  const released = cpuPercent <= cpuLimit * releaseRatio && memPercent <= memLimit * releaseRatio;
  if (previous === 'high' && !released) {
    const share = rounded(100 * releaseRatio);
    return { level: 'high', because: { code: 'above-release-line', cpu, memory, share } };
  }
  return {
    level: 'low',
    because: { code: 'below-lines', cpu, cpuLine: cpuLimit, memory, memoryLine: memLimit },
  };
}
