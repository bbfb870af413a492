import type { ContainerId } from '../model/units.ts';

/**
 * What a cgroup path says about containers. Any process with a delegated cgroup chooses names in it. The forms are those
 * of contract/container-paths.json, which the kernel modules (kernel/common/container_id.c) are tested with, too.
 */
export interface ContainerCgroup {
  readonly id: ContainerId;
  /** Path below the cgroup root. Its last segment is the container's own. */
  readonly path: string;
}

const ID_LENGTH = 64;
const RUNTIMES = ['docker', 'cri-containerd', 'nerdctl', 'crio', 'libpod', 'libpod-payload'];
/** Podman's parent of its containers and pods, cgroupfs driver. A bare ID directly inside is a pod's. */
const PODS = 'libpod_parent';

/**
 * Finds the container that a cgroup path belongs to. A container's cgroup may lie inside another's (`--cgroup-parent`),
 * so the innermost segment that is the ID of a container known to the engine counts. Without a known one it is the
 * outermost segment that is an ID at all: the owner of a delegated cgroup can create further ones inside it. null without
 * any, and in the cgroups of a user's own manager: the user can give them any name.
 */
export function containerOf(
  path: string,
  isKnown: (id: ContainerId) => boolean = () => false,
): ContainerCgroup | null {
  const segments = path.split('/');
  let outermost: ContainerCgroup | null = null;
  let innermostKnown: ContainerCgroup | null = null;
  for (let at = 1; at < segments.length; at += 1) {
    const segment = segments[at] ?? '';
    if (isUsersManager(segment)) break;
    const id = idIn(segment, segments[at - 1] ?? '');
    if (id === null) continue;
    const found = { id, path: segments.slice(0, at + 1).join('/') };
    outermost ??= found;
    if (isKnown(id)) innermostKnown = found;
  }
  return innermostKnown ?? outermost;
}

/**
 * Compares cgroup paths, deepest first, so that the last path of a container in a sorted list is the trustworthy one. A
 * service with a delegated cgroup can create a child named after any container. Engines put containers nearer to the
 * root, where only root creates cgroups.
 */
export const deepestFirst = (a: string, b: string): number => b.split('/').length - a.split('/').length;

/** The service manager of a user other than root, who owns the cgroups inside it. */
const isUsersManager = (segment: string): boolean =>
  segment.startsWith('user@') && segment.endsWith('.service') && segment !== 'user@0.service';

/** `<id>`, `<slice>:<runtime>:<id>`, `<runtime>-<id>` or `<runtime>-<id>.scope`. */
function idIn(segment: string, parent: string): ContainerId | null {
  if (isContainerId(segment)) return parent === PODS ? null : segment;
  const colon = segment.indexOf(':');
  const afterColon = colon < 0 ? null : idAfterRuntime(segment.slice(colon + 1), ':');
  return afterColon ?? idAfterRuntime(segment.endsWith('.scope') ? segment.slice(0, -6) : segment, '-');
}

function idAfterRuntime(text: string, separator: string): ContainerId | null {
  const before = text.length - ID_LENGTH - 1;
  if (before <= 0 || text[before] !== separator || !RUNTIMES.includes(text.slice(0, before))) return null;
  const id = text.slice(before + 1);
  return isContainerId(id) ? id : null;
}

const isContainerId = (text: string): boolean => text.length === ID_LENGTH && /^[0-9a-f]+$/.test(text);
