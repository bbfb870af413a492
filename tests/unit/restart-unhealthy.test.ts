import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classify } from '../../daemon/src/classify/classify.ts';
import { remember } from '../../daemon/src/classify/remember.ts';
import { decideWithNotices } from '../../daemon/src/decide/decide.ts';
import type { Outcome } from '../../daemon/src/model/decision.ts';
import { type History, NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { ContainerSample, HostSample } from '../../daemon/src/model/snapshot.ts';
import { openForWriting } from '../../daemon/src/record/database.ts';
import { reloadHistory } from '../../daemon/src/record/reload.ts';
import { Store } from '../../daemon/src/record/store.ts';
import {
  config,
  container,
  decisionOn,
  english,
  HOST,
  idOf,
  SECOND_NS,
  snapshot,
  usage,
} from './builders.ts';

const CONFIG = config({
  quotas: { low: { keep: 0, trim: false, images: [] }, high: { keep: 0, trim: false, images: [] } },
});

type Health = ContainerSample['health'];
interface Service {
  /** Its check's state, `runSeconds` after its start and `second` after the beginning. */
  readonly health: (runSeconds: number, second: number) => Health;
  readonly labels?: Readonly<Record<string, string>>;
  readonly networkOf?: number;
  readonly isForeign?: boolean;
  /** Seconds that its first run is old at the beginning. */
  readonly age?: number;
}

interface Host {
  readonly seconds?: number;
  readonly host?: (second: number) => Partial<HostSample>;
  /** What becomes of the restarts. */
  readonly result?: (second: number) => Pick<Outcome, 'result' | 'detail'>;
}

const BEGIN = 10_000;
const DONE = { result: 'done', detail: { code: 'message', text: '' } } as const;

/** Runs cycles of 20 s over these services; returns each restart as `<second> <number>`, its reasons, the notices. */
function run(services: readonly Service[], { seconds = 3600, host, result = () => DONE }: Host = {}) {
  const starts = services.map(({ age = 9000 }) => BEGIN - age);
  let history: History = NO_HISTORY;
  const [restarts, reasons, notices]: [string[], string[], Set<string>] = [[], [], new Set()];
  for (let second = 20; second <= seconds; second += 20) {
    const clock = BEGIN + second;
    const containers = services.map(({ health, labels, networkOf, isForeign }, i) =>
      container(i + 1, {
        name: `c${i + 1}`,
        labels: { ...(isForeign ? {} : { 'vigia.managed': 'true' }), ...labels },
        health: health(clock - (starts[i] ?? 0), second),
        usage: usage({ pid: 1000 + i, startNs: (starts[i] ?? 0) * SECOND_NS }),
        ...(networkOf === undefined ? {} : { networkOf: idOf(networkOf) }),
      }),
    );
    const now = snapshot(containers, {
      tick: second / 20,
      monotonicNs: clock * SECOND_NS,
      host: { ...HOST, ...host?.(second) },
    });
    const classifications = classify(history, now, CONFIG);
    const decided = decideWithNotices(history, now, classifications, CONFIG);
    const actions = decided.plan.kind === 'act' ? decided.plan.actions : [];
    const outcomes = actions.map((action): Outcome => {
      const id = action.kind === 'start' ? null : action.id;
      return { action, ...result(second), id, tookMs: 1 };
    });
    for (const { action, result: came } of outcomes) {
      const i = services.findIndex((_, n) => action.kind === 'restart' && action.id === idOf(n + 1));
      assert.ok(i >= 0, `${action.kind} is no remedy here`);
      restarts.push(`${second} c${i + 1}`);
      reasons.push(english(action.because));
      if (came === 'done') starts[i] = clock;
    }
    for (const { reason } of decided.notices) notices.add(english(reason));
    history = remember(history, now, classifications, outcomes, CONFIG);
  }
  return { restarts, reasons, notices: [...notices], history };
}

const healthy = (): Health => 'healthy';
/** Fails from this second on, until it is restarted. */
const failsFrom =
  (from: number, runOfFirst = 9000) =>
  (runSeconds: number, second: number): Health =>
    second >= from && runSeconds >= runOfFirst ? 'unhealthy' : runSeconds < 30 ? 'starting' : 'healthy';
const compose = (service: string, dependsOn = '') => ({
  'com.docker.compose.project': 'shop',
  'com.docker.compose.service': service,
  ...(dependsOn === '' ? {} : { 'com.docker.compose.depends_on': dependsOn }),
});

test('a service that is unhealthy for longer than its grace is restarted once, and is well', () => {
  const { restarts, reasons, notices } = run([{ health: failsFrom(100) }, { health: healthy }]);
  assert.deepEqual(restarts, ['160 c1']);
  assert.deepEqual(reasons, ['its health check fails for 60 s; restarting it']);
  assert.deepEqual(notices, []);
});

test('its own grace counts, and a failure that is over before it', () => {
  const blip = (_: number, second: number): Health => (second % 200 < 50 ? 'unhealthy' : 'healthy');
  assert.deepEqual(run([{ health: blip }]).restarts, []);
  const labels = { 'vigia.grace': '300' };
  assert.deepEqual(run([{ health: failsFrom(100), labels }]).restarts, ['400 c1']);
});

test('one that starts, has no check, or loads for minutes before it is healthy, is left alone', () => {
  const loading = (runSeconds: number): Health => (runSeconds < 500 ? 'unhealthy' : 'healthy');
  const services = [
    { health: loading, age: 0 },
    { health: () => 'starting' as const },
    { health: () => null },
  ];
  assert.deepEqual(run(services).restarts, []);
});

test('a restart that does not help is tried again after pauses, three times an hour, and then people are told', () => {
  const { restarts, notices } = run([{ health: () => 'unhealthy' }], { seconds: 3600 });
  assert.equal(restarts.length, 3);
  const [first = 0, second = 0, third = 0] = restarts.map((line) => Number(line.split(' ')[0]));
  assert.ok(second - first >= 600 && third - second >= 600, restarts.join(', '));
  assert.deepEqual(notices, ['c1 needs attention: its health check fails']);
});

test('for any course of health checks no service is restarted more than three times in an hour', () => {
  const course = fc.array(fc.constantFrom('healthy', 'unhealthy', 'starting', null), {
    minLength: 20,
    maxLength: 20,
  });
  fc.assert(
    fc.property(fc.array(course, { minLength: 1, maxLength: 4 }), (courses) => {
      const services = courses.map((states) => ({
        health: (_: number, second: number) => states[Math.floor(second / 360) % 20] ?? null,
        labels: { 'vigia.dependants': 'c1,c2,c3,c4' },
      }));
      const { restarts } = run(services, { seconds: 7200 });
      for (const line of restarts) {
        const [at, name] = line.split(' ');
        const hour = restarts.filter((other) => {
          const age = Number(at) - Number(other.split(' ')[0]);
          return other.endsWith(` ${name}`) && age >= 0 && age < 3600;
        });
        assert.ok(hour.length <= 3, restarts.join(', '));
      }
      assert.equal(
        new Set(restarts.map((line) => line.split(' ')[0])).size,
        restarts.length,
        'one at a time',
      );
    }),
    { numRuns: 30 },
  );
});

test('where most services fail at once, none is restarted, and that is named once', () => {
  const { restarts, notices } = run([1, 2, 3, 4].map(() => ({ health: failsFrom(100) })));
  assert.deepEqual(restarts, []);
  assert.deepEqual(notices, ['4 of 4 health checks fail at once; nothing is restarted']);
});

test('while the host is busy, or short of memory, nothing is restarted; afterwards it is', () => {
  const calmFrom = (strained: Partial<HostSample>) => (second: number) => (second < 1000 ? strained : {});
  const busy = (second: number) => ({ cpuBusyNs: Math.min(second, 1000) * 2 * SECOND_NS });
  const hosts = [
    calmFrom({ memoryFullAvg10: 30 }),
    calmFrom({ ioFullAvg10: 60 }),
    calmFrom({ availableKb: 1000 }),
    busy,
  ];
  for (const host of hosts) {
    const { restarts } = run([{ health: failsFrom(100) }], { host });
    assert.equal(restarts.length, 1);
    assert.ok(Number(restarts[0]?.split(' ')[0]) >= 1000, restarts.join(', '));
  }
});

test('a service that does not allow it, a foreign or a protected one is not restarted', () => {
  const services = [
    { health: failsFrom(100), labels: { 'vigia.allow': 'throttle' } },
    { health: failsFrom(100), isForeign: true },
    { health: failsFrom(100), labels: { 'vigia.protected': 'true' } },
    ...[1, 2, 3].map(() => ({ health: healthy })),
  ];
  const { restarts, notices } = run(services);
  assert.deepEqual(restarts, []);
  assert.deepEqual(notices, ['c1 needs attention: its health check fails']);
});

test('dependants follow in order, once what they depend on is well; foreign ones never', () => {
  const services = [
    { health: failsFrom(100), labels: compose('db') },
    { health: () => null, labels: compose('api', 'db:service_healthy:false') },
    { health: () => null, labels: compose('web', 'api:service_started:true') },
    { health: () => null, labels: compose('job', 'db:service_started:true'), isForeign: true },
    { health: () => null, labels: { ...compose('own', 'db:service_started:true'), 'vigia.allow': 'none' } },
    { health: () => null, labels: { 'com.docker.compose.project': 'other', ...{ x: 'db' } } },
  ];
  const { restarts, reasons } = run(services);
  assert.deepEqual(restarts, ['160 c1', '200 c2', '220 c3']);
  assert.deepEqual(reasons.slice(1), ['it depends on c1; restarting it', 'it depends on c2; restarting it']);
});

test('a dependant that is healthy all the while is left alone, unless its owner binds it or it shares the network', () => {
  const services = [
    { health: failsFrom(100), labels: { ...compose('db'), 'vigia.dependants': 'c4' } },
    { health: healthy, labels: compose('calm', 'db:service_healthy:false') },
    { health: healthy, labels: compose('bound', 'db:service_healthy:true') },
    { health: healthy },
    { health: healthy, networkOf: 1 },
  ];
  assert.deepEqual(run(services).restarts, ['160 c1', '200 c3', '220 c4', '240 c5']);
});

test('a circle of dependants ends: each follows a restart once', () => {
  const labels = { 'vigia.dependants': 'c1,c2,c3' };
  const services = [
    { health: failsFrom(100), labels },
    { health: () => null, labels },
    { health: () => null, labels },
  ];
  assert.deepEqual(run(services).restarts, ['160 c1', '200 c2', '220 c3']);
});

test('what fails because of its dependency is not restarted in its place, nor counted', () => {
  const services = [
    { health: failsFrom(100), labels: compose('db') },
    ...[2, 3, 4].map((n) => ({
      health: failsFrom(100),
      labels: compose(`app${n}`, 'db:service_healthy:false'),
    })),
  ];
  const { restarts } = run(services);
  assert.equal(restarts[0], '160 c1');
  assert.deepEqual(restarts.map((line) => line.split(' ')[1]).sort(), ['c1', 'c2', 'c3', 'c4']);
});

test('replicas of a service are restarted one after the other', () => {
  const replica = { health: failsFrom(100), labels: compose('web') };
  const { restarts } = run([replica, replica, ...[1, 2, 3].map(() => ({ health: healthy }))]);
  const [first, second] = restarts.map((line) => Number(line.split(' ')[0]));
  assert.equal(first, 160);
  assert.ok((second ?? 0) >= 200, 'the first one is well by then');
});

test('a veto waits, and the pause after a restart outlives the daemon', () => {
  const vetoed = { result: 'skipped', detail: { code: 'vetoed', script: '/x' } } as const;
  const { restarts } = run([{ health: failsFrom(100) }], {
    result: (second) => (second < 200 ? vetoed : DONE),
  });
  assert.deepEqual(restarts, ['160 c1', '460 c1']);
});

test('a reloaded history knows the restarts of the last hour', () => {
  const db = openForWriting(':memory:', assert.fail);
  const store = new Store(db, CONFIG);
  const sick = container(1, { labels: { 'vigia.managed': 'true' }, health: 'unhealthy' });
  const restart = { kind: 'restart', id: sick.id, name: 'c1', level: null, pid: 1001 } as const;
  const action = {
    ...restart,
    urgency: 'grace',
    isThrottled: false,
    because: { code: 'unhealthy' },
  } as const;
  const save = (tick: number, second: number, outcomes: readonly Outcome[]) =>
    store.save(
      decisionOn(
        snapshot([sick], {
          tick,
          at: 1_800_000_000_000 + second * 1000,
          monotonicNs: (1000 + second) * SECOND_NS,
        }),
        { outcomes },
      ),
      1,
    );
  const outcome = (result: Outcome['result']): Outcome => {
    return { action, result, detail: { code: 'preempted' }, id: sick.id, tookMs: 1 };
  };
  save(1, 0, [outcome('done')]);
  save(2, 3000, [outcome('failed')]);
  save(3, 3020, [outcome('skipped')]);
  save(4, 4000, []);
  assert.deepEqual(reloadHistory(db, 6000 * SECOND_NS).health.get(sick.id)?.restartedNs, [4000 * SECOND_NS]);
  db.close();
});
