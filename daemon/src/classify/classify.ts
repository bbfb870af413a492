import type { Config } from '../model/config.ts';
import type { Level, Verdict } from '../model/decision.ts';
import type { History } from '../model/history.ts';
import type { ContainerSample, Snapshot } from '../model/snapshot.ts';
import type { Percent } from '../model/units.ts';
import { cpuRate } from './measure.ts';

/** One verdict for every running container. Pure: only the counters decide, never a name, image or class label. */
export function classify(history: History, now: Snapshot, config: Config): Verdict[] {
  return now.containers
    .filter((container) => container.state === 'running' || container.state === 'paused')
    .map((container) => judge(container, history, now, config));
}

function judge(container: ContainerSample, history: History, now: Snapshot, config: Config): Verdict {
  const { id, usage } = container;
  if (usage === null) {
    return {
      id,
      level: 'unknown',
      cpuPercent: null,
      memPercent: null,
      because: 'no sensor sees a process of it yet',
    };
  }
  const before = history.containers.get(id);
  const cpuPercent = cpuRate(before, usage, now.monotonicNs, config.classify.minSeconds);
  const { memPercent } = usage;
  if (cpuPercent === null) {
    return { id, level: 'unknown', cpuPercent, memPercent, because: 'first reading: a rate needs two' };
  }
  return {
    id,
    cpuPercent,
    memPercent,
    ...levelOf(cpuPercent, memPercent, before?.level ?? 'unknown', config),
  };
}

/** The mission's two lines, with hysteresis: what is high falls back to low only well below both. */
export function levelOf(
  cpuPercent: Percent,
  memPercent: Percent,
  previous: Level | 'unknown',
  config: Config,
): { level: Level; because: string } {
  const { cpuPercent: cpuLimit, memPercent: memLimit, releaseRatio } = config.classify;
  const cpu = `CPU ${figure(cpuPercent)} %`;
  const mem = `memory ${figure(memPercent)} %`;
  if (cpuPercent > cpuLimit) return { level: 'high', because: `${cpu} > ${cpuLimit} %` };
  if (memPercent > memLimit) return { level: 'high', because: `${mem} > ${memLimit} %` };
  const released = cpuPercent <= cpuLimit * releaseRatio && memPercent <= memLimit * releaseRatio;
  if (previous === 'high' && !released) {
    return { level: 'high', because: `${cpu} and ${mem}: still above ${releaseRatio * 100} % of the limits` };
  }
  return { level: 'low', because: `${cpu} ≤ ${cpuLimit} % and ${mem} ≤ ${memLimit} %` };
}

const figure = (percent: Percent): string => (percent >= 1 ? percent.toFixed(1) : percent.toFixed(3));
