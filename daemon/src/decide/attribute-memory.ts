import { pressureReadingOf, recoveredKb } from '../classify/memory-pressure.ts';
import { usedMemoryKb } from '../classify/rates-and-memory.ts';
import { type HeldPoint, heldKeyOf } from '../model/history.ts';
import { repositoryOf } from '../model/ownership.ts';
import type { Reason } from '../model/reason.ts';
import type { ContainerSample, MemoryHolder, Snapshot } from '../model/snapshot.ts';
import type { KiB } from '../model/units.ts';
import type { DecisionContext } from './decision-context.ts';

/** A holder of memory on this host, with what is known of its past. */
export interface Holder {
  readonly kind: 'container' | MemoryHolder['kind'];
  readonly name: string;
  readonly heldKb: KiB;
  /** Since the earliest reading in the last ten minutes, of whichever run, or since it began; null while unknown. */
  readonly grownKb: KiB | null;
  /** How much of its growth is a service that was just started and loads what it usually holds. */
  readonly loadedKb: KiB;
  /** What it usually holds; null while nothing is known. */
  readonly usualKb: KiB | null;
  /** null for everything but containers. */
  readonly container: ContainerSample | null;
}

/** The holder that caused a shortage of memory, managed or not. */
export interface Culprit {
  readonly holder: Holder;
  /**
   * false: it is only the largest, and is not known to be above its usual by half of what is missing; or it loads what it
   * usually holds. Neither is guilty.
   */
  readonly isProven: boolean;
  readonly because: Reason;
}

/** A holder may be so much above its usual before it counts as above it. */
const TOLERANCE = 1.1;
/** So long after its start a service may load what it usually holds. A slow leak is older when it shows. */
const LOADING_NS = 900e9;
/** What a holder held in so many readings tells what is usual for it. */
const ENOUGH_POINTS = 9;

/** All holders of memory: every container, managed or not, and everything else on the host. */
export function holdersOf(context: DecisionContext): Holder[] {
  const { now } = context;
  const containers = [...now.containers, ...now.lastKnown].flatMap((container): Holder[] =>
    container.usage === null ? [] : [containerHolder(container, usedMemoryKb(container.usage), context)],
  );
  const others = (now.holders ?? []).map(({ kind, key, name, heldKb }): Holder => {
    const points = context.history.held.get(key) ?? [];
    return {
      ...{ kind, name, heldKb, container: null },
      ...{ grownKb: growth(points, heldKb), loadedKb: 0 },
      usualKb: medianOf(points),
    };
  });
  return [...containers, ...others];
}

function containerHolder(container: ContainerSample, heldKb: KiB, context: DecisionContext): Holder {
  const { history, now, policies } = context;
  const points = history.held.get(heldKeyOf(container)) ?? [];
  // What began while Vigía was watching grew from nothing, unless an earlier run of it was seen.
  const startedNs = (container.usage?.startNs ?? 0) - (now.bootNs - now.monotonicNs);
  const watchedSinceNs = history.host[0]?.monotonicNs ?? Number.POSITIVE_INFINITY;
  const isFirstRun = (points[0]?.monotonicNs ?? Number.POSITIVE_INFINITY) >= startedNs;
  const isNew = startedNs > watchedSinceNs && isFirstRun;
  const learned = history.baselines.get(repositoryOf(container.image))?.usual ?? null;
  const learnedKb =
    learned === null || now.host === null ? null : (learned.memPercent / 100) * now.host.totalKb;
  const usual = [policies.get(container.id)?.expectedKb ?? null, learnedKb, medianOf(points)];
  const known = usual.filter((kb) => kb !== null);
  const grownKb = isNew ? heldKb : growth(points, heldKb);
  // A service that was just started again, and loads what its image usually holds, takes nothing from anybody.
  const isLoading =
    policies.get(container.id)?.kind === 'service' && now.monotonicNs - startedNs < LOADING_NS;
  const beyondUsualKb = isLoading && learnedKb !== null ? Math.max(0, heldKb - TOLERANCE * learnedKb) : null;
  const ownKb = beyondUsualKb === null ? grownKb : Math.min(grownKb ?? 0, beyondUsualKb);
  return {
    ...{ kind: 'container', name: container.name, heldKb, container },
    ...{ grownKb: ownKb, loadedKb: (grownKb ?? 0) - (ownKb ?? 0) },
    usualKb: known.length === 0 ? null : Math.max(...known),
  };
}

