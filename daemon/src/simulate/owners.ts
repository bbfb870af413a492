import type { HostState } from './host-state.ts';
import { graceOf, secondsToStop, startRun, stopBetweenRuns } from './lives.ts';
import { create } from './population.ts';
import type { Owner, OwnerAct } from './scenario.ts';
import { isStopping, NEVER_MS, type SimulatedContainer } from './simulated-container.ts';

/* People and pipelines that handle their own services through the engine, and outsiders who handle disposable ones. */

const AWAY_SECONDS: readonly [number, number] = [60, 1800];

/** Lets each owner do what is due until now. */
export function ownersOf(host: HostState): () => void {
  const { owners = [] } = host.scenario;
  const nextMs = owners.map((owner) => untilNextMs(host, owner));
  return () => {
    if (owners.length === 0) return;
    const { nowMs } = host;
    for (const container of host.containers.values())
      if (container.ownerStartsAtMs <= nowMs) startByOwner(host, container);
    owners.forEach((owner, i) => {
      if (nowMs < (nextMs[i] ?? NEVER_MS)) return;
      nextMs[i] = nowMs + untilNextMs(host, owner);
      act(host, owner, host.random.pick(owner.does) as OwnerAct);
    });
  };
}

const untilNextMs = ({ random }: HostState, { everySeconds }: Owner): number =>
  everySeconds * 1000 * random.between([0.5, 1.5]);

function act(host: HostState, owner: Owner, what: OwnerAct): void {
  const { random, nowMs } = host;
  const owned = [...host.containers.values()].filter(({ kindName }) => owner.kinds.includes(kindName));
  const fitting = owned.filter((container) =>
    what === 'start'
      ? container.state === 'exited' && !container.isStoppedByOwner
      : container.state !== 'exited' && !isStopping(container) && container.restartsAtMs === NEVER_MS,
  );
  const target = fitting[Math.floor(random.next() * fitting.length)];
  if (target === undefined) return;
  switch (what) {
    case 'start':
      startByOwner(host, target);
      break;
    case 'stop':
      target.isStoppedByOwner = true;
      target.ownerStartsAtMs = nowMs + 1000 * random.between(owner.awaySeconds ?? AWAY_SECONDS);
      stop(host, target);
      break;
    case 'restart':
      host.noteExternalEnd();
      if (target.state === 'restarting') startRun(host, target, nowMs, true);
      else target.restartsAtMs = nowMs + stopMs(host, target);
      break;
    case 'redeploy': {
      remove(host, target);
      const [repository, version = '0'] = target.image.split(':');
      const { kindName, name, labels, nature } = target;
      create(host, kindName, { name, labels, nature, image: `${repository}:${Number(version) + 1 || 1}` });
      break;
    }
    case 'scale': {
      const copy = owned.find(({ isCopy, kindName }) => isCopy && kindName === target.kindName);
      const { kindName, labels, nature, image } = target;
      if (copy !== undefined) remove(host, copy);
      else create(host, kindName, { name: `${target.name}-copy`, labels, nature, image, isCopy: true });
      break;
    }
  }
}

function startByOwner(host: HostState, container: SimulatedContainer): void {
  container.isStoppedByOwner = false;
  container.ownerStartsAtMs = NEVER_MS;
  if (container.state === 'exited') startRun(host, container, host.nowMs, true);
}

/** Through the engine, as `docker stop` does. */
function stop(host: HostState, container: SimulatedContainer): void {
  host.noteExternalEnd();
  if (container.state === 'restarting') stopBetweenRuns(container);
  else container.stopsAtMs = Math.min(container.stopsAtMs, host.nowMs + stopMs(host, container));
}

const stopMs = (host: HostState, container: SimulatedContainer): number =>
  1000 * Math.min(secondsToStop(host, container), graceOf(container, null));

function remove(host: HostState, container: SimulatedContainer): void {
  host.containers.delete(container.id);
  if (container.nature !== 'disposable') host.removedByOwner += 1;
  host.noteExternalEnd();
}

/** Injects an action from outside: restarts, ends or removes a random disposable container. */
export function interfere(host: HostState): void {
  if (!host.injectFault(host.faults.outsider)) return;
  const disposable = [...host.containers.values()].filter(
    ({ state, nature }) => state === 'running' && nature === 'disposable',
  );
  const target = disposable[Math.floor(host.random.next() * disposable.length)];
  if (target === undefined) return;
  const action = host.random.pick({ restart: 1, end: 1, remove: 1 });
  host.noteExternalEnd();
  if (action === 'restart') {
    startRun(host, target, host.nowMs, true);
    // Restarted, not ended: a recheck sees the new run.
    return;
  }
  target.state = 'exited';
  target.heldKb = 0;
  target.cacheKb = 0;
  if (action === 'remove') host.containers.delete(target.id);
}
