import type { Reason } from '../model/reason.ts';
import type { ProcessCounts, ProcessSample, SensedUsage, SensorKind } from '../model/snapshot.ts';
import type { ContainerId, KiB } from '../model/units.ts';
import { ReasonedError } from '../words/reasoned-error.ts';

/** What one sensor sees of the whole machine in one go, whichever sensor it is. */
export interface Reading {
  readonly kind: SensorKind;
  readonly cpus: number;
  readonly memory: { readonly totalKb: KiB; readonly freeKb: KiB; readonly availableKb: KiB };
  readonly processes: readonly ProcessSample[];
  readonly processCounts: ProcessCounts;
  readonly containers: ReadonlyMap<ContainerId, SensedUsage>;
}

/** Throws SensorError when it cannot give a whole and valid reading. */
export interface Sensor {
  read(): Promise<Reading>;
}

/** A source that is missing, cut, or not what its contract says. */
export class SensorError extends ReasonedError {
  override readonly name: string = 'SensorError';
  readonly sensor: 'continfo' | 'sysinfo' | 'procfs';

  constructor(sensor: SensorError['sensor'], reason: Reason) {
    super(reason);
    this.sensor = sensor;
  }
}
