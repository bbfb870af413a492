import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { carryOutPlan } from '../../daemon/src/act/carry-out-plan.ts';
import { realClock } from '../../daemon/src/app/real-clock.ts';
import { BackOff } from '../../daemon/src/engine/back-off.ts';
import { DockerEngine } from '../../daemon/src/engine/docker-engine.ts';
import { hostCgroups } from '../../daemon/src/engine/host-cgroups.ts';
import { type Config, DEMO_DEFAULTS } from '../../daemon/src/model/config.ts';
import type { Action, Classification, Level, Plan } from '../../daemon/src/model/decision.ts';
import type { Snapshot } from '../../daemon/src/model/snapshot.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';
import { SeenContainers } from '../../daemon/src/sense/seen-containers.ts';
import { sense } from '../../daemon/src/sense/sense.ts';
import { english } from '../unit/builders.ts';
import { docker, exists, isRunning, ROOT, removeAll, start, until } from './real-engine.ts';

const BATCH = `act-${process.pid}`;
const SERVICE = { 'vigia.managed': 'true' };
const DISPOSABLE = { ...SERVICE, 'vigia.disposable': 'true' };
const engine = new DockerEngine(DEMO_DEFAULTS.docker);

before(() => {
  execFileSync(join(ROOT, 'workload/build-images.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
  removeAll('vigia.managed=true');
});
after(() => removeAll(`vigia.test=${BATCH}`, 'vigia.managed=true'));

const sources = {
  ...{ sensor: new Procfs(), engine, backOff: new BackOff(), clock: realClock },
  seen: new SeenContainers(),
};
const takeSnapshot = () => sense(sources, 1);

/** A plan that removes these containers, classified as `level`, as if the quotas kept none of them. */
function removalOf(
  snapshot: Snapshot,
  ids: readonly string[],
  level: Level,
): { plan: Plan; classifications: Classification[] } {
  const targets = snapshot.containers.filter(({ id }) => ids.includes(id));
  const actions = targets.map(
    ({ id, name, usage }): Action => ({
      kind: 'remove',
      id,
      name,
      level,
      pid: usage?.pid ?? null,
      urgency: 'grace',
      isThrottled: false,
      isReplaced: false,
      because: { code: 'message', text: 'test' },
    }),
  );
  const classifications = targets.map(
    ({ id }): Classification => ({
      id,
      level,
      nextLevel: level,
      cpuPercent: 0,
      memPercent: 0,
      because: { code: 'message', text: 'test' },
      breaches: [],
    }),
  );
  return { plan: { kind: 'act', actions, candidates: [] }, classifications };
}

const keeping = (low: number): Config => ({
  ...DEMO_DEFAULTS,
  quotas: { ...DEMO_DEFAULTS.quotas, low: { keep: low, trim: true, images: ['vigia/idle'] } },
});

/** Carries out a plan that removes these containers. */
function tryRemoving(snapshot: Snapshot, ids: readonly string[]) {
  const { plan, classifications } = removalOf(snapshot, ids, 'low');
  const context = { engine, cgroups: hostCgroups, clock: realClock, config: keeping(0) };
  return carryOutPlan(context, plan, snapshot, classifications);
}

test('a removal is reported done when the container is gone from the engine and its cgroup', async () => {
  const id = start(BATCH, 'vigia/idle', DISPOSABLE);
  const snapshot = await takeSnapshot();
  const [outcome] = await tryRemoving(snapshot, [id]);
  assert.equal(outcome?.result, 'done', JSON.stringify(outcome));
  assert.ok((outcome?.tookMs ?? 1e9) < 5000, 'it ends on SIGTERM');
  assert.equal(exists(id), false);
});

test('a container that ignores SIGTERM is removed after the grace period', async () => {
  const id = docker(
    'run',
    '--detach',
    '--network',
    'none',
    '--label',
    'vigia.managed=true',
    '--label',
    'vigia.disposable=true',
    '--label',
    `vigia.test=${BATCH}`,
    '--stop-signal',
    'SIGWINCH',
    'vigia/idle',
  );
  const snapshot = await takeSnapshot();
  const { plan, classifications } = removalOf(snapshot, [id], 'low');
  const config = { ...keeping(0), act: { ...DEMO_DEFAULTS.act, stopSeconds: 1 } };
  const [outcome] = await carryOutPlan(
    { engine, cgroups: hostCgroups, clock: realClock, config },
    plan,
    snapshot,
    classifications,
  );
  assert.equal(outcome?.result, 'done', JSON.stringify(outcome));
  assert.ok((outcome?.tookMs ?? 0) >= 1000);
});

test('a container that was restarted, ended or removed since the snapshot is skipped with the reason', async () => {
  const [restarted, ended, gone] = [1, 2, 3].map(() => start(BATCH, 'vigia/idle', DISPOSABLE)) as [
    string,
    string,
    string,
  ];
  const snapshot = await takeSnapshot();
  docker('restart', restarted);
  docker('stop', ended);
  docker('rm', '--force', gone);
  const outcomes = await tryRemoving(snapshot, [restarted, ended, gone]);
  const outcomeOf = (id: string) => outcomes.find((outcome) => outcome.id === id);
  assert.deepEqual(
    outcomes.map(({ result }) => result),
    ['skipped', 'skipped', 'skipped'],
  );
  assert.match(english(outcomeOf(restarted)?.detail), /restarted since/);
  assert.match(english(outcomeOf(ended)?.detail), /ended by itself/);
  assert.match(english(outcomeOf(gone)?.detail), /already gone/);
  assert.equal(isRunning(restarted), true);
});

test('a class that has shrunk since the snapshot is not taken below its floor', async () => {
  removeAll('vigia.managed=true');
  const ids = [1, 2, 3, 4, 5].map(() => start(BATCH, 'vigia/idle', DISPOSABLE));
  const snapshot = await takeSnapshot();
  const { plan, classifications } = removalOf(snapshot, ids, 'low');
  docker('rm', '--force', ids[4] ?? '');
  const surplus = {
    ...plan,
    actions:
      plan.kind === 'act'
        ? plan.actions.filter((a) => a.kind === 'remove' && a.id !== ids[4]).slice(0, 2)
        : [],
  } as Plan;
  const outcomes = await carryOutPlan(
    { engine, cgroups: hostCgroups, clock: realClock, config: keeping(3) },
    surplus,
    snapshot,
    classifications,
  );
  assert.deepEqual(outcomes.map(({ result }) => result).sort(), ['done', 'skipped']);
  assert.equal(ids.filter(isRunning).length, 3);
});

test('a protected and a foreign container are not removed by a plan that names them', async () => {
  const guarded = start(BATCH, 'vigia/idle', { ...DISPOSABLE, 'vigia.protected': 'true' });
  const foreign = start(BATCH, 'vigia/idle');
  const snapshot = await takeSnapshot();
  const outcomes = await tryRemoving(snapshot, [guarded, foreign]);
  assert.deepEqual(
    outcomes.map(({ result }) => result),
    ['skipped', 'skipped'],
  );
  assert.deepEqual([isRunning(guarded), isRunning(foreign)], [true, true]);
});

test('a service is not removed by a plan that names it, whether it runs or has ended', async () => {
  const [running, ended] = [1, 2].map(() => start(BATCH, 'vigia/idle', SERVICE)) as [string, string];
  docker('stop', ended);
  const snapshot = await takeSnapshot();
  const outcomes = await tryRemoving(snapshot, [running, ended]);
  assert.deepEqual(
    outcomes.map(({ result, detail }) => `${result}: ${english(detail)}`),
    ['skipped: a service is never removed', 'skipped: a service is never removed'],
  );
  assert.deepEqual([running, ended].map(exists), [true, true]);
  assert.equal(isRunning(running), true);
});

test('a service whose processes are killed through its cgroup comes back by its own restart policy', async () => {
  const id = docker(
    ...['run', '--detach', '--network', 'none', '--restart', 'unless-stopped'],
    ...['--label', 'vigia.managed=true', '--label', `vigia.test=${BATCH}`, 'vigia/idle'],
  );
  const snapshot = await takeSnapshot();
  const seen = snapshot.containers.find((container) => container.id === id)?.usage;
  assert.ok(seen);
  const { pid, startNs, cgroup } = seen;
  const kill: Action = {
    ...{ kind: 'kill', id, name: '', level: null, pid, startNs, cgroup, isEngineSilent: false },
    because: { code: 'message', text: 'test' },
  };
  const context = { engine, cgroups: hostCgroups, clock: realClock, config: DEMO_DEFAULTS };
  const results = async () =>
    (await carryOutPlan(context, { kind: 'act', candidates: [], actions: [kill] }, snapshot, [])).map(
      ({ result, detail }) => `${result}: ${english(detail)}`,
    );
  assert.deepEqual(await results(), ['done: its processes were killed']);
  await until(
    'it runs again',
    () => isRunning(id) && docker('inspect', '--format', '{{.State.Pid}}', id) !== `${pid}`,
  );
  assert.equal(docker('inspect', '--format', '{{.RestartCount}}', id), '1');
  // Its new run is not the one that the plan is about.
  assert.match((await results())[0] ?? '', /^skipped: restarted since it was classified/);
  assert.equal(isRunning(id), true);
});

test('a service is stopped only where its owner allows it, with its own stop timeout', async () => {
  const allowing = { ...SERVICE, 'vigia.allow': 'stop' };
  const [silent, allowed] = [start(BATCH, 'vigia/idle', SERVICE), start(BATCH, 'vigia/idle', allowing)];
  const snapshot = await takeSnapshot();
  const actions = [silent, allowed].map((id): Action => {
    const pid = snapshot.containers.find((container) => container.id === id)?.usage?.pid ?? 0;
    return { kind: 'stop', id, name: '', level: null, pid, because: { code: 'message', text: 'test' } };
  });
  const outcomes = await carryOutPlan(
    { engine, cgroups: hostCgroups, clock: realClock, config: DEMO_DEFAULTS },
    { kind: 'act', candidates: [], actions },
    snapshot,
    [],
  );
  assert.deepEqual(
    outcomes.map(({ result, detail }) => `${result}: ${english(detail)}`),
    [
      'skipped: its owner does not allow stop',
      'done: asked to stop; it has 10 s for that, which are not awaited',
    ],
  );
  assert.equal(isRunning(silent), true);
  await until('it has stopped', () => !isRunning(allowed));
  assert.ok(exists(allowed));
});

test('a start without its image fails with the command that builds it', async () => {
  const plan: Plan = {
    kind: 'act',
    candidates: [],
    actions: [
      { kind: 'start', level: 'low', image: 'vigia/nowhere', because: { code: 'message', text: 'test' } },
    ],
  };
  const [outcome] = await carryOutPlan(
    { engine, cgroups: hostCgroups, clock: realClock, config: DEMO_DEFAULTS },
    plan,
    await takeSnapshot(),
    [],
  );
  assert.equal(outcome?.result, 'failed');
  assert.match(english(outcome?.detail), /build it with workload\/build-images\.sh/);
});

test('a throttled container is limited and released, and is released before it is stopped', async () => {
  const id = start(BATCH, 'vigia/cpu', DISPOSABLE, { VIGIA_CPU_PERCENT: '60' });
  const snapshot = await takeSnapshot();
  const sample = snapshot.containers.find((container) => container.id === id);
  const target = {
    id,
    name: '',
    level: 'high',
    pid: sample?.usage?.pid ?? 0,
    because: { code: 'message', text: 'test' },
  } as const;
  const limit = (kind: 'throttle' | 'release'): Plan => ({
    kind: 'act',
    candidates: [],
    actions: [kind === 'throttle' ? { ...target, kind, to: 25 } : { ...target, kind, limit: 'cpu' }],
  });
  const context = { engine, cgroups: hostCgroups, clock: realClock, config: keeping(0) };
  const quota = () => docker('inspect', '--format', '{{.HostConfig.CpuQuota}}', id);
  const results = async (plan: Plan) =>
    (await carryOutPlan(context, plan, snapshot, [])).map(({ result }) => result);

  assert.deepEqual(await results(limit('throttle')), ['done']);
  assert.equal(quota(), '25025');
  const limited = (await takeSnapshot()).containers.find((container) => container.id === id);
  assert.equal(limited?.usage?.cpuLimitPercent, 25, 'the sensor sees the limit');
  assert.equal(limited?.usage?.isLimitOurs, true, 'and that it is one of ours');
  assert.deepEqual(await results(limit('throttle')), ['skipped'], 'it has a limit already');
  assert.deepEqual(await results(limit('release')), ['done']);
  assert.equal(quota(), '-1');
  assert.equal((await engine.inspect(id))?.hasCpuLimit, false);
  const released = (await takeSnapshot()).containers.find((container) => container.id === id);
  assert.equal(released?.usage?.isLimitOurs, false);
  docker('update', '--cpu-quota', '50000', id);
  const owned = (await takeSnapshot()).containers.find((container) => container.id === id);
  assert.deepEqual(
    [owned?.usage?.cpuLimitPercent, owned?.usage?.isLimitOurs],
    [50, false],
    'a limit that its owner set',
  );
  docker('update', '--cpu-quota', '-1', id);

  assert.deepEqual(await results(limit('throttle')), ['done']);
  const { plan, classifications } = removalOf(snapshot, [id], 'low');
  const starved = plan.kind === 'act' ? plan.actions.map((a) => ({ ...a, isThrottled: true }) as Action) : [];
  const calls: string[] = [];
  const recording = new Proxy(engine, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        calls.push(String(property));
        return member.apply(target, args);
      };
    },
  });
  const [outcome] = await carryOutPlan(
    { ...context, engine: recording },
    { kind: 'act', candidates: [], actions: starved },
    snapshot,
    classifications,
  );
  assert.equal(outcome?.result, 'done', JSON.stringify(outcome));
  assert.ok(
    calls.indexOf('limitCpu') >= 0 && calls.indexOf('limitCpu') < calls.indexOf('stop'),
    calls.join(' '),
  );
});

