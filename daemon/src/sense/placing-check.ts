import { readlinkSync } from 'node:fs';
import { cgroupExists, cgroupPathOf } from '../engine/cgroup.ts';
import { CGROUP_ROOT, isUnified, readText } from '../engine/cgroup-files.ts';
import type { Engine } from '../model/engine.ts';
import type { Reason } from '../model/reason.ts';
import type { EngineContainer } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import type { Reading } from './reading.ts';
import { unlessUrgent } from './unless-urgent.ts';

/** The inode numbers that the kernel gives to the first namespaces (include/uapi/linux/nsfs.h). */
const FIRST_NAMESPACES = { pid: 'pid:[4026531836]', cgroup: 'cgroup:[4026531835]' } as const;
const LONGEST_MS = 2000;
/** A process with a delegated cgroup chooses names in its path. */
const LONGEST_PATH = 200;

interface Asked {
  readonly engine: Pick<Engine, 'inspect'>;
  readonly reading: Reading;
  readonly listed: readonly EngineContainer[];
  readonly urgent: AbortSignal | undefined;
}

/**
 * Notices a sensor that sees none of the containers that the engine lists as running. Containers that have just begun or
 * ended are no reason: one of them must be in the same run in two readings in a row.
 */
export class PlacingCheck {
  readonly #proc: string;
  readonly #root: string;
  #last: { readonly id: ContainerId; readonly pid: number } | null = null;

  /** Tests give other directories in the place of /proc and /sys/fs/cgroup. */
  constructor(proc = '/proc', root: string = CGROUP_ROOT) {
    this.#proc = proc;
    this.#root = root;
  }

  /** Why the sensor places none of them; null where it does, where none runs, or where it is not sure yet. */
  async whyNone({ engine, reading, listed, urgent }: Asked): Promise<Reason | null> {
    const running = listed.filter(({ state }) => state === 'running');
    const [oldest] = running.toSorted((a, b) => a.createdAt - b.createdAt);
    if (oldest === undefined || running.some(({ id }) => reading.containers.has(id))) {
      this.#last = null;
      return null;
    }
    const because = (cause: Reason): Reason => ({
      code: 'no-container-placed',
      containers: running.length,
      cause,
    });
    const elsewhere = this.#inOtherNamespace();
    if (elsewhere !== null) return because(elsewhere);
    const before = this.#last;
    const pid = await pidOf(engine, oldest.id, urgent);
    this.#last = pid === null ? null : { id: oldest.id, pid };
    if (pid === null || before?.id !== oldest.id || before.pid !== pid) return null;
    return because(this.#whyNot(pid, reading));
  }

  #inOtherNamespace(): Reason | null {
    if (this.#isInOther('pid')) return { code: 'in-pid-namespace' };
    return this.#isInOther('cgroup') ? { code: 'in-cgroup-namespace' } : null;
  }

  #isInOther(kind: keyof typeof FIRST_NAMESPACES): boolean {
    try {
      return readlinkSync(`${this.#proc}/self/ns/${kind}`) !== FIRST_NAMESPACES[kind];
    } catch {
      return false;
    }
  }

  #whyNot(pid: number, { kind }: Reading): Reason {
    const cgroups = readText(`${this.#proc}/${pid}/cgroup`);
    if (cgroups === null) return { code: 'process-not-here', pid };
    if (kind === 'kernel' && !isUnified(this.#root) && !cgroupExists('', this.#root))
      return { code: 'no-memory-controller' };
    const cgroup = (cgroupPathOf(cgroups, this.#root) ?? '').slice(0, LONGEST_PATH);
    return { code: 'cgroup-names-none', pid, cgroup };
  }
}

/** The pid of its first process; null when it does not run any more, or the engine does not tell in time. */
async function pidOf(
  engine: Pick<Engine, 'inspect'>,
  id: ContainerId,
  urgent: AbortSignal | undefined,
): Promise<number | null> {
  const stop = AbortSignal.any([AbortSignal.timeout(LONGEST_MS), ...(urgent ? [urgent] : [])]);
  const found = await unlessUrgent(() => engine.inspect(id), stop).catch(() => null);
  return found === null || !found.running || found.pid === 0 ? null : found.pid;
}
