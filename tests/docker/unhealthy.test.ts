import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { assertUntouched, BOX, box, factsOf, OwnerHost, SERVICE } from './owner-host.ts';
import { docker, isRunning } from './real-engine.ts';

/** Health checks of a real engine: what is restarted, what follows, what is left alone. */
const host = new OwnerHost();

before(() => host.start());
afterEach(() => host.clear());
after(() => host.remove());

/** Soon, and also while other tests use the CPU of this machine. */
const SOON = { soft: { minAgeSeconds: 1, graceSeconds: 3 }, act: { idlePercent: 0 } };
const WELL = 'echo ok >/state; exec sleep 100000';
const CHECK = [
  ...['--health-cmd', '[ "$(cat /state)" = ok ]', '--health-interval', '1s', '--health-retries', '1'],
];

const healthOf = (id: string): string => docker('inspect', '--format', '{{.State.Health.Status}}', id);
const breakIt = (id: string): string => docker('exec', id, 'sh', '-c', 'echo bad >/state');

test('an unhealthy service is restarted, then what depends on it, and a foreign container never', async (t) => {
  const lookout = host.lookout(t, SOON);
  const db = box('db', { ...SERVICE, 'vigia.dependants': 'api,stranger' }, WELL, ...CHECK);
  const api = box('api', SERVICE, WELL);
  const stranger = box('stranger', {}, WELL);
  const sidecar = docker(
    ...['run', '--detach', '--name', 'sidecar', '--network', `container:${db}`],
    ...['--label', 'vigia.managed=true', BOX, 'sh', '-c', WELL],
  );
  await lookout.begin();
  await lookout.expect('it is healthy', () => healthOf(db) === 'healthy');
  await lookout.cycles(2);
  const followers = [api, sidecar].map(factsOf);
  const bystander = factsOf(stranger);
  breakIt(db);
  const restarts = (id: string) => lookout.actions(id, 'restart', 'done');
  await lookout.expect('it is restarted', () => restarts(db).length === 1);
  await lookout.expect('it is healthy again', () => healthOf(db) === 'healthy');
  await lookout.expect('they follow', () => followers.every(({ id }) => restarts(id).length === 1));
  // The engine was asked, and waits for each one's own time to stop.
  await lookout.expect('each has a new process', () =>
    followers.every(({ id, pid }) => isRunning(id) && factsOf(id).pid !== pid),
  );
  const order = [db, api, sidecar].map((id) => Number(restarts(id)[0]?.['tick']));
  assert.ok(Math.min(...order.slice(1)) > (order[0] ?? 0), order.join(', '));
  await lookout.cycles(5);
  assertUntouched([bystander]);
  assert.deepEqual(
    [db, api, sidecar].map((id) => restarts(id).length),
    [1, 1, 1],
  );
  await lookout.stop();
});

test('a service that allows no restart, and one that was never healthy, are left alone and named', async (t) => {
  const lookout = host.lookout(t, SOON);
  const kept = box('kept', { ...SERVICE, 'vigia.allow': 'throttle' }, WELL, ...CHECK);
  const loading = box('loading', SERVICE, 'echo loading >/state; exec sleep 100000', ...CHECK);
  await lookout.begin();
  await lookout.expect('it is healthy', () => healthOf(kept) === 'healthy');
  await lookout.cycles(2);
  const before = [kept, loading].map(factsOf);
  breakIt(kept);
  await lookout.expect('it is reported', () => lookout.notices('service-needs-attention').length > 0);
  await lookout.cycles(5);
  assertUntouched(before);
  assert.ok(isRunning(kept) && isRunning(loading));
  assert.deepEqual(
    lookout.notices('service-needs-attention').map(({ name }) => name),
    ['kept'],
  );
  await lookout.stop();
});