test('a foreign, a protected and an already limited container are not throttled by a plan that names them', async () => {
  const foreign = start(BATCH, 'vigia/idle');
  const guarded = start(BATCH, 'vigia/idle', { ...DISPOSABLE, 'vigia.protected': 'true' });
  const limited = docker(
    ...['run', '--detach', '--network', 'none', '--cpus', '0.5'],
    ...['--label', 'vigia.managed=true', '--label', 'vigia.disposable=true'],
    ...['--label', `vigia.test=${BATCH}`, 'vigia/idle'],
  );
  const snapshot = await takeSnapshot();
  const actions = [foreign, guarded, limited].map((id): Action => {
    const pid = snapshot.containers.find((container) => container.id === id)?.usage?.pid ?? 0;
    const because = { code: 'message', text: 'test' } as const;
    return { kind: 'throttle', id, name: '', level: 'low', pid, to: 25, because };
  });
  const outcomes = await carryOutPlan(
    { engine, cgroups: hostCgroups, clock: realClock, config: DEMO_DEFAULTS },
    { kind: 'act', candidates: [], actions },
    snapshot,
    [],
  );
  assert.deepEqual(
    outcomes.map(({ detail }) => english(detail)),
    ['no longer managed', 'protected now: label vigia.protected', 'it has a CPU limit of its own'],
  );
});

