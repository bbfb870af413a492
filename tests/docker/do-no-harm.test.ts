import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { installCron } from '../../daemon/src/host/cron.ts';
import { buildImages } from '../../daemon/src/host/images.ts';
import { DEFAULTS } from '../../daemon/src/model/config.ts';
import { EngineEvents } from './daemon-runs.ts';
import { OwnEngine } from './own-engine.ts';
import {
  assertUntouched,
  assertVolume,
  box,
  CRASH,
  DISPOSABLE,
  eventsOf,
  type Facts,
  factsOf,
  type Lookout,
  lines,
  NO_QUOTAS,
  OwnerHost,
  SERVICE,
} from './owner-host.ts';
import { docker, isRunning } from './real-engine.ts';

/**
 * What an owner does with containers is respected, and every limit is undone: the real daemon, a real engine, real
 * containers. Each test asserts what the engine says, and that the daemon ran.
 *
 * VIGIA_UNDER_TEST: the `vigia` of another commit, to see the tests fail there.
 */
const host = new OwnerHost();

before(() => host.start());
afterEach(() => host.clear());
after(() => host.remove());

const IDLE = 'exec sleep 100000';
const nowSeconds = () => Math.floor(Date.now() / 1000);

test('what its owner stopped stays, with its volume, and can be started again', async (t) => {
  const lookout = host.lookout(t);
  const script = `[ -e /data/orders ] || echo precious >/data/orders; ${IDLE}`;
  const flags = [[], ['--restart', 'unless-stopped'], ['--restart', 'always']];
  const owned = flags.map((policy, i) => box(`db${i}`, SERVICE, script, '--volume', '/data', ...policy));
  const bystander = box('crashed', SERVICE, 'exit 1');
  await lookout.begin();
  docker('stop', '--time', '1', ...owned);
  const stopped = [...owned, bystander].map(factsOf);
  await lookout.cycles(5);
  assertUntouched(stopped);
  const volumes = stopped.flatMap(({ volumes }) => volumes);
  assert.equal(volumes.length, 3);
  volumes.forEach(assertVolume);
  docker('start', ...owned);
  for (const id of owned) assert.equal(docker('exec', id, 'cat', '/data/orders'), 'precious');
  await lookout.cycles(2);
  assert.deepEqual(owned.map(isRunning), [true, true, true]);
  await lookout.stop();
});

test('what its owner stopped stays stopped when the engine is restarted', async (t) => {
  const lookout = host.lookout(t);
  const flags = ['--volume', '/data', '--restart', 'unless-stopped'];
  const stopped = box('stopped', SERVICE, 'echo precious >/data/orders; exec sleep 100000', ...flags);
  const running = box('running', SERVICE, IDLE, ...flags);
  await lookout.begin();
  docker('stop', '--time', '1', stopped);
  await lookout.cycles(2);
  const [volume] = factsOf(stopped).volumes;
  await host.engine.stop();
  await lookout.cycles(2);
  await host.engine.start();
  await lookout.expect('the other one runs again', () => isRunning(running));
  await lookout.cycles(4);
  assert.equal(factsOf(stopped).status, 'exited');
  assertVolume(volume);
  assert.equal(isRunning(running), true);
  docker('start', stopped);
  assert.equal(docker('exec', stopped, 'cat', '/data/orders'), 'precious');
  await lookout.stop();
});

test('restarts by its owner count for nothing', async (t) => {
  const lookout = host.lookout(t);
  // It allows a stop: a restart that counted would end in one.
  const labels = { ...SERVICE, 'vigia.allow': 'throttle,squeeze,restart,stop,kill' };
  const policies = [[], ['--restart', 'always']];
  const services = policies.map((policy, i) => box(`web${i}`, labels, IDLE, '--volume', '/data', ...policy));
  await lookout.begin();
  for (const _ of [1, 2, 3, 4]) {
    docker('restart', '--time', '0', ...services);
    await lookout.cycles(1);
  }
  const before = services.map(factsOf);
  await lookout.cycles(5);
  assertUntouched(before);
  assert.deepEqual(
    services.flatMap((id) => lookout.actions(id)),
    [],
  );
  await lookout.stop();
});

test('a service whose restart policy starts it over and over is left to Docker, and reported once', async (t) => {
  const lookout = host.lookout(t);
  const since = nowSeconds();
  const db = box('db', SERVICE, 'echo try >>/data/log; exit 1', '--restart', 'always', '--volume', '/data');
  await lookout.begin();
  await lookout.expect('three restarts', () => factsOf(db).restartCount >= 3);
  const reports = () => lookout.notices('service-needs-attention').length;
  await lookout.expect('it is reported', () => reports() > 0);
  const { restartCount, volumes } = factsOf(db);
  await lookout.expect('Docker goes on', () => factsOf(db).restartCount > restartCount);
  volumes.forEach(assertVolume);
  assert.equal(reports(), 1);
  assert.deepEqual(
    eventsOf(db, since).filter((event) => event.startsWith('kill')),
    [],
  );
  assert.deepEqual(lookout.actions(db), []);
  await lookout.stop();
});

