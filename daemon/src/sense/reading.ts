import type { Reason } from '../model/reason.ts';
import type { ProcessCounts, ProcessSample, SensedUsage, SensorKind } from '../model/snapshot.ts';
import type { ContainerId, KiB } from '../model/units.ts';
import { ReasonedError } from '../words/reasoned-error.ts';

/** One sample of the whole machine, in the same shape from every sensor. */
export interface Reading {
  readonly kind: SensorKind;
  readonly cpus: number;
  readonly memory: { readonly totalKb: KiB; readonly freeKb: KiB; readonly availableKb: KiB };
  readonly processes: readonly ProcessSample[];
  readonly processCounts: ProcessCounts;
  readonly containers: ReadonlyMap<ContainerId, SensedUsage>;
}

export interface Sensor {
  /**
   * Throws SensorError when it cannot give a complete and valid reading. `known`: the containers that the engine lists,
   * to tell which of nested cgroups are containers. `urgent`: when it aborts, memory runs out, and nothing that can be
   * left out is awaited.
   */
  read(known?: ReadonlySet<ContainerId>, urgent?: AbortSignal): Promise<Reading>;
}

/** A source is missing, truncated, or does not follow its contract. */
export class SensorError extends ReasonedError {
  override readonly name: string = 'SensorError';
  readonly sensor: 'continfo' | 'sysinfo' | 'bpf' | 'procfs';

  constructor(sensor: SensorError['sensor'], reason: Reason) {
    super(reason);
    this.sensor = sensor;
  }
}
