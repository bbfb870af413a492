import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, type TestContext, test } from 'node:test';
import { FaultyEngineProxy } from './own-engine.ts';
import {
  assertUntouched,
  assertVolume,
  box,
  buildBehave,
  DISPOSABLE,
  eventsOf,
  factsOf,
  holdOnceTold,
  type Lookout,
  NO_QUOTAS,
  OwnerHost,
  SERVICE,
} from './owner-host.ts';
import { docker, exists, isRunning } from './real-engine.ts';

/**
 * When memory runs out the culprit is ended, or nobody: the real daemon, a real engine, real containers. Each test asserts
 * what the engine says, and that the daemon ran and found memory short. Whatever else takes a gigabyte meanwhile on this
 * machine is, rightly, the culprit, and fails a test.
 *
 * VIGIA_UNDER_TEST: the `vigia` of another commit, to see the tests fail there.
 */
const host = new OwnerHost();
const IS_V2 = existsSync('/sys/fs/cgroup/cgroup.controllers');

before(() => host.start());
afterEach(() => host.clear());
after(() => host.remove());

/** MiB that are this share of the host's RAM. */
const mib = ({ memory }: Lookout, percent: number): number =>
  Math.ceil(((percent / 100) * memory.totalKb) / 1024);
const hold = (lookout: Lookout, percent: number): string => holdOnceTold(mib(lookout, percent));
const IDLE = 'exec sleep 100000';

test('one container that the engine cannot remove does not keep the daemon from relieving memory', async (t) => {
  const proxy = new FaultyEngineProxy(host.engine);
  t.after(() => proxy.end());
  const quotas = { low: { keep: 0, trim: true }, high: NO_QUOTAS.high };
  const lookout = host.lookout(t, {
    ...{ docker: { socket: proxy.socket }, quotas },
    act: { stopSeconds: 2, breakerSeconds: 20 },
  });
  const good = box('good', SERVICE, IDLE);
  const stuck = box('stuck', DISPOSABLE, IDLE);
  // Of the other class from the start, so that the quota is not about it.
  const hog = box('hog', DISPOSABLE, `behave hold ${mib(lookout, 1)} & ${hold(lookout, 6)}`);
  proxy.refuse(`^(DELETE /containers/${stuck}|POST /containers/${stuck}/(stop|kill))`);

  await lookout.begin();
  await lookout.expect(
    'three failed removals of it',
    () => lookout.actions(stuck, 'remove', 'failed').length >= 3,
  );
  await lookout.fill(hog);
  assert.ok(isRunning(hog));
  lookout.memory.runOut();
  await lookout.expect('the hog is gone', () => !exists(hog), 20);
  assert.deepEqual([good, stuck].map(isRunning), [true, true]);
  assert.equal(lookout.actions(hog, 'remove', 'done').length, 1);
  await lookout.stop();
});

test('page cache is not held memory: who has read a large file is spared, who holds memory is ended', async (t) => {
  const lookout = host.lookout(t);
  const size = mib(lookout, 5);
  const reader = box(
    'reader',
    SERVICE,
    `dd if=/dev/zero of=/data/f bs=1M count=${size}; while dd if=/data/f of=/dev/null bs=1M; do touch /data/read; sleep 2; done`,
    ...['--volume', '/data'],
  );
  const hog = box('hog', SERVICE, hold(lookout, 2.2));
  const isRead = () => exists(reader) && docker('exec', reader, 'sh', '-c', 'cat /data/read; exit 0') === '';
  await lookout.begin();
  await lookout.expect('the file is in the page cache', isRead);
  await lookout.fill(hog);
  await lookout.cycles(2);
  const before = [factsOf(reader)];
  lookout.memory.set(0.95 * lookout.memory.thresholdKb);
  await lookout.expect('the hog ends', () => !isRunning(hog), 20);
  lookout.memory.set(lookout.memory.totalKb / 2);
  await lookout.cycles(2);
  assertUntouched(before);
  assert.equal(factsOf(hog).exitCode, 137, 'it is still there');
  await lookout.stop();
});

