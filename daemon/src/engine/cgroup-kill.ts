import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupExists, cgroupKill } from './cgroup.ts';
import { memoryTree, readText, treeOf } from './cgroup-files.ts';

const DEADLINE_MS = 2000;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;
/** No container has as many cgroups inside, except to make this slow. */
const MOST_CGROUPS = 2000;

/**
 * Sends SIGKILL to every process in the cgroup and below: through cgroup.kill, which also catches what is forked
 * meanwhile, or (v1, Linux before 5.14) to each process again and again until none is left. A restart policy may start
 * the container again meanwhile, in a new cgroup of the same path: that one is spared. Returns false when the cgroup is
 * gone, and when processes are left after 2 s. `mayKill` is asked for each process right before its signal.
 */
export async function killCgroup(
  path: string,
  root: string,
  proc: string,
  mayKill: (pid: number) => boolean,
  signal: (pid: number) => void = sigkill,
): Promise<boolean> {
  if (!cgroupExists(path, root)) return false;
  if (cgroupKill(path, root)) return true;
  const identity = identityOf(path, root);
  const deadline = performance.now() + DEADLINE_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const alive = processesIn(path, root).filter((pid) => !isZombie(pid, proc));
    if (alive.length === 0 || identityOf(path, root) !== identity) return true;
    if (!alive.every(mayKill)) return false;
    for (const pid of alive) signal(pid);
    if (performance.now() + pauseMs > deadline) return false;
    await sleep(pauseMs);
  }
}

/** Changes when the cgroup is removed, or removed and made again. */
const identityOf = (path: string, root: string): bigint | undefined =>
  statSync(`${memoryTree(root)}${path}`, { bigint: true, throwIfNoEntry: false })?.ino;

/** Pids of the processes in the cgroup and below. */
export function processesIn(path: string, root: string): number[] {
  const { directories } = treeOf(`${memoryTree(root)}${path}`, MOST_CGROUPS);
  return directories.flatMap((directory) =>
    (readText(`${directory}/cgroup.procs`) ?? '')
      .split('\n')
      .map(Number)
      // 0 stands for a process that this pid namespace does not see.
      .filter((pid) => pid > 0),
  );
}

/** Whether it has ended and only waits for its parent. Kernels before 5.2 list such processes too. */
function isZombie(pid: number, proc: string): boolean {
  const stat = readText(`${proc}/${pid}/stat`);
  return stat !== null && /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

function sigkill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended since; or it may not be killed, and is found alive in the next round.
  }
}
