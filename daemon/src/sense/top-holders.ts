import { readdirSync } from 'node:fs';
import { CGROUP_ROOT, memoryTree } from '../engine/cgroup-files.ts';
import { readHeldMemory } from '../engine/memory-stat.ts';
import { chargedKb } from '../engine/oom-counters.ts';
import type { Held } from '../model/engine-event.ts';
import type { KiB, Millis } from '../model/units.ts';

/** Cgroups that are looked at in one reading. */
const MOST_CGROUPS = 512;
/** Those with the largest charge are read in full. */
const MOST_READ = 12;
const MOST_HELD = 6;
/** Half a minute, one reading a second. */
const KEPT_READINGS = 30;
/** A host without memory keeps us waiting, too: the last reading before that may be so old. */
const BEFORE_MS: Millis = 90_000;
/** Right after it the memory is still short, if it was the container's own. */
const AFTER_MS: Millis = 1000;

/** Where units of systemd and containers lie, beside the parents of the containers that are known. */
const USUAL_PARENTS = ['', '/system.slice', '/user.slice', '/docker'];

export interface Shortage {
  readonly at: Millis;
  readonly availableKb: KiB;
  /** The largest first. */
  readonly held: readonly Held[];
}

/**
 * Who holds most memory, second by second while it is short, so that an OOM can be explained afterwards: by then the
 * largest holder is gone. A ring of a few kilobytes. Names are the cgroups' own.
 */
export class TopHolders {
  readonly #ring: Shortage[] = [];
  readonly #root: string;

  constructor(root: string = CGROUP_ROOT) {
    this.#root = root;
  }

  /** Takes a reading. `parents`: cgroups that hold containers. */
  take(at: Millis, availableKb: KiB, parents: Iterable<string>): void {
    this.#ring.push({ at, availableKb, held: topHolders(parents, this.#root) });
    if (this.#ring.length > KEPT_READINGS) this.#ring.shift();
  }

  /** The last reading before this moment, or right after it; null where memory was not short. */
  at(at: Millis): Shortage | null {
    const near = this.#ring.filter((one) => at - one.at <= BEFORE_MS && one.at - at <= AFTER_MS);
    return near.findLast((one) => one.at <= at) ?? near[0] ?? null;
  }
}

/** The cgroups directly inside these that hold most, by the memory that would come back. */
function topHolders(parents: Iterable<string>, root: string): readonly Held[] {
  const all = new Set([...USUAL_PARENTS, ...parents]);
  const inside = [...all].flatMap((parent) => childrenOf(parent, root)).filter((path) => !all.has(path));
  return inside
    .slice(0, MOST_CGROUPS)
    .map((path) => ({ path, kb: chargedKb(path, root) ?? 0 }))
    .toSorted((a, b) => b.kb - a.kb)
    .slice(0, MOST_READ)
    .map(({ path }) => ({ name: path, kb: Math.floor((readHeldMemory(path, root)?.held ?? 0) / 1024) }))
    .filter(({ kb }) => kb > 1024)
    .toSorted((a, b) => b.kb - a.kb)
    .slice(0, MOST_HELD);
}

function childrenOf(parent: string, root: string): string[] {
  try {
    return readdirSync(`${memoryTree(root)}${parent}`, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${parent}/${name}`);
  } catch {
    return [];
  }
}
