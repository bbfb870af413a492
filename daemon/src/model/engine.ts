import type { EngineContainer } from './snapshot.ts';
import type { ContainerId, Percent } from './units.ts';

/** A container engine as the actions use it: Docker, or a simulated one. Every call may throw. */
export interface Engine {
  /** Every container, stopped ones included. */
  list(): Promise<EngineContainer[]>;
  /** null when the engine does not know the container, or no longer. */
  inspect(id: ContainerId): Promise<Inspected | null>;
  /** SIGTERM, then SIGKILL after `graceSeconds`. Succeeds if the container is not running or is gone. */
  stop(id: ContainerId, graceSeconds: number): Promise<void>;
  /** Like `stop`, then starts a new run. Throws if the container is gone. */
  restart(id: ContainerId, graceSeconds: number): Promise<void>;
  /** Removes the container with its anonymous volumes, killing it if it runs. Succeeds if it is already gone. */
  remove(id: ContainerId): Promise<void>;
  /** Limits CPU to a percentage of one core; null lifts the limit. */
  limitCpu(id: ContainerId, percent: Percent | null): Promise<void>;
  /** Creates and starts a container; removes it again if it was created but does not start. */
  start(container: NewContainer): Promise<ContainerId>;
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
}

export interface NewContainer {
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}
