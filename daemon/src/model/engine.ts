import type { EngineContainer } from './snapshot.ts';
import type { ContainerId, Percent } from './units.ts';

/** A container engine as the hands use it: Docker's, or a modelled one. Every call may throw. */
export interface Engine {
  /** Every container, stopped ones included. */
  list(): Promise<EngineContainer[]>;
  /** null when the engine does not know it (any more). */
  inspect(id: ContainerId): Promise<Inspected | null>;
  /** SIGTERM, and SIGKILL after `graceSeconds`. A container that does not run, or is gone, is as stopped as can be. */
  stop(id: ContainerId, graceSeconds: number): Promise<void>;
  /** SIGTERM, SIGKILL after `graceSeconds`, and a new run. A container that is gone is an error. */
  restart(id: ContainerId, graceSeconds: number): Promise<void>;
  /** Removes it with its anonymous volumes; a running one is killed. Already gone is what was asked for. */
  remove(id: ContainerId): Promise<void>;
  /** Percent of a core, null for no limit. */
  limitCpu(id: ContainerId, percent: Percent | null): Promise<void>;
  /** Creates and starts; what was created but would not start is removed again. */
  start(container: NewContainer): Promise<ContainerId>;
}

/** What a container is now, asked for it alone. */
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
