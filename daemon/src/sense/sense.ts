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
  /** The engine's back-off, kept from cycle to cycle. */
  readonly backOff: BackOff;
  readonly clock: Clock;
}

/**
 * Takes one snapshot from the engine's list, the sensor and the cgroups. Never throws: failures become faults of it.
 */
export async function sense({ sensor, engine, backOff, clock }: Sources, tick: number): Promise<Snapshot> {
  const faults: SensorFault[] = [];
  // The engine is asked first: what it lists as running then has its processes when the sensor looks.
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

/**
 * Adds its usage to a container. The cgroup's CPU counter wins: the sum over living processes misses exited children.
 */
function join(container: EngineContainer, reading: Reading | null): ContainerSample {
  const usage = reading?.containers.get(container.id);
  if (usage === undefined) return { ...container, usage: null };
  const exactCpu = cpuTimeNs(usage.cgroup) ?? usage.cpuTimeNs;
  return { ...container, usage: { ...usage, cpuTimeNs: exactCpu, ...cgroupCounters(usage.cgroup) } };
}

/** Makes an error handler that notes the error as a blinding fault of `source` and returns null. */
function blindFault(source: SensorFault['sensor'], faults: SensorFault[]) {
  return (error: unknown): null => {
    const sensor = error instanceof SensorError ? error.sensor : source;
    faults.push({ sensor, reason: reasonOf(error), blind: true });
    return null;
  };
}
