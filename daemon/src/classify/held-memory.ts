import type { HeldPoint, History, HostPoint } from '../model/history.ts';
import type { ContainerSample, Snapshot } from '../model/snapshot.ts';
import type { KiB, Nanoseconds } from '../model/units.ts';
import { usedMemoryKb } from './rates-and-memory.ts';

/** Growth is looked for in the ten minutes before a shortage. */
const WINDOW_NS = 600e9;
/** Emergency cycles follow each other closely: of points nearer than this only the newest is kept. */
const APART_NS = 5e9;

export const heldKeyOf = ({ id }: Pick<ContainerSample, 'id'>): string => `container:${id}`;

/** Who holds how much memory now, by key: each container, and each holder outside containers. */
export function heldNow(now: Snapshot): ReadonlyMap<string, KiB> {
  const held = new Map<string, KiB>();
  for (const container of now.containers)
    if (container.usage !== null) held.set(heldKeyOf(container), usedMemoryKb(container.usage));
  for (const { key, heldKb } of now.holders ?? []) held.set(key, heldKb);
  return held;
}

/**
 * Adds this reading to what each holder held in the last ten minutes. Holders that are gone are dropped. `isShort`: while
 * memory is short the ten minutes before stay, since what a holder took would soon look like what it usually holds.
 */
export function followHeld(held: History['held'], now: Snapshot, isShort: boolean): History['held'] {
  const sinceNs = now.monotonicNs - WINDOW_NS;
  return new Map(
    [...heldNow(now)].map(([key, heldKb]): [string, readonly HeldPoint[]] => {
      const known = held.get(key) ?? [];
      const isKept = isShort && known.length > 0;
      return [key, isKept ? known : append(known, { monotonicNs: now.monotonicNs, heldKb }, sinceNs)];
    }),
  );
}

/** Adds this reading of the host to those of the last ten minutes. */
export function followHost(host: readonly HostPoint[], now: Snapshot): readonly HostPoint[] {
  if (now.host === null) return host;
  const { availableKb, cpuBusyNs } = now.host;
  const point = { monotonicNs: now.monotonicNs, availableKb, cpuBusyNs };
  return append(host, point, now.monotonicNs - WINDOW_NS);
}

function append<P extends { readonly monotonicNs: Nanoseconds }>(
  points: readonly P[],
  point: P,
  sinceNs: Nanoseconds,
): readonly P[] {
  const kept = points.filter(({ monotonicNs }) => monotonicNs >= sinceNs);
  const isCrowded = kept.length > 1 && point.monotonicNs - (kept.at(-2)?.monotonicNs ?? 0) < APART_NS;
  return [...(isCrowded ? kept.slice(0, -1) : kept), point];
}