/** A plan that restarts this container; its PID is that of the snapshot unless one is given. */
function restartOf(snapshot: Snapshot, id: string, pid?: number): Plan {
  const sample = snapshot.containers.find((container) => container.id === id);
  const action: Action = {
    kind: 'restart',
    id,
    name: '',
    level: 'high',
    pid: pid ?? sample?.usage?.pid ?? 0,
    urgency: 'now',
    isThrottled: true,
    because: { code: 'message', text: 'test' },
  };
  return { kind: 'act', candidates: [], actions: [action] };
}

test('a restart gives a new process without a CPU limit; a changed, foreign or protected container is left alone', async () => {
  const ours = start(BATCH, 'vigia/cpu', DISPOSABLE, { VIGIA_CPU_PERCENT: '20' });
  const foreign = start(BATCH, 'vigia/idle');
  const guarded = start(BATCH, 'vigia/idle', { ...DISPOSABLE, 'vigia.protected': 'true' });
  const snapshot = await takeSnapshot();
  const context = { engine, cgroups: hostCgroups, clock: realClock, config: DEMO_DEFAULTS };
  const pidOf = (id: string) => Number(docker('inspect', '--format', '{{.State.Pid}}', id));
  const before = pidOf(ours);
  await engine.limitCpu(ours, 25);
  const resultsOf = async (plan: Plan) =>
    (await carryOutPlan(context, plan, snapshot, [])).map(
      ({ result, detail }) => `${result}: ${english(detail)}`,
    );

  assert.deepEqual(await resultsOf(restartOf(snapshot, ours)), [
    `done: running again (pid ${before} → ${pidOf(ours)})`,
  ]);
  assert.equal((await engine.inspect(ours))?.hasCpuLimit, false);
  assert.deepEqual(await resultsOf(restartOf(snapshot, ours)), [
    `skipped: restarted since it was classified (pid ${before} → ${pidOf(ours)})`,
  ]);
  const untouched = [foreign, guarded].map((id) => [id, pidOf(id)] as const);
  assert.deepEqual(await resultsOf(restartOf(snapshot, foreign)), ['skipped: no longer managed']);
  assert.deepEqual(await resultsOf(restartOf(snapshot, guarded)), [
    'skipped: protected now: label vigia.protected',
  ]);
  for (const [id, pid] of untouched) assert.equal(pidOf(id), pid);
});

