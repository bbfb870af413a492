import type { CgroupLimit } from './limit.ts';
import type { EngineContainer } from './snapshot.ts';
import type { ContainerId, Nanoseconds, Percent } from './units.ts';

/** A container engine as the actions use it: Docker, or a simulated one. Every call may throw. */
export interface Engine {
  /** Every container, stopped ones included. */
  list(): Promise<EngineContainer[]>;
  /** null when the engine does not know the container, or no longer. */
  inspect(id: ContainerId): Promise<Inspected | null>;
  /**
   * Its stop signal, then SIGKILL after `graceSeconds`; null: after the container's own stop timeout. Succeeds if the
   * container is not running or is gone.
   */
  stop(id: ContainerId, graceSeconds: number | null): Promise<void>;
  /** Like `stop`, then starts a new run. Throws if the container is gone. */
  restart(id: ContainerId, graceSeconds: number | null): Promise<void>;
  /**
   * For disposable containers only: removes it with its anonymous volumes, killing it if it runs. Succeeds if it is
   * already gone.
   */
  remove(id: ContainerId): Promise<void>;
  /** Limits CPU to a percentage of one core; null lifts the limit. */
  limitCpu(id: ContainerId, percent: Percent | null): Promise<void>;
  /** Creates and starts a container; removes it again if it was created but does not start. */
  start(container: NewContainer): Promise<ContainerId>;
}

/** The cgroups of this host as the actions use them. */
export interface Cgroups {
  /** Whether the cgroup still exists, that is, some process of it has not been reaped. */
  exists(path: string): boolean;
  /** Whether another container's cgroup lies inside this one. */
  holdsAnother(path: string): boolean;
  /** Whether this process still runs, in this cgroup, and started then. */
  isRun(path: string, run: { readonly pid: number; readonly startNs: Nanoseconds }): boolean;
  /**
   * SIGKILL to every process in the cgroup: `cgroup.kill`, or (v1, before Linux 5.14) to each of `cgroup.procs` until it
   * is empty. Resolves to false when that was not possible.
   */
  kill(path: string): Promise<boolean>;
  /**
   * Sets a limit of ours: KiB for memory, a number for pids, MiB/s for io; null lifts it. Never touches a limit that is
   * not ours. Resolves to false where this kernel has no such limit, or another program has set one.
   */
  limit(path: string, limit: CgroupLimit, value: number | null): boolean;
}

/** The present state of one container, as the engine reports it. */
export interface Inspected {
  readonly id: ContainerId;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly running: boolean;
  /** Init's pid in the host's namespace; 0 when it does not run. */
  readonly pid: number;
  readonly hasCpuLimit: boolean;
  /** Whether its CPU limit is one of ours. */
  readonly isCpuLimitOurs: boolean;
  /** How often its restart policy has started it again since it was last started through the engine. */
  readonly restartCount: number;
  /** Its own stop timeout; null: the engine's default of 10 s. */
  readonly stopSeconds: number | null;
}

export interface NewContainer {
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}
