import { classify } from '../../daemon/src/classify/classify.ts';
import { type Config, DEMO_DEFAULTS } from '../../daemon/src/model/config.ts';
import type { Decision } from '../../daemon/src/model/decision.ts';
import { type ContainerMemory, type History, NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { Reason } from '../../daemon/src/model/reason.ts';
import type {
  ContainerSample,
  ContainerUsage,
  HostSample,
  Snapshot,
} from '../../daemon/src/model/snapshot.ts';
import { render } from '../../daemon/src/words/language.ts';

export const SECOND_NS = 1e9;
export const TOTAL_KB = 4_000_000;

/** A 64-digit ID from a number, different in its first twelve digits as real ones are. */
export const idOf = (n: number): string => n.toString(16).padStart(12, '0').padEnd(64, '0');

export function usage(partial: Partial<ContainerUsage> = {}): ContainerUsage {
  const rssKb = partial.rssKb ?? 700;
  return {
    pid: 1000,
    startNs: SECOND_NS,
    processName: 'vigia-idle',
    cgroup: '/system.slice/docker-x.scope',
    processCount: 1,
    vszKb: 1000,
    rssKb,
    memPercent: (rssKb / TOTAL_KB) * 100,
    cpuTimeNs: 0,
    cpuPercent: 0,
    memoryCurrentKb: null,
    memoryLimitKb: null,
    ioReadBytes: null,
    ioWriteBytes: null,
    netRxBytes: null,
    netTxBytes: null,
    cgroupMemoryKb: null,
    memoryUsedKb: null,
    cpuLimitPercent: null,
    isLimitOurs: null,
    squeezedToKb: null,
    pidsLimitedTo: null,
    ioLimitedTo: null,
    cpuThrottledNs: null,
    cpuThrottledPeriods: null,
    blockReadBytes: null,
    blockWriteBytes: null,
    memoryPsi: null,
    cpuPsi: null,
    ioPsi: null,
    ...partial,
  };
}

export function container(n: number, partial: Partial<ContainerSample> = {}): ContainerSample {
  return {
    id: idOf(n),
    name: `vigia-idle-${n}`,
    image: 'vigia/idle',
    labels: { 'vigia.managed': 'true', 'vigia.disposable': 'true' },
    state: 'running',
    createdAt: n * 1000,
    health: null,
    restartCount: null,
    usage: usage({ pid: 1000 + n }),
    ...partial,
  };
}

export const HOST: HostSample = {
  cpus: 2,
  totalKb: TOTAL_KB,
  freeKb: 2_000_000,
  availableKb: 3_000_000,
  usedKb: 1_000_000,
  load1: 0.5,
  cpuBusyNs: 0,
  memoryFullAvg10: 0,
  memorySomeAvg10: 0,
  ioFullAvg10: 0,
  cpuSomeAvg10: 0,
  cgroupVersion: 2,
};

export function snapshot(containers: readonly ContainerSample[], partial: Partial<Snapshot> = {}): Snapshot {
  return {
    tick: 2,
    at: 1_800_000_000_000,
    monotonicNs: 1000 * SECOND_NS,
    bootNs: partial.monotonicNs ?? 1000 * SECOND_NS,
    sensor: 'kernel',
    host: HOST,
    containers,
    lastKnown: [],
    holders: null,
    processes: [],
    processCounts: { total: 0, byState: {} },
    faults: [],
    ...partial,
  };
}

/** A history in which each container was read 20 s ago, with counters that give these CPU percentages now. */
export function historyOf(now: Snapshot, cpuPercent: (container: ContainerSample) => number): History {
  const containers = new Map<string, ContainerMemory>();
  for (const sample of now.containers) {
    if (sample.usage === null) continue;
    containers.set(sample.id, {
      pid: sample.usage.pid,
      startNs: sample.usage.startNs,
      monotonicNs: now.monotonicNs - 20 * SECOND_NS,
      cpuTimeNs: sample.usage.cpuTimeNs - (cpuPercent(sample) / 100) * 20 * SECOND_NS,
      memoryKb: sample.usage.memoryUsedKb ?? sample.usage.rssKb,
      memoryNs: now.monotonicNs - 20 * SECOND_NS,
      cpuPercent: null,
      level: 'unknown',
      nextLevel: 'unknown',
      breachSinceNs: {},
      limits: {},
      timesLimited: {},
      restartedNs: null,
      restartedAs: null,
      trail: [],
    });
  }
  return { ...NO_HISTORY, tick: now.tick - 1, containers };
}

/** A cycle without history in which there was nothing to do. */
export function decisionOn(now: Snapshot, partial: Partial<Decision> = {}): Decision {
  const counts = { low: 0, high: 0, unknown: now.containers.length };
  return {
    history: NO_HISTORY,
    snapshot: now,
    classifications: classify(NO_HISTORY, now, DEMO_DEFAULTS),
    plan: { kind: 'hold', because: { code: 'message', text: 'nothing to do' }, candidates: [] },
    outcomes: [],
    before: counts,
    after: counts,
    observations: [],
    cost: { senseMs: 1, decideMs: 1, actMs: 1 },
    ...partial,
  };
}

/** The assignment's set-up, with these changes. */
export const config = (partial: Partial<Config> = {}): Config => ({ ...DEMO_DEFAULTS, ...partial });

/** The English sentence of a reason; '' for none. */
export const english = (reason: Reason | null | undefined | false): string =>
  reason ? render(reason, 'en') : '';