test('one of the last of its class is removed only when the same plan starts its replacement', async () => {
  const id = start(BATCH, 'vigia/idle', DISPOSABLE);
  const snapshot = await takeSnapshot();
  const context = { engine, cgroups: hostCgroups, clock: realClock, config: keeping(1) };
  const { plan, classifications } = removalOf(snapshot, [id], 'low');
  const removal = plan.kind === 'act' ? plan.actions : [];
  const replaced = removal.map((action) => ({ ...action, isReplaced: true }) as Action);
  const successor: Action = {
    kind: 'start',
    level: 'low',
    image: 'vigia/idle',
    because: { code: 'message', text: 'test' },
  };
  const results = async (actions: readonly Action[]) =>
    (await carryOutPlan(context, { kind: 'act', candidates: [], actions }, snapshot, classifications)).map(
      ({ result }) => result,
    );

  assert.deepEqual(await results(removal), ['skipped']);
  assert.deepEqual(await results(replaced), ['skipped'], 'nothing would replace it');
  assert.deepEqual(await results([...removal, successor]), ['skipped', 'done'], 'a surplus is not replaced');
  const failing: Action = { ...successor, image: 'vigia/nowhere' };
  assert.deepEqual(
    await results([...replaced, failing]),
    ['failed', 'skipped'],
    'the replacement must run first',
  );
  assert.ok(isRunning(id));
  assert.deepEqual(await results([...replaced, successor]), ['done', 'done']);
  assert.ok(!exists(id));
});