test('a floor whose image ends at once is started a few times, reported once, and left', async (t) => {
  const quotas = { low: { keep: 2, trim: true, images: [CRASH] }, high: NO_QUOTAS.high };
  const lookout = host.lookout(t, { quotas });
  const events = new EngineEvents();
  t.after(() => events.end());
  await lookout.begin();
  await lookout.cycles(25);
  const starts = () => events.of('start').length;
  assert.ok(starts() > 0 && starts() < 8, `${starts()} starts`);
  const reports = () => lookout.notices('floor-not-filled');
  await lookout.expect('it is reported', () => reports().length > 0, 90);
  const before = starts();
  await lookout.cycles(5);
  assert.equal(starts(), before);
  assert.equal(reports().length, 1);
  assert.match(JSON.stringify(reports()[0]), /start-ended-at-once/);
  await lookout.stop();
});

/** A service that storms in its first run, needs `seconds` to end, and allows a restart, for which this is the reason. */
function stormingDb(seconds: number): string {
  const storm =
    'i=0; while [ $i -lt 300 ]; do sleep 100000 & i=$((i+1)); [ $((i % 20)) -ne 0 ] || sleep 1; done';
  const script = `trap 'echo term >>/data/log; sleep ${seconds}; echo flushed >>/data/log; exit 0' TERM
    [ -e /data/second ] || { touch /data/second; (${storm}) & }
    while :; do sleep 0.2; done`;
  const labels = { ...SERVICE, 'vigia.allow': 'restart', 'vigia.grace': '1' };
  return box('db', labels, script, '--volume', '/data', '--stop-timeout', '60');
}

const STORMS = { forkStorm: { processes: 50 } };

test('a service has the time that it needs to end when it is restarted', async (t) => {
  const lookout = host.lookout(t, { patterns: STORMS });
  const since = nowSeconds();
  await lookout.begin();
  const db = stormingDb(20);
  const before = factsOf(db);
  await lookout.expect('it is asked to stop', () => eventsOf(db, since).includes('kill 15'));
  const from = lookout.runs.lastTick();
  await lookout.expect('it runs again', () => factsOf(db).startedAt !== before.startedAt && isRunning(db));
  assert.ok(lookout.runs.lastTick() >= from + 5, 'no cycle waited for it');
  assert.deepEqual(eventsOf(db, since), ['kill 15', 'die 0']);
  assert.equal(docker('exec', db, 'cat', '/data/log'), 'term\nflushed');
  assert.deepEqual(factsOf(db).volumes, before.volumes);
  assert.equal(lookout.actions(db, 'restart').length, 1);
  await lookout.stop();
});

test('a service that is being stopped keeps its time when the daemon ends meanwhile', async (t) => {
  const lookout = host.lookout(t, { patterns: STORMS });
  const since = nowSeconds();
  await lookout.begin();
  const db = stormingDb(12);
  await lookout.expect('it is asked to stop', () => eventsOf(db, since).includes('kill 15'));
  await lookout.stop();
  await lookout.expect('it ends and runs again', () => eventsOf(db, since).length >= 2 && isRunning(db));
  assert.deepEqual(eventsOf(db, since), ['kill 15', 'die 0']);
  assert.equal(docker('exec', db, 'cat', '/data/log'), 'term\nflushed');
});

const SPIN = 'while :; do if [ -e /calm ]; then sleep 1; fi; done';
/** Low, since on a busy machine a container that spins gets only its share. */
const QUICK = { cpuPercent: 5, throttlePercent: 4, graceSeconds: 1, minAgeSeconds: 1, learn: false };
const isLimited = ({ cpuQuota, cpuPeriod }: Facts): boolean => cpuQuota > 0 && cpuPeriod > 0;

/** A disposable container and a service that spin while nothing of the host's CPU is idle, and a limit of an owner. */
function spinners(): { ours: string[]; owned: string } {
  const everyCore = `for i in ${Array.from({ length: availableParallelism() }, (_, i) => i).join(' ')}; do while :; do :; done & done; wait`;
  box('contention', {}, everyCore, '--cpu-shares', '2');
  const owned = box('limited', SERVICE, SPIN, '--cpu-period', '100000', '--cpu-quota', '50000');
  return { ours: [box('toy', DISPOSABLE, SPIN), box('web', SERVICE, SPIN)], owned };
}

const limited = (ids: readonly string[]): boolean[] => ids.map((id) => isLimited(factsOf(id)));
const awaitLimits = (lookout: Lookout, ids: readonly string[]): Promise<void> =>
  lookout.expect('both are throttled', () => limited(ids).every(Boolean));
const assertOwned = (id: string): void =>
  assert.deepEqual([factsOf(id).cpuQuota, factsOf(id).cpuPeriod], [50000, 100000], "its owner's limit");

