import { type Baseline, type Observation, slotOf, usualOf } from '../model/baseline.ts';
import type { Config } from '../model/config.ts';
import type { Classification } from '../model/decision.ts';
import type { History } from '../model/history.ts';
import { repositoryOf } from '../model/ownership.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Percent } from '../model/units.ts';
import { policyOf } from '../policy/resolve-policy.ts';
import { usedMemoryPercent } from './rates-and-memory.ts';

/** The usual figures are recomputed every so many observations: sorting 500 figures each cycle is too much. */
const EVERY = 15;

/**
 * One observation for each managed image and cycle, from its containers in turn: this learns the spread between
 * containers as well as that over time, and many containers count no more than a few. A throttled container counts with
 * what it used before: it shows its limit now, and a container that is heavy from its first minute could never be
 * learned otherwise.
 */
export function observe(
  history: History,
  now: Snapshot,
  classifications: readonly Classification[],
  config: Config,
): Observation[] {
  const classificationOf = new Map(
    classifications.map((classification) => [classification.id, classification]),
  );
  const byImage = new Map<string, Pick<Observation, 'cpuPercent' | 'memPercent'>[]>();
  for (const container of now.containers) {
    const cpuPercent = classificationOf.get(container.id)?.cpuPercent ?? null;
    if (cpuPercent === null || container.usage === null) continue;
    const { kind } = policyOf(container, config);
    if (kind !== 'disposable' && kind !== 'service') continue;
    const usedBefore = history.containers.get(container.id)?.limits.cpu?.usedBefore ?? 0;
    const image = repositoryOf(container.image);
    const members = byImage.get(image) ?? [];
    members.push({
      cpuPercent: Math.max(cpuPercent, usedBefore),
      memPercent: usedMemoryPercent(container.usage, now),
    });
    byImage.set(image, members);
  }
  return [...byImage].flatMap(([image, members]) => {
    const taken = history.baselines.get(image)?.taken ?? 0;
    const member = members[now.tick % members.length];
    return member === undefined ? [] : [{ image, taken: taken + 1, ...member }];
  });
}

/** The baselines with the observations added. */
export function learn(
  baselines: ReadonlyMap<string, Baseline>,
  observations: readonly Observation[],
): ReadonlyMap<string, Baseline> {
  if (observations.length === 0) return baselines;
  const learned = new Map(baselines);
  for (const observation of observations) {
    const { image, taken, cpuPercent, memPercent } = observation;
    const slot = slotOf(observation);
    const before = learned.get(image) ?? { taken: 0, cpuPercent: [], memPercent: [], usual: null };
    const grown = {
      taken,
      cpuPercent: put(before.cpuPercent, slot, cpuPercent),
      memPercent: put(before.memPercent, slot, memPercent),
    };
    const usual = grown.taken % EVERY === 0 ? usualOf(grown) : before.usual;
    learned.set(image, { ...grown, usual });
  }
  return learned;
}

function put(values: readonly Percent[], slot: number, value: Percent): readonly Percent[] {
  return slot < values.length ? values.with(slot, value) : [...values, value];
}