test('a paused container is removed like any other', async () => {
  const id = start(BATCH, 'vigia/idle', DISPOSABLE);
  docker('pause', id);
  const snapshot = await takeSnapshot();
  assert.equal(snapshot.containers.find((container) => container.id === id)?.state, 'paused');
  const { plan, classifications } = removalOf(snapshot, [id], 'low');
  const config = { ...keeping(0), act: { ...DEMO_DEFAULTS.act, stopSeconds: 1 } };
  const context = { engine, cgroups: hostCgroups, clock: realClock, config };
  const [outcome] = await carryOutPlan(context, plan, snapshot, classifications);
  assert.equal(outcome?.result, 'done', JSON.stringify(outcome));
  assert.ok(!exists(id));
});

test('a container whose image was rebuilt is still known by the image name that it was created from', async () => {
  const name = `vigia-test/${BATCH}`;
  const imageOf = async (id: string) => (await engine.list()).find((container) => container.id === id)?.image;
  docker('tag', 'vigia/idle', name);
  const id = start(BATCH, name, DISPOSABLE);
  assert.equal(await imageOf(id), name);
  docker('tag', 'vigia/ram', name);
  docker('rmi', '--no-prune', name);
  assert.match(
    docker('ps', '--no-trunc', '--format', '{{.Image}}', '--filter', `id=${id}`),
    /^(?!vigia-test)/,
  );
  assert.equal(await imageOf(id), name);
});

test('a container that keeps restarting is removed, whichever of its runs is current', async () => {
  const id = docker(
    ...['run', '--detach', '--network', 'none', '--restart', 'always', '--label', 'vigia.managed=true'],
    ...['--label', 'vigia.disposable=true', '--label', `vigia.test=${BATCH}`, 'vigia/ram', 'not a number'],
  );
  const action: Action = {
    kind: 'remove',
    id,
    name: '',
    level: null,
    pid: 'any',
    urgency: 'grace',
    isThrottled: false,
    isReplaced: true,
    because: { code: 'message', text: 'test' },
  };
  const context = { engine, cgroups: hostCgroups, clock: realClock, config: DEMO_DEFAULTS };
  await until('it restarts', () => Number(docker('inspect', '--format', '{{.RestartCount}}', id)) > 0);
  const [outcome] = await carryOutPlan(
    context,
    { kind: 'act', candidates: [], actions: [action] },
    await takeSnapshot(),
    [],
  );
  assert.equal(outcome?.result, 'done', JSON.stringify(outcome));
  assert.ok(!exists(id));
});