test('the end of the daemon lifts its limits, and leaves those of owners', async (t) => {
  const lookout = host.lookout(t, { soft: QUICK });
  const { ours, owned } = spinners();
  await lookout.begin();
  await awaitLimits(lookout, ours);
  await lookout.stop();
  assert.deepEqual(limited(ours), [false, false]);
  assertOwned(owned);
});

test('limits that a killed daemon left are lifted by the next one that only observes', async (t) => {
  const settings = { docker: { socket: host.engine.socket }, quotas: NO_QUOTAS, soft: QUICK };
  const lookout = host.lookout(t, settings);
  const { ours, owned } = spinners();
  await lookout.begin();
  await awaitLimits(lookout, ours);
  await lookout.kill();
  assert.deepEqual(limited(ours), [true, true], 'a killed daemon cannot lift them');
  lookout.runs.configure({ ...settings, demo: undefined, mode: 'observe' });
  await lookout.begin();
  await lookout.expect('both limits are lifted', () => !limited(ours).some(Boolean));
  assertOwned(owned);
  await lookout.stop();
});

test('limits that a killed daemon left are lifted by the next one when the reason is gone', async (t) => {
  const lookout = host.lookout(t, { soft: QUICK });
  const { ours, owned } = spinners();
  await lookout.begin();
  await awaitLimits(lookout, ours);
  await lookout.kill();
  docker('rm', '--force', 'contention');
  for (const id of ours) docker('exec', id, 'touch', '/calm');
  await lookout.begin();
  await lookout.expect('both limits are lifted', () => !limited(ours).some(Boolean));
  assertOwned(owned);
  await lookout.stop();
});

test("many processes that share memory hold it once: its class is that of the cgroup's memory", async (t) => {
  const lookout = host.lookout(t);
  const sharedKb = Math.ceil((0.06 / 100) * lookout.memory.totalKb);
  const id = box('shared', SERVICE, `exec behave shared ${sharedKb} 30`);
  await lookout.begin();
  const newest = () =>
    lookout.runs.query(
      `SELECT s.level, s.rss_kb FROM container_sample AS s JOIN container AS c ON c.key = s.container
       WHERE c.id = ? ORDER BY s.at DESC LIMIT 1`,
      id,
    )[0];
  // The first readings include the CPU of its start.
  await lookout.expect('it is low', () => newest()?.['level'] === 'low', 20);
  const byRss = (100 * Number(newest()?.['rss_kb'])) / lookout.memory.totalKb;
  assert.ok(byRss > 2 * DEFAULTS.classify.memPercent, 'by RSS it would be high');
  await lookout.stop();
});

test('a container whose main thread has ended is seen with all that it holds', async (t) => {
  const lookout = host.lookout(t);
  const size = Math.ceil((0.01 * lookout.memory.totalKb) / 1024);
  const id = box('headless', SERVICE, `exec behave mainexit ${size}`);
  await lookout.begin();
  const level = () => lookout.runs.query('SELECT level FROM container WHERE id = ?', id)[0]?.['level'];
  // A first reading may show it before it holds its memory.
  await lookout.expect('it is high', () => level() === 'high', 20);
  await lookout.stop();
});

test('the workload comes to the engine that the configuration names, and to no other', async (t) => {
  const ours = process.env['DOCKER_HOST'];
  const other = new OwnEngine();
  const elsewhere = (...args: string[]) => docker('--host', `unix://${other.socket}`, ...args);
  t.after(() => {
    process.env['DOCKER_HOST'] = ours;
    return other.remove();
  });
  process.env['DOCKER_HOST'] = `unix://${other.socket}`;
  await other.start();
  // As under systemd: nothing but the configuration says which engine it is.
  delete process.env['DOCKER_HOST'];
  await buildImages(host.engine.socket, AbortSignal.timeout(120_000));
  const lookout = host.lookout(t, { cron: { install: true } });
  await lookout.begin();
  const cron = join(lookout.runs.directory, 'cron');
  installCron(host.engine.socket, cron);
  const job = /^\* \* \* \* \* root (.*) 2>&1 \|/m.exec(readFileSync(cron, 'utf8'))?.[1] ?? 'false';
  // The daemon's mount namespace, which has the state that the job reads, with the other engine as the default one.
  const script =
    'touch /run/docker.sock; mount --bind "$0" /run/docker.sock; exec env -i PATH="$PATH" sh -c "$1"';
  execFileSync('nsenter', [
    ...['--mount', `--target=${lookout.pid}`, 'unshare', '--mount', '--propagation', 'private'],
    ...['sh', '-e', '-c', script, other.socket, job.replaceAll('\\%', '%')],
  ]);
  process.env['DOCKER_HOST'] = ours;
  assert.equal(lines(docker('ps', '--quiet', '--filter', 'label=vigia.managed=true')).length, 10);
  assert.ok(lines(docker('images', '--quiet', 'vigia/idle')).length > 0);
  assert.deepEqual(lines(elsewhere('ps', '--all', '--quiet')), []);
  assert.deepEqual(lines(elsewhere('images', '--quiet')), []);
  await lookout.stop();
});
