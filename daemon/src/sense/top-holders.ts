import { readdirSync } from 'node:fs';
import { CGROUP_ROOT, memoryTree } from '../engine/cgroup-files.ts';
import { readHeldMemory } from '../engine/memory-stat.ts';
import { chargedKb } from '../engine/oom-counters.ts';
import type { Held } from '../model/engine-event.ts';
import type { Millis } from '../model/units.ts';

/** Cgroups that are looked at in one reading. */
const MOST_CGROUPS = 512;
/** Those with the largest charge are read in full. */
const MOST_READ = 12;
const MOST_HELD = 6;
/** Half a minute, one reading a second. */
const KEPT_READINGS = 30;
/** A reading that is older says nothing about that second. */
const NEAR_MS: Millis = 5000;

/** Where units of systemd and containers lie, beside the parents of the containers that are known. */
const USUAL_PARENTS = ['', '/system.slice', '/user.slice', '/docker'];

/**
 * Who holds most memory, second by second while it is short, so that an OOM can be explained afterwards: by then the
 * largest holder is gone. A ring of a few kilobytes. Names are the cgroups' own.
 */
export class TopHolders {
  readonly #ring: { readonly at: Millis; readonly held: readonly Held[] }[] = [];
  readonly #root: string;

  constructor(root: string = CGROUP_ROOT) {
    this.#root = root;
  }

  /** Takes a reading. `parents`: cgroups that hold containers. */
  take(at: Millis, parents: Iterable<string>): void {
    this.#ring.push({ at, held: topHolders(parents, this.#root) });
    if (this.#ring.length > KEPT_READINGS) this.#ring.shift();
  }

  /** The last reading before this moment, or right after it; empty where there is none so near. */
  at(at: Millis): readonly Held[] {
    const near = this.#ring.filter((one) => Math.abs(one.at - at) <= NEAR_MS && one.held.length > 0);
    return (near.findLast((one) => one.at <= at) ?? near[0])?.held ?? [];
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
