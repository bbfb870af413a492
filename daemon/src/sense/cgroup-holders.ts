import { CGROUP_ROOT, memoryTree, treeOf } from '../engine/cgroup-files.ts';
import { type HeldMemory, readHeldMemory } from '../engine/memory-stat.ts';
import type { MemoryHolder } from '../model/snapshot.ts';
import type { Bytes } from '../model/units.ts';

/** Cgroups that are read in one cycle. What lies in deeper ones is charged to the nearest one above that is read. */
const MOST_CGROUPS = 2000;
/** A unit of systemd is one holder, whatever it has inside; a user's own systemd has units of its own. */
const isUnit = (name: string): boolean =>
  /\.(?:service|scope|mount|socket|swap)$/.test(name) && !/^user@/.test(name);

export interface HeldByCgroups {
  readonly holders: readonly MemoryHolder[];
  /** Charged to all cgroups together, containers included. */
  readonly shmem: Bytes;
  readonly kernel: Bytes;
}

/** What is known of a cgroup before it is read itself: what lies inside it. */
interface Inside {
  readonly holders: MemoryHolder[];
  /** Held by these holders. */
  ofHolders: Bytes;
  ofContainers: Bytes;
  shmem: Bytes;
  kernel: Bytes;
}

/**
 * Who holds memory among the cgroups that are no container (`containers`: their paths): services, sessions and scopes of
 * systemd, and any other cgroup without further ones inside. A slice holds what is left after all that is inside it.
 */
export function heldByCgroups(containers: ReadonlySet<string>, root: string = CGROUP_ROOT): HeldByCgroups {
  const tree = memoryTree(root);
  const pathOf = (directory: string): string => directory.slice(tree.length);
  // What containers inside a container hold is charged to both of their cgroups: it counts once.
  const { directories } = treeOf(tree, MOST_CGROUPS, (directory) => containers.has(pathOf(directory)));
  const insides = new Map<string, Inside>();
  const insideOf = (path: string): Inside => {
    const inside = insides.get(path) ?? { holders: [], ofHolders: 0, ofContainers: 0, shmem: 0, kernel: 0 };
    insides.set(path, inside);
    return inside;
  };
  // Children come before their parents here. The root itself has no figures of its own.
  for (const directory of directories.slice(1).reverse()) {
    const path = pathOf(directory);
    const [parent, inside] = [insideOf(path.slice(0, path.lastIndexOf('/'))), insideOf(path)];
    const { held, shmem, kernel } = readHeldMemory(path, root) ?? NOTHING;
    parent.shmem += shmem;
    parent.kernel += kernel;
    if (containers.has(path)) {
      parent.ofContainers += held;
      continue;
    }
    const name = path.slice(path.lastIndexOf('/') + 1);
    const inner = isUnit(name) ? [] : inside.holders;
    const ofInner = isUnit(name) ? 0 : inside.ofHolders;
    const own = Math.max(0, held - inside.ofContainers - ofInner);
    parent.holders.push(...inner, ...holder(path, name, own));
    parent.ofHolders += ofInner + own;
    parent.ofContainers += inside.ofContainers;
  }
  return insideOf('');
}

/** Of a cgroup without memory controller, or one that has gone meanwhile. */
const NOTHING: HeldMemory = { held: 0, shmem: 0, kernel: 0 };

/** A cgroup that holds less than 1 KiB is not listed. */
function holder(path: string, name: string, bytes: Bytes): MemoryHolder[] {
  const heldKb = Math.floor(bytes / 1024);
  return heldKb <= 0 ? [] : [{ kind: 'cgroup', key: path, name: nameOf(name), heldKb }];
}

/** IDs of containers that this engine does not list are cut to the length that engines print. */
const nameOf = (segment: string): string => segment.replace(/[0-9a-f]{64}/, (id) => id.slice(0, 12));
