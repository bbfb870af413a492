import type { Level } from '../../model/level.ts';
import type { KiB } from '../../model/units.ts';
import { isFlapping, isForking, isLeaking, isSick, stallsIo } from '../behaviour.ts';
import { type HostState, heldBy } from '../host-state.ts';
import { grownKb } from '../memory-model.ts';
import type { SimulatedContainer } from '../simulated-container.ts';

/* What is true of the modelled host, whatever the daemon takes it for. */

/** The running containers that the quotas are about. */
export const disposablesOf = ({ containers }: HostState): SimulatedContainer[] =>
  [...containers.values()].filter(({ state, nature }) => state === 'running' && nature === 'disposable');

/** The true class of a container; null when its memory grows, since its class then changes in time. */
export function trueClassOf({ scenario }: HostState, container: SimulatedContainer): Level | null {
  const { wantedCpuPercent, initialKb, shmemKb, kind } = container;
  if (kind.rssKbPerSecond !== undefined || kind.fills !== undefined || kind.binges !== undefined) return null;
  const share = (100 * (initialKb + shmemKb)) / scenario.host.totalKb;
  return wantedCpuPercent > 0.09 || share > 0.16 ? 'high' : 'low';
}

/** The class that a container of this image gets; null when it ends at once, or is of no class for sure. */
export function classOfImage({ scenario }: HostState, image: string): Level | null {
  const kind = Object.values(scenario.kinds).find((one) => one.image === image);
  if (kind === undefined || kind.livesSeconds !== undefined) return null;
  const share = (kb: number) => (100 * kb) / scenario.host.totalKb;
  if (kind.cpuPercent[0] > 0.09 || share(kind.rssKb[0]) > 0.16) return 'high';
  return kind.cpuPercent[1] <= 0.09 && share(kind.rssKb[1]) <= 0.16 ? 'low' : null;
}

/** The larger of the shares of the host's CPU and RAM that it uses, 0 to 1. */
export function resourceShareOf({ scenario }: HostState, container: SimulatedContainer): number {
  const { wantedCpuPercent, initialKb, shmemKb } = container;
  const { cpus, totalKb } = scenario.host;
  return Math.max(wantedCpuPercent / 100 / cpus, (initialKb + shmemKb) / totalKb);
}

/** Whether it misbehaves now, so that more than a limit may be put on it. */
export function isGuilty(container: SimulatedContainer, nowMs: number): boolean {
  return (
    isLeaking(container) ||
    isForking(container) ||
    isFlapping(container) ||
    isSick(container, nowMs) ||
    container.bingeKb > 0 ||
    container.heldKb > (container.kind.thrashesAboveKb ?? Number.POSITIVE_INFINITY)
  );
}

/** Whether it does what no managed container may do for long. */
export function misbehaves(container: SimulatedContainer): boolean {
  const isStorm = isForking(container) && container.pidsLimitedTo === null;
  if (container.nature === 'service') return isStorm;
  return isForking(container) || isFlapping(container) || stallsIo(container);
}

/** A holder of memory: a container, or what the host has outside all containers. */
export interface Grower {
  readonly name: string;
  readonly container: SimulatedContainer | null;
  /** Within the last ten minutes. */
  readonly grownKb: KiB;
  readonly heldKb: KiB;
}

/** All holders of memory; those that grew most come first. */
export function growersOf({ containers, holders }: HostState): Grower[] {
  const growers: Grower[] = [];
  for (const container of containers.values()) {
    if (container.state !== 'running') continue;
    const { name, heldKb } = container;
    growers.push({ name, container, heldKb, grownKb: grownKb(container, heldKb) });
  }
  for (const held of holders) {
    const { holder, pid } = held;
    const name =
      holder.kind === 'process' ? `${holder.name} (${pid})` : holder.kind === 'tmpfs' ? 'tmpfs' : holder.name;
    const heldKb = heldBy(held);
    growers.push({ name, container: null, heldKb, grownKb: grownKb(held, heldKb) });
  }
  return growers.sort((a, b) => b.grownKb - a.grownKb);
}

/**
 * The one who took the memory. What a service takes that only loads what it always holds is counted as growth when
 * no other holder grew as much as `leastKb`.
 */
export function takerOf(host: HostState, growers: readonly Grower[], leastKb: KiB): Grower | null {
  const isLoading = ({ container }: Grower) =>
    container !== null && container.nature === 'service' && !isGuilty(container, host.nowMs);
  const [suspect] = growers.filter((grower) => !isLoading(grower));
  if (suspect !== undefined && suspect.grownKb >= leastKb) return suspect;
  return growers[0] ?? null;
}
