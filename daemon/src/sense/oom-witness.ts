import { CGROUP_ROOT, isUnified } from '../engine/cgroup-files.ts';
import { containerOf } from '../engine/container-path.ts';
import { hostOomKills, limitHits, memoryLimitKb } from '../engine/oom-counters.ts';
import type { Held, OomEvidence } from '../model/engine-event.ts';
import type { ContainerSample, PressureReading } from '../model/snapshot.ts';
import type { ContainerId, KiB, Millis } from '../model/units.ts';
import { TopHolders } from './top-holders.ts';

/** A counter that moved this recently may have moved for the event that arrives now: what was killed may end late. */
const NEAR_MS: Millis = 60_000;
/** Counters that move for the same kill move between the same two readings, or the next ones. */
const TOGETHER_MS: Millis = 2000;
/** Parents of containers whose counters are followed: usually one or two. */
const MOST_PARENTS = 32;

interface Known {
  readonly name: string;
  readonly cgroup: string | null;
  readonly limitKb: KiB | null;
}

/** Where the cgroups of this host and /proc are; tests have their own. */
interface Places {
  readonly root: string;
  readonly proc: string;
}

/**
 * Follows the kernel's counters of OOM kills each second, and who holds most while memory is short: when the engine tells
 * of an OOM or of an end, the cgroup is often gone, and with it what it could say.
 */
export class OomWitness {
  #known: ReadonlyMap<ContainerId, Known> = new Map();
  /** Of containers that no snapshot has shown. */
  readonly #toldNames = new Map<ContainerId, string>();
  readonly #ownHits = new Map<ContainerId, number>();
  readonly #around = new Map<string, Counter>();
  readonly #hostKills = new Counter();
  readonly #holders: TopHolders;
  readonly #places: Places;
  #parents: ReadonlySet<string> = new Set();

  constructor(places: Places = { root: CGROUP_ROOT, proc: '/proc' }) {
    this.#places = places;
    this.#holders = new TopHolders(places.root);
  }

