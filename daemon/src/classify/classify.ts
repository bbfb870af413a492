import type { Config } from '../model/config.ts';
import type { Classification, Level } from '../model/decision.ts';
import type { ContainerMemory, History } from '../model/history.ts';
import { isUp, repositoryOf } from '../model/ownership.ts';
import { type Reason, rounded } from '../model/reason.ts';
import type { ContainerSample, Snapshot } from '../model/snapshot.ts';
import type { ContainerId, Percent } from '../model/units.ts';
import { policyOf } from '../policy/resolve-policy.ts';
import { breachesOf } from './breaches.ts';
import { cpuRate, isFarEnough, isSameRun, isStale, usedMemoryPercent } from './rates-and-memory.ts';
import { extendTrail } from './trail.ts';

/**
 * Classifies every running container, also those of which only the last listing is known. Pure: only the counters
 * decide, never a name, image or class label.
 */
export function classify(history: History, now: Snapshot, config: Config): Classification[] {
  return [...now.containers, ...now.lastKnown]
    .filter(isUp)
    .map((container) => classifyContainer(container, history, now, config));
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
  const sameRun = before !== undefined && isSameRun(before, usage) ? before : undefined;
  const known = sameRun !== undefined && isStale(sameRun, now.monotonicNs, config) ? undefined : sameRun;
  const cpuPercent = cpuRate(before, usage, now.monotonicNs, config);
  const memPercent = usedMemoryPercent(usage, now);
  const input = {
    usage,
    cpuPercent,
    trail: extendTrail(sameRun?.trail ?? [], usage, now.monotonicNs, config),
    usual: history.baselines.get(repositoryOf(container.image))?.usual ?? null,
    policy: policyOf(container, config),
    host: history.host,
    now,
    config,
  };
  const measured = { cpuPercent, memPercent, breaches: breachesOf(input, known?.breachSinceNs ?? {}) };
  if (cpuPercent === null) {
    const isGap = sameRun !== undefined && known === undefined;
    return { ...unknown(id, { code: isGap ? 'reading-gap' : 'first-reading' }), ...measured };
  }
  const reading = applyClassLines(cpuPercent, memPercent, known?.level ?? 'unknown', config);
  const isFresh = known === undefined || isFarEnough(known, now.monotonicNs, config.classify.minSeconds);
  return { id, ...measured, ...confirmChange(reading, memPercent, known, isFresh, config) };
}

const unknown = (id: ContainerId, because: Reason): Classification => ({
  id,
  level: 'unknown',
  nextLevel: 'unknown',
  cpuPercent: null,
  memPercent: null,
  because,
  breaches: [],
});

/** Memory this many times above the line changes the class at once: it does not come and go like CPU. */
const AT_ONCE = 10;

/**
 * A container changes its class only by two readings in a row, so that one busy moment of one container does not
 * remove another one of the class that it joins.
 */
function confirmChange(
  reading: { readonly level: Level; readonly because: Reason },
  memPercent: Percent,
  known: ContainerMemory | undefined,
  isFresh: boolean,
  { classify: { memPercent: line } }: Config,
): Pick<Classification, 'level' | 'nextLevel' | 'because'> {
  const level = known?.level ?? 'unknown';
  // Too soon after the last reading to be another one: the rate is that of the last reading.
  const nextLevel = isFresh ? reading.level : (known?.nextLevel ?? reading.level);
  const isConfirmed = isFresh && known?.nextLevel === reading.level;
  const isClear = reading.level === 'high' && memPercent > AT_ONCE * line;
  if (level === 'unknown' || level === reading.level || isConfirmed || isClear)
    return { ...reading, nextLevel };
  return {
    level,
    nextLevel,
    because: { code: 'class-change-unconfirmed', level, reading: reading.because },
  };
}

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