test('a foreign container in the cgroup of a managed one is charged to itself, and the managed one is spared', async (t) => {
  const lookout = host.lookout(t);
  const parent = box('parent', SERVICE, 'exec behave hold 10');
  const inside = () => box('guest', {}, hold(lookout, 6), '--cgroup-parent', `/docker/${parent}`);
  // cgroup v2 allows no cgroup inside one that has processes: the engine refuses.
  if (IS_V2) return assert.throws(inside, /cgroup/);
  const guest = inside();
  await lookout.begin();
  await lookout.fill(guest);
  const before = [parent, guest].map(factsOf);
  await lookout.emergency();
  assertUntouched(before);
  const held = lookout.runs.query(
    `SELECT name, max(mem_percent) AS percent FROM container_sample AS s JOIN container AS c ON c.key = s.container
     GROUP BY name ORDER BY name`,
  );
  assert.deepEqual(
    held.map(({ name }) => name),
    ['guest', 'parent'],
  );
  assert.ok(Number(held[0]?.['percent']) > 5 && Number(held[1]?.['percent']) < 1, JSON.stringify(held));
  assertNamed(lookout, 'guest');
  await lookout.stop();
});

/** Asserts that the culprit was named to the operator. */
function assertNamed(lookout: Lookout, name: string): void {
  const culprits = lookout.notices('culprit-named').map(({ culprit }) => (culprit as { name: string }).name);
  assert.ok(
    culprits.some((culprit) => culprit.startsWith(name)),
    `named: ${culprits}`,
  );
}

test('a service that is the culprit is killed, and its restart policy brings it back with its volume', async (t) => {
  const lookout = host.lookout(t);
  const script = `[ -e /data/orders ] && ${IDLE}; echo precious >/data/orders; ${hold(lookout, 6)}`;
  const db = box('db', SERVICE, script, '--volume', '/data', '--restart', 'unless-stopped');
  const web = box('web', SERVICE, IDLE);
  await lookout.begin();
  await lookout.fill(db);
  const [before, others] = [factsOf(db), [factsOf(web)]];
  lookout.memory.runOut();
  await lookout.expect('it is killed and runs again', () => {
    const now = factsOf(db);
    return now.running && now.startedAt !== before.startedAt;
  });
  lookout.memory.set(lookout.memory.totalKb / 2);
  await lookout.cycles(2);
  const again = factsOf(db);
  assert.equal(again.restartCount, 1, 'by its restart policy');
  assert.deepEqual(again.volumes, before.volumes);
  assert.equal(docker('exec', db, 'cat', '/data/orders'), 'precious');
  assertUntouched(others);
  const kills = lookout.actions(db);
  assert.deepEqual(
    kills.map(({ kind, result }) => [kind, result]),
    [['kill', 'done']],
  );
  await lookout.stop();

  // Docker would leave it stopped if the kill had marked it as stopped by hand.
  await host.engine.stop();
  await host.engine.start();
  await lookout.expect('it runs after a restart of the engine', () => isRunning(db));
});

test('a service that allows no kill, and one that holds what its owner expects, are not killed', async (t) => {
  const lookout = host.lookout(t);
  const expected = String(mib(lookout, 12));
  const owned = [
    box('advised', { ...SERVICE, 'vigia.allow': 'none' }, hold(lookout, 6)),
    box('expected', { ...SERVICE, 'vigia.memory': expected }, hold(lookout, 7)),
  ];
  await lookout.begin();
  await lookout.fill(...owned);
  const before = owned.map(factsOf);
  await lookout.emergency();
  assertUntouched(before);
  assertNamed(lookout, 'advised');
  await lookout.stop();
});

const bystanders = (): string[] => [
  box('web', SERVICE, 'exec behave hold 30', '--restart', 'always'),
  box('db', SERVICE, 'exec behave hold 60', '--volume', '/data'),
  box('toy', DISPOSABLE, 'exec behave hold 20'),
];

/** Starts an unmanaged hog, in an emergency: no container is killed, and the hog is named. */
async function sparesAll(
  t: TestContext,
  name: string,
  begin: (lookout: Lookout) => Promise<string[]>,
): Promise<void> {
  const quotas = { low: { keep: 1, trim: true }, high: NO_QUOTAS.high };
  const lookout = host.lookout(t, { quotas, classify: { minSeconds: 0.9, memPercent: 1 } });
  const owned = bystanders();
  await lookout.begin();
  const before = [...owned, ...(await begin(lookout))].map(factsOf);
  await lookout.cycles(2);
  await lookout.emergency();
  assertUntouched(before);
  assertNamed(lookout, name);
  await lookout.stop();
}