function growth(points: readonly HeldPoint[], heldKb: KiB): KiB | null {
  const [first] = points;
  return first === undefined ? null : heldKb - first.heldKb;
}

function medianOf(points: readonly HeldPoint[]): KiB | null {
  if (points.length < ENOUGH_POINTS) return null;
  const sorted = points.map(({ heldKb }) => heldKb).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** What is missing to `enoughKb` of available memory. */
export function shortfallKb({ host }: Snapshot, enoughKb: KiB): KiB {
  return host === null ? 0 : Math.max(0, enoughKb - host.availableKb);
}

/** So much available memory ends an emergency. */
export function enoughKb({ now, config }: DecisionContext): KiB {
  const reading = pressureReadingOf(now);
  return reading === null ? 0 : recoveredKb(reading, config);
}

/**
 * The culprit of a shortage: the holder that grew most in the ten minutes before, if that is at least half of what is
 * missing and no holder with an unknown past holds more than that; else a service that loads so much of what it usually
 * holds, and so is named only; else the largest above its own usual; else there is none. `isExcluded` leaves out suspects
 * that a kill did not help against. A container that holds no more than its owner expects is never one.
 */
export function culpritOf(
  context: DecisionContext,
  missingKb: KiB,
  isExcluded: (holder: Holder) => boolean = () => false,
): Culprit | null {
  const leastKb = ((context.now.host?.totalKb ?? 0) * context.config.pressure.minReclaimPercent) / 100;
  const suspects = holdersOf(context).filter(
    (holder) => holder.heldKb >= leastKb && !isExpected(holder, context) && !isExcluded(holder),
  );
  const most = (key: 'grownKb' | 'loadedKb'): Holder | undefined =>
    suspects
      .filter((holder) => (holder[key] ?? 0) >= Math.max(leastKb, missingKb / 2))
      .reduce<Holder | undefined>(
        (first, holder) => ((holder[key] ?? 0) > (first?.[key] ?? 0) ? holder : first),
        undefined,
      );
  const grower = most('grownKb');
  const couldHaveGrown = suspects.filter(({ grownKb }) => grownKb === null).map(({ heldKb }) => heldKb);
  if (grower !== undefined && Math.max(0, ...couldHaveGrown) <= (grower.grownKb ?? 0)) {
    const { kind, name, heldKb, grownKb } = grower;
    return {
      ...{ holder: grower, isProven: true },
      because: {
        ...{ code: 'culprit-grew', kind, name },
        grownMib: mebibytes(grownKb ?? 0),
        heldMib: mebibytes(heldKb),
      },
    };
  }
  const loader = most('loadedKb');
  if (loader !== undefined) {
    const { name, loadedKb } = loader;
    const because: Reason = { code: 'culprit-loads', name, loadedMib: mebibytes(loadedKb) };
    return { holder: loader, isProven: false, because };
  }
  const [largest] = suspects
    .filter(({ heldKb, usualKb }) => usualKb === null || heldKb > TOLERANCE * usualKb)
    .sort((a, b) => b.heldKb - a.heldKb);
  if (largest === undefined) return null;
  const { kind, name, heldKb, usualKb, container } = largest;
  const isMuchAbove = usualKb !== null && heldKb - usualKb >= Math.max(leastKb, missingKb / 2);
  const isDisposable = container !== null && context.policies.get(container.id)?.kind === 'disposable';
  return {
    holder: largest,
    isProven: isMuchAbove || isDisposable,
    because: {
      ...{ code: 'culprit-above-usual', kind, name, heldMib: mebibytes(heldKb) },
      usualMib: usualKb === null ? null : mebibytes(usualKb),
    },
  };
}

function isExpected({ container, heldKb }: Holder, { policies }: DecisionContext): boolean {
  const expectedKb = container === null ? null : (policies.get(container.id)?.expectedKb ?? null);
  return expectedKb !== null && heldKb <= expectedKb;
}

const mebibytes = (kb: KiB): number => Math.round(kb / 1024);
