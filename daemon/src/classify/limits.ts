import type { Config } from '../model/config.ts';
import type { ContainerPolicy } from '../model/container-policy.ts';
import type { Classification } from '../model/decision.ts';
import type { ContainerMemory, History, HostPoint, LimitMemory } from '../model/history.ts';
import type { Limit } from '../model/limit.ts';
import { repositoryOf } from '../model/ownership.ts';
import type { ContainerSample, ContainerUsage, Snapshot } from '../model/snapshot.ts';
import type { Nanoseconds, Percent } from '../model/units.ts';
import { policyOf } from '../policy/resolve-policy.ts';
import { usedMemoryKb } from './rates-and-memory.ts';
import { softThreshold } from './threshold.ts';

/** A container that uses this share of a limit is held back by it. */
const AT_LIMIT = 0.9;
/** While it is not known what a throttle took away, this share of the host must be idle before it is lifted. */
const IDLE_SHARE = 0.5;

/**
 * The limits of ours on a container, each with its value. The container itself decides, so that a daemon killed before
 * it could record a limit, or its removal, still knows. Where the kernel does not tell (CPU, old kernels), the record
 * decides.
 */
export function limitsOn(
  { id, usage }: Pick<ContainerSample, 'id' | 'usage'>,
  containers: History['containers'],
  config: Config,
): Partial<Record<Limit, number>> {
  if (usage === null) return {};
  const isThrottled = usage.isLimitOurs ?? containers.get(id)?.limits.cpu !== undefined;
  return {
    ...(isThrottled && { cpu: usage.cpuLimitPercent ?? config.soft.throttlePercent }),
    ...(usage.squeezedToKb !== null && { memory: usage.squeezedToKb }),
    ...(usage.pidsLimitedTo !== null && { pids: usage.pidsLimitedTo }),
    ...(usage.ioLimitedTo !== null && { io: usage.ioLimitedTo }),
  };
}

/** Whether Vigía limits the container's CPU. */
export const isThrottled = (
  container: Pick<ContainerSample, 'id' | 'usage'>,
  containers: History['containers'],
  config: Config,
): boolean => limitsOn(container, containers, config).cpu !== undefined;

/** What decides whether a limit is still needed. */
export interface LimitInput {
  readonly usage: ContainerUsage;
  readonly policy: ContainerPolicy;
  readonly cpuPercent: Percent | null;
  /** Above this its CPU use is a fault. */
  readonly cpuThreshold: Percent;
  readonly hasBreach: boolean;
  /** Of the host, in percent of one core; null while unknown. */
  readonly idlePercent: Percent | null;
  readonly now: Snapshot;
  readonly config: Config;
}

export function limitInput(
  container: ContainerSample,
  usage: ContainerUsage,
  { cpuPercent, breaches }: Pick<Classification, 'cpuPercent' | 'breaches'>,
  idlePercent: Percent | null,
  { baselines }: Pick<History, 'baselines'>,
  now: Snapshot,
  config: Config,
): LimitInput {
  const policy = policyOf(container, config);
  const usual = baselines.get(repositoryOf(container.image))?.usual ?? null;
  const cpuThreshold = softThreshold('cpuPercent', usual, policy.cpuPercent, config).percent;
  return {
    usage,
    policy,
    cpuPercent,
    cpuThreshold,
    hasBreach: breaches.length > 0,
    idlePercent,
    now,
    config,
  };
}