test('a foreign container uses up memory: no container is killed, and it is named', (t) =>
  sparesAll(t, 'stranger', async (lookout) => {
    const stranger = box('stranger', {}, hold(lookout, 6));
    await lookout.fill(stranger);
    return [stranger];
  }));

test('a protected container uses up memory: no container is killed, and it is named', (t) =>
  sparesAll(t, 'guarded', async (lookout) => {
    const guarded = box('guarded', { ...DISPOSABLE, 'vigia.protected': 'true' }, hold(lookout, 6));
    await lookout.fill(guarded);
    return [guarded];
  }));

test('a process outside every container uses up memory: no container is killed', (t) =>
  sparesAll(t, '', async (lookout) => {
    const program = buildBehave(join(lookout.runs.directory, 'behave'));
    const process = spawn(program, ['hold', String(mib(lookout, 6))], { stdio: 'ignore' });
    t.after(() => process.kill('SIGKILL'));
    return [];
  }));

test('tmpfs files use up memory: no container is killed', (t) =>
  sparesAll(t, 'writer', async (lookout) => {
    const size = mib(lookout, 6);
    const script = `while [ ! -e /go ]; do sleep 0.1; done
      dd if=/dev/zero of=/shm/f bs=1M count=${size}; echo full >/done; ${IDLE}`;
    const writer = box('writer', {}, script, '--tmpfs', `/shm:size=${2 * size}m`);
    await lookout.cycles(2);
    docker('exec', writer, 'touch', '/go');
    const isFull = () => docker('exec', writer, 'sh', '-c', 'cat /done; exit 0') === 'full';
    await lookout.expect('it is full', isFull);
    return [writer];
  }));

test('without a mode in the configuration nothing is touched, even in an emergency', async (t) => {
  const lookout = host.lookout(t, { mode: undefined });
  const all = [...bystanders(), box('hog', DISPOSABLE, hold(lookout, 6)), box('ended', DISPOSABLE, 'exit 0')];
  await lookout.begin();
  const before = all.map(factsOf);
  await lookout.emergency();
  assertUntouched(before);
  await lookout.stop();
});

test('a container that is adopted while the daemon runs is looked after in the same run', async (t) => {
  const lookout = host.lookout(t);
  const web = box('web', {}, hold(lookout, 6), '--restart', 'always', '--volume', '/data');
  await lookout.begin(['up', '--without-page']);
  await lookout.fill(web);
  const before = factsOf(web);
  assert.equal(lookout.kindOf(web), 'foreign');
  lookout.runs.vigia('manage', 'web');
  await lookout.expect('it is adopted', () => lookout.kindOf(web) === 'service', 10);
  assertUntouched([before]);
  lookout.memory.runOut();
  await lookout.expect('it is killed as the culprit', () => factsOf(web).restartCount > 0);
  lookout.memory.set(lookout.memory.totalKb / 2);
  await lookout.expect('it runs again', () => isRunning(web));
  assert.equal(factsOf(web).restartCount, 1);
  assert.deepEqual(eventsOf(web, 0).slice(0, 1), ['die 137'], 'no kill by the engine');
  for (const volume of before.volumes) assertVolume(volume);
  await lookout.stop();
});

for (const command of [['run'], ['up', '--without-page']])
  test(`a container that is protected while "vigia ${command[0]}" runs is protected in the next cycle`, async (t) => {
    const lookout = host.lookout(t);
    const db = box('db', DISPOSABLE, hold(lookout, 6));
    await lookout.begin(command);
    await lookout.fill(db);
    const before = [factsOf(db)];
    lookout.runs.vigia('protect', 'db');
    await lookout.cycles(2);
    assert.equal(lookout.kindOf(db), 'protected');
    await lookout.emergency();
    assertUntouched(before);
    assertNamed(lookout, 'db');
    await lookout.stop();
  });

test('who started while the daemon watched, and took its memory within one cycle, is the culprit', async (t) => {
  const lookout = host.lookout(t, { cycleSeconds: 5 });
  await lookout.begin();
  const hog = box('hog', SERVICE, `exec behave hold ${mib(lookout, 6)}`);
  // Its first reading finds all that it takes.
  await lookout.cycles(3);
  assert.equal(lookout.kindOf(hog), 'service');
  lookout.memory.runOut();
  await lookout.expect('it ends', () => !isRunning(hog), 30);
  await lookout.stop();
});
