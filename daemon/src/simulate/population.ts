import type { NewContainer } from '../model/engine.ts';
import type { ContainerId } from '../model/units.ts';
import type { HostState } from './host-state.ts';
import { startRun } from './lives.ts';
import { TRAIL_LENGTH } from './memory-model.ts';
import type { Nature } from './scenario.ts';
import { NEVER_MS, type SimulatedContainer } from './simulated-container.ts';

/* Where containers come from: residents, arrivals, and images started through the engine. */

interface Named {
  readonly nature?: Nature;
  readonly labels?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly image?: string;
  readonly isCopy?: boolean;
}

/** Creates the containers that exist from the start. They held their memory before. */
export function createResidents(host: HostState): void {
  for (const { kind, count, ...resident } of host.scenario.residents) {
    for (let i = 0; i < count; i += 1) {
      const name = resident.name ?? (resident.nature === 'service' ? `app-${kind}-${i + 1}` : undefined);
      const created = create(host, kind, { ...resident, ...(name !== undefined && { name }) });
      created.trail = Array(TRAIL_LENGTH).fill(created.heldKb);
    }
  }
}

/** Lets those arrive that were due until now. */
export function arrivalsOf(host: HostState): () => void {
  const { arrivals } = host.scenario;
  const nextMs = arrivals.map(({ everySeconds }) => everySeconds * 1000);
  return () => {
    arrivals.forEach(({ everySeconds, count, kinds, ...arrival }, i) => {
      while ((nextMs[i] ?? NEVER_MS) <= host.nowMs) {
        nextMs[i] = (nextMs[i] ?? 0) + everySeconds * 1000;
        for (let n = 0; n < count; n += 1) create(host, host.random.pick(kinds), arrival);
      }
    });
  };
}

/** A container that the daemon starts, of the kind that has this image. */
export function createFromImage(host: HostState, { name, image, labels }: NewContainer): ContainerId {
  const kind = Object.entries(host.scenario.kinds).find(([, { image: made }]) => made === image)?.[0];
  if (kind === undefined) throw new Error(`image ${image} is not on this host`);
  return create(host, kind, { labels, name }).id;
}

export function create(host: HostState, kindName: string, named: Named): SimulatedContainer {
  const { random } = host;
  const kind = host.scenario.kinds[kindName];
  if (kind === undefined) throw new Error(`the scenario has no kind ${kindName}`);
  host.created += 1;
  const { nature = 'disposable', labels = labelsOf(host, nature) } = named;
  const container: SimulatedContainer = {
    id: newId(host),
    name: named.name ?? `${kindName}-${host.created}`,
    image: named.image ?? kind.image,
    labels,
    kindName,
    kind,
    nature,
    createdMs: host.nowMs,
    createdAt: Math.floor(host.wallMs()),
    wantedCpuPercent: random.between(kind.cpuPercent),
    initialKb: Math.round(random.between(kind.rssKb)),
    shmemKb: kind.shmemKb ? Math.round(random.between(kind.shmemKb)) : 0,
    initialProcesses: kind.processes ? Math.round(random.between(kind.processes)) : 1,
    readsKbPerSecond: kind.readsKbPerSecond ? random.between(kind.readsKbPerSecond) : 0,
    writesKbPerSecond: kind.writesKbPerSecond ? random.between(kind.writesKbPerSecond) : 0,
    isCopy: named.isCopy ?? false,
    // The remaining fields are those of a run.
    state: 'running',
    ...{ runStartMs: 0, pid: 0, endsAtMs: NEVER_MS, stopsAtMs: NEVER_MS, restartsAtMs: NEVER_MS },
    ...{ comesBackAtMs: NEVER_MS, backOffMs: 0, restartCount: 0, failsUntilMs: 0 },
    ...{ isStoppedByOwner: false, ownerStartsAtMs: NEVER_MS },
    ...{ ranMs: 0, cpuNs: 0, readKb: 0, wroteKb: 0, wants: 0, gets: 0, throttledNs: 0 },
    ...{
      growthMs: 0,
      forkMs: 0,
      growsFromMs: 0,
      forksFromMs: 0,
      burstsAtMs: NEVER_MS,
      sickensAtMs: NEVER_MS,
    },
    ...{ bingeKb: 0, bingeBeginsMs: NEVER_MS, bingeEndsMs: NEVER_MS },
    ...{ heldKb: 0, cacheKb: 0, processCount: 1, ioKbPerSecond: 0 },
    ...{ limitPercent: null, squeezedToKb: null, pidsLimitedTo: null, ioLimitedToMib: null },
    psi: { cpu: 0, memory: 0, io: 0, cpuUs: 0, memoryUs: 0, ioUs: 0 },
    trail: [],
  };
  if (nature !== 'disposable') host.ownedCreated += 1;
  startRun(host, container, host.nowMs, true);
  host.containers.set(container.id, container);
  return container;
}

function newId({ random, created }: HostState): ContainerId {
  const serial = created.toString(16).padStart(56, '0');
  return (
    Math.floor(random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0') + serial
  );
}

function labelsOf({ random }: HostState, nature: Nature): Readonly<Record<string, string>> {
  switch (nature) {
    case 'disposable':
      return {
        'vigia.managed': 'true',
        'vigia.disposable': 'true',
        // The declared class is random, because the daemon must not rely on it.
        'vigia.class': random.chance(0.5) ? 'low' : 'high',
      };
    case 'service':
      return { 'vigia.managed': 'true' };
    case 'foreign':
      return {};
    case 'protected':
      // Its protection wins over everything else that it carries.
      return { 'vigia.managed': 'true', 'vigia.disposable': 'true', 'vigia.protected': 'true' };
  }
}
