import type { BackOff } from '../engine/back-off.ts';
import { cpuTimeNs } from '../engine/cgroup.ts';
import { cgroupCounters } from '../engine/cgroup-counters.ts';
import type { DockerEngine } from '../engine/docker-engine.ts';
import type { Clock } from '../model/ports.ts';
import type { ContainerSample, EngineContainer, SensorFault, Snapshot } from '../model/snapshot.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { readBootNs, readHost } from './host-sample.ts';
import { type Reading, type Sensor, SensorError } from './reading.ts';

export interface Sources {
  readonly sensor: Sensor;
  readonly engine: DockerEngine;
  /** Of the engine; it outlives the cycle. */
  readonly backOff: BackOff;
  readonly clock: Clock;
}

/** One snapshot: what the engine lists, what the sensor sees, what the cgroups count. Failures become faults. */
export async function sense({ sensor, engine, backOff, clock }: Sources, tick: number): Promise<Snapshot> {
  const faults: SensorFault[] = [];
  // The engine first: whatever it lists as running has its processes by the time the sensor looks.
  const listed = await backOff
    .attempt(clock.monotonicNs(), () => engine.list())
    .catch(blindFault('engine', faults));
  const reading = await sensor.read().catch(blindFault('procfs', faults));
  const monotonicNs = clock.monotonicNs();
  return {
    tick,
    at: clock.now(),
    monotonicNs,
    bootNs: readBootNs() ?? monotonicNs,
    sensor: reading?.kind ?? 'kernel',
    host: reading && readHost(reading),
    containers: (listed ?? []).map((container) => join(container, reading)),
    processes: reading?.processes ?? [],
    processCounts: reading?.processCounts ?? null,
    faults,
  };
}

/** The cgroup's own CPU counter wins: the sum over living processes misses children that have exited. */
function join(container: EngineContainer, reading: Reading | null): ContainerSample {
  const usage = reading?.containers.get(container.id);
  if (usage === undefined) return { ...container, usage: null };
  const exactCpu = cpuTimeNs(usage.cgroup) ?? usage.cpuTimeNs;
  return { ...container, usage: { ...usage, cpuTimeNs: exactCpu, ...cgroupCounters(usage.cgroup) } };
}

function blindFault(source: SensorFault['sensor'], faults: SensorFault[]) {
  return (error: unknown): null => {
    const sensor = error instanceof SensorError ? error.sensor : source;
    faults.push({ sensor, reason: reasonOf(error), blind: true });
    return null;
  };
}
