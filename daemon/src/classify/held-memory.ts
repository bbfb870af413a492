import { HELD_WINDOW_NS, type HeldPoint, type History, type HostPoint, heldKeyOf } from '../model/history.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { KiB, Nanoseconds } from '../model/units.ts';
import { usedMemoryKb } from './rates-and-memory.ts';

/** Emergency cycles follow each other closely: of points nearer than this only the newest is kept. */
const APART_NS = 5e9;

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
 * memory is short nothing is added and the ten minutes before stay. Otherwise what a holder took would soon look like
 * what it usually holds; and to a loop that begins during a shortage, the next one to grow a little would look guilty.
 */
export function followHeld(held: History['held'], now: Snapshot, isShort: boolean): History['held'] {
  const sinceNs = now.monotonicNs - HELD_WINDOW_NS;
  return new Map(
    [...heldNow(now)].map(([key, heldKb]): [string, readonly HeldPoint[]] => {
      const known = held.get(key) ?? [];
      return [key, isShort ? known : append(known, { monotonicNs: now.monotonicNs, heldKb }, sinceNs)];
    }),
  );
}

/** Adds this reading of the host to those of the last ten minutes. */
export function followHost(host: readonly HostPoint[], now: Snapshot): readonly HostPoint[] {
  if (now.host === null) return host;
  const { availableKb, cpuBusyNs } = now.host;
  const point = { monotonicNs: now.monotonicNs, availableKb, cpuBusyNs };
  return append(host, point, now.monotonicNs - HELD_WINDOW_NS);
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