  /** The containers of a cycle: their names, cgroups and limits. */
  see(containers: readonly ContainerSample[]): void {
    this.#known = new Map(
      containers.map(({ id, name, usage }) => {
        const before = this.#known.get(id);
        const cgroup = usage?.cgroup ?? before?.cgroup ?? null;
        return [id, { name, cgroup, limitKb: usage?.memoryLimitKb ?? before?.limitKb ?? null }];
      }),
    );
    const parents = [...this.#known.values()].flatMap(({ cgroup }) =>
      cgroup === null ? [] : parentOf(cgroup),
    );
    this.#parents = new Set(parents.slice(0, MOST_PARENTS));
    for (const id of this.#toldNames.keys()) if (this.#known.has(id)) this.#toldNames.delete(id);
    for (const id of this.#ownHits.keys()) if (!this.#known.has(id)) this.#ownHits.delete(id);
  }

  /** To be called each second. `isShort`: memory is short enough to note who holds it. */
  second(at: Millis, reading: PressureReading | null, isShort: boolean): void {
    this.#readCounters(at);
    if (isShort && reading !== null) this.#holders.take(at, reading.availableKb, this.#parents);
  }

  /** A name from an event: that container may live too short for a snapshot. */
  name(id: ContainerId, name: string): void {
    if (!this.#known.has(id)) this.#toldNames.set(id, name);
    const [oldest] = this.#toldNames.keys();
    if (this.#toldNames.size > MOST_NAMES && oldest !== undefined) this.#toldNames.delete(oldest);
  }

  /** What the counters say about an `oom` or a `die` that has just arrived; `at` is now. */
  evidence(id: ContainerId, at: Millis, eventAt: Millis): OomEvidence {
    this.#readCounters(at);
    const { root } = this.#places;
    const cgroup = this.#cgroupOf(id);
    const shortage = this.#holders.at(this.#hostKills.movedSince(at - NEAR_MS) ?? eventAt);
    return {
      cgroupVersion: isUnified(root) ? 2 : 1,
      ownHits: cgroup === null ? null : this.#ownHitsOf(id, cgroup),
      aroundHits: this.#aroundHits(cgroup, at),
      hostKills: this.#hostKills.recent(at, NEAR_MS),
      limitKb: (cgroup === null ? null : memoryLimitKb(cgroup, root)) ?? this.#known.get(id)?.limitKb ?? null,
      availableKb: shortage?.availableKb ?? null,
      held: (shortage?.held ?? []).map(({ name, kb }): Held => ({ name: this.#nameOf(name), kb })),
    };
  }

  #readCounters(at: Millis): void {
    const { root, proc } = this.#places;
    this.#hostKills.read(hostOomKills(proc), at);
    for (const parent of this.#watched()) {
      const counter = this.#around.get(parent) ?? new Counter();
      this.#around.set(parent, counter);
      counter.read(limitHits(parent, false, root), at);
    }
    for (const parent of this.#around.keys()) if (!this.#watched().has(parent)) this.#around.delete(parent);
  }

  /** Docker's own two, since a container may end before the first snapshot that shows it. */
  #watched(): ReadonlySet<string> {
    return new Set([...this.#parents, '/system.slice', '/docker']);
  }

  #ownHitsOf(id: ContainerId, cgroup: string): number | null {
    const hits = limitHits(cgroup, true, this.#places.root);
    if (hits === null) return null;
    const before = this.#ownHits.get(id) ?? 0;
    this.#ownHits.set(id, hits);
    // A new run has a new cgroup, which counts from 0.
    return hits < before ? hits : hits - before;
  }

  #aroundHits(cgroup: string | null, at: Millis): number | null {
    const counters =
      cgroup === null
        ? [...this.#around.values()]
        : parentOf(cgroup).flatMap((parent) => this.#around.get(parent) ?? []);
    return counters.reduce<number | null>((sum, counter) => {
      const moved = counter.recent(at, NEAR_MS);
      if (moved === null) return sum;
      // A kill since then was another one, for the host.
      const since = (this.#hostKills.movedSince(at - NEAR_MS) ?? 0) - TOGETHER_MS;
      return (sum ?? 0) + (counter.movedSince(since) === null ? 0 : moved);
    }, null);
  }

  #cgroupOf(id: ContainerId): string | null {
    const known = this.#known.get(id)?.cgroup ?? null;
    if (known !== null) return known;
    const usual = [`/system.slice/docker-${id}.scope`, `/docker/${id}`];
    return usual.find((path) => limitHits(path, true, this.#places.root) !== null) ?? null;
  }

  /** The container's name, or the last part of a cgroup's path. */
  #nameOf(path: string): string {
    const id = containerOf(path, (one) => this.#known.has(one) || this.#toldNames.has(one))?.id;
    if (id === undefined) return path.slice(path.lastIndexOf('/') + 1);
    return this.#known.get(id)?.name ?? this.#toldNames.get(id) ?? id.slice(0, 12);
  }
}

const MOST_NAMES = 256;

/** A counter that only grows, and when it last did. */
class Counter {
  #value: number | null = null;
  #moved: { readonly at: Millis; readonly by: number } | null = null;

  /** The first value is no movement. */
  read(value: number | null, at: Millis): void {
    if (value !== null && this.#value !== null && value > this.#value) {
      this.#moved = { at, by: value - this.#value };
    }
    this.#value = value;
  }

  /** When it last moved, if that was since this moment. */
  movedSince(moment: Millis): Millis | null {
    return this.#moved !== null && this.#moved.at >= moment ? this.#moved.at : null;
  }

  /** By how much it moved lately; null where it cannot be read. */
  recent(at: Millis, withinMs: Millis): number | null {
    if (this.#value === null && this.#moved === null) return null;
    return this.#moved !== null && at - this.#moved.at <= withinMs ? this.#moved.by : 0;
  }
}

const parentOf = (cgroup: string): string[] => {
  const parent = cgroup.slice(0, cgroup.lastIndexOf('/'));
  return parent === '' ? [] : [parent];
};
