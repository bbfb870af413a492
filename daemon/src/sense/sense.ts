import type { BackOff } from '../engine/back-off.ts';
import { cpuTimeNs } from '../engine/cgroup.ts';
import { cgroupCounters } from '../engine/cgroup-counters.ts';
import type { Engine } from '../model/engine.ts';
import type { Clock } from '../model/ports.ts';
import type {
  ContainerSample,
  ContainerUsage,
  EngineContainer,
  SensorFault,
  Snapshot,
} from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import type { Disks } from './disks.ts';
import { readBootNs, readHost } from './host-sample.ts';
import { readHolders } from './memory-holders.ts';
import { withoutInner } from './nested-containers.ts';
import { type Reading, type Sensor, SensorError } from './reading.ts';
import type { SeenContainers } from './seen-containers.ts';

export interface Sources {
  readonly sensor: Sensor;
  readonly engine: Pick<Engine, 'list' | 'inspect'>;
  /** The engine's back-off, kept from cycle to cycle. */
  readonly backOff: BackOff;
  readonly clock: Clock;
  /** Kept from cycle to cycle. */
  readonly seen: SeenContainers;
  /** Without it, file systems are not read. */
  readonly disks?: Pick<Disks, 'read'>;
}

type Sampled = EngineContainer & { readonly usage: ContainerUsage | null };

/**
 * Takes one snapshot from the engine's list, the sensor and the cgroups. Never throws: failures become faults of it. When
 * `urgent` aborts, the engine is no longer awaited, and the snapshot is the same as with a silent engine.
 */
export async function sense(sources: Sources, tick: number, urgent?: AbortSignal): Promise<Snapshot> {
  const { sensor, engine, clock, seen } = sources;
  const faults: SensorFault[] = [];
  // The engine is asked first: what it lists as running then has its processes when the sensor looks.
  const listed = await seen.listing.ask(sources, urgent).catch(blindFault('engine', faults));
  const reading = await sensor
    .read(idsWithCgroup(listed ?? seen.listed), urgent)
    .catch(blindFault('procfs', faults));
  const monotonicNs = clock.monotonicNs();
  const sampled = sample(listed ?? [], reading);
  const lastKnown = listed === null && reading ? sample(seen.stillRunning(reading.containers), reading) : [];
  const holders = reading && readHolders(reading, cgroupsOf([...sampled, ...lastKnown]));
  const restartCounts = await seen.restartCounts.read(sampled, engine, monotonicNs, urgent);
  if (listed !== null && reading !== null) {
    const reason = await seen.placing.whyNone({ engine, reading, listed, urgent });
    if (reason !== null) faults.push({ sensor: sensorOf(reading), reason, blind: true });
  }
  const containers = sampled.map(
    (container): ContainerSample => ({ ...container, restartCount: restartCounts.get(container.id) ?? null }),
  );
  if (listed !== null && reading !== null) seen.remember(listed, containers);
  return {
    tick,
    at: clock.now(),
    monotonicNs,
    bootNs: readBootNs() ?? monotonicNs,
    sensor: reading?.kind ?? 'kernel',
    host: reading && readHost(reading),
    containers,
    lastKnown,
    holders,
    ...(await sources.disks?.read(containers.map(({ id }) => id))),
    processes: reading?.processes ?? [],
    processCounts: reading?.processCounts ?? null,
    faults,
  };
}

/** The containers that may have a cgroup. An ended one has none, and a cgroup that bears its ID is not its own. */
const idsWithCgroup = (listed: readonly EngineContainer[]): ReadonlySet<ContainerId> =>
  new Set(listed.filter(({ state }) => state !== 'exited' && state !== 'dead').map(({ id }) => id));

const sensorOf = ({ kind }: Reading): SensorFault['sensor'] => (kind === 'kernel' ? 'continfo' : 'procfs');

const cgroupsOf = (containers: readonly Sampled[]): ReadonlySet<string> =>
  new Set(containers.flatMap(({ usage }) => usage?.cgroup ?? []));

/** Adds to each container what it uses now. */
const sample = <C extends EngineContainer>(
  containers: readonly C[],
  reading: Reading | null,
): (C & { readonly usage: ContainerUsage | null })[] =>
  withoutInner(containers.map((container) => ({ ...container, usage: usageOf(container.id, reading) })));

/** The cgroup's CPU counter wins: the sum over living processes misses exited children. */
function usageOf(id: ContainerId, reading: Reading | null): ContainerUsage | null {
  const usage = reading?.containers.get(id);
  if (usage === undefined) return null;
  const exactCpu = cpuTimeNs(usage.cgroup) ?? usage.cpuTimeNs;
  return { ...usage, cpuTimeNs: exactCpu, ...cgroupCounters(usage.cgroup) };
}

/** Makes an error handler that notes the error as a blinding fault of `source` and returns null. */
function blindFault(source: SensorFault['sensor'], faults: SensorFault[]) {
  return (error: unknown): null => {
    const sensor = error instanceof SensorError ? error.sensor : source;
    faults.push({ sensor, reason: reasonOf(error), blind: true });
    return null;
  };
}