/** Whether the reason for a limit is gone. */
export function isEased(
  limit: Limit,
  value: number,
  known: Pick<LimitMemory, 'usedBefore'>,
  { usage, policy, cpuPercent, cpuThreshold, hasBreach, idlePercent, now, config }: LimitInput,
): boolean {
  const { releaseRatio } = config.classify;
  switch (limit) {
    case 'cpu': {
      if (cpuPercent === null) return false;
      if (needsLess(value, cpuPercent, policy.kind, idlePercent, now, config) && !hasBreach) return true;
      // A disposable container that spins is held until it stops spinning.
      if (policy.kind === 'disposable' || idlePercent === null) return false;
      if (known.usedBefore > 0 && known.usedBefore <= releaseRatio * cpuThreshold) return true;
      const cores = now.host?.cpus ?? 1;
      return known.usedBefore > 0
        ? idlePercent >= known.usedBefore - value
        : idlePercent >= 100 * IDLE_SHARE * cores;
    }
    case 'memory': {
      if (now.host === null) return false;
      const available = (100 * now.host.availableKb) / now.host.totalKb;
      // One that hardly waits for memory wants no more than it has: the squeeze does nothing any more.
      const wantsNoMore = usage.memoryPsi !== null && usage.memoryPsi.someAvg10 < WANTS_NO_MORE_PERCENT;
      return (
        available >= config.soft.availablePercent / releaseRatio ||
        usedMemoryKb(usage) < releaseRatio * value ||
        (wantsNoMore && !hasBreach)
      );
    }
    case 'pids':
      return usage.processCount < AT_LIMIT * value && !hasBreach;
    case 'io':
      return (now.host?.ioFullAvg10 ?? 0) < releaseRatio * config.patterns.ioStorm.fullAvg10 && !hasBreach;
  }
}

/** A squeezed container whose tasks wait for memory less than this share of the time is let go. */
const WANTS_NO_MORE_PERCENT = 1;
/** A squeezed container whose tasks wait for memory less than this share of the time wants no more than it has. */
const WANTS_MORE_PERCENT = 10;

/** Whether a limit of ours holds the container back. */
export function isHeldBack(limit: 'memory' | 'pids', usage: ContainerUsage): boolean {
  if (limit === 'memory') {
    const waits = usage.memoryPsi?.someAvg10 ?? 100;
    return (
      usage.squeezedToKb !== null &&
      usedMemoryKb(usage) >= AT_LIMIT * usage.squeezedToKb &&
      waits >= WANTS_MORE_PERCENT
    );
  }
  return usage.pidsLimitedTo !== null && usage.processCount >= AT_LIMIT * usage.pidsLimitedTo;
}

/** How long a limit is held at least: the grace period, doubled each time that it was set again lately. */
export function leastHoldSeconds(
  limit: Limit,
  { timesLimited }: Pick<ContainerMemory, 'timesLimited'>,
  graceSeconds: number,
  { ladder }: Config,
): number {
  const times = timesLimited[limit]?.count ?? 1;
  return Math.min(ladder.rememberSeconds, graceSeconds * 2 ** Math.max(0, Math.min(times, 10) - 1));
}

/** While the CPU of the host is contended, a service that uses this share of its limit may be getting no more. */
const STARVED_SHARE = 0.5;

/**
 * Whether a container needs clearly less CPU than its limit. While the CPU of the host is contended, a service gets
 * little because others take it: then only much less than the limit tells that it needs less.
 */
export function needsLess(
  limitPercent: Percent,
  cpuPercent: Percent,
  kind: ContainerPolicy['kind'],
  idlePercent: Percent | null,
  now: Pick<Snapshot, 'host'>,
  config: Config,
): boolean {
  const isStarved = kind !== 'disposable' && isContended(idlePercent, now, config);
  return cpuPercent < (isStarved ? STARVED_SHARE : config.classify.releaseRatio) * limitPercent;
}

/** Whether the host has hardly any idle CPU left; false while that is unknown. */
export function isContended(
  idlePercent: Percent | null,
  { host }: Pick<Snapshot, 'host'>,
  { act }: Config,
): boolean {
  return idlePercent !== null && host !== null && idlePercent < act.idlePercent * host.cpus;
}

/** Idle CPU of the host since the last reading, in percent of one core; null when it cannot be known. */
export function idleCpu(host: readonly HostPoint[], now: Snapshot): Percent | null {
  const last = host.at(-1);
  if (now.host === null || last === undefined || last.cpuBusyNs === null || now.host.cpuBusyNs === null)
    return null;
  const elapsedNs: Nanoseconds = now.monotonicNs - last.monotonicNs;
  if (elapsedNs <= 0) return null;
  return Math.max(0, 100 * (now.host.cpus - (now.host.cpuBusyNs - last.cpuBusyNs) / elapsedNs));
}
