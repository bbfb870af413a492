import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, type TestContext, test } from 'node:test';
import { box, factsOf, importImages, Lookout, lines, NO_QUOTAS } from '../docker/owner-host.ts';
import { docker, run, status } from '../lab/guest.ts';

/**
 * The limits that exist with cgroup v2 only (memory.high, pids.max, io.max): set on services that misbehave, recognised on
 * the container itself, and lifted again. The daemon's own service is stopped; the test starts the loop itself.
 */
before(() => {
  status('systemctl', 'stop', 'vigia');
  clear();
  importImages(false);
});
afterEach(() => clear());

function clear(): void {
  const all = lines(docker('ps', '--all', '--quiet'));
  if (all.length > 0) status('docker', 'rm', '--force', '--volumes', ...all);
}
after(() => status('docker', 'rmi', 'vigia-test/box', 'vigia-test/crash'));

/** Processors are emulated where the lab has no KVM. */
const PATIENCE_SECONDS = 180;

/** So low that small containers cause every limit. */
const SETTINGS = {
  mode: 'enforce',
  quotas: NO_QUOTAS,
  soft: { memPercent: 2, availablePercent: 15, graceSeconds: 1, minAgeSeconds: 1, learn: false },
  patterns: { forkStorm: { processes: 50 }, ioStorm: { mibPerSecond: 1, fullAvg10: 0.1 } },
};

const FILES = { hoarder: 'memory.high', forker: 'pids.max', writer: 'io.max' } as const;
type Name = keyof typeof FILES;
const NAMES: readonly Name[] = ['hoarder', 'writer'];

/** Twenty processes a second: many at once in its first minute would be no storm. */
const STORM =
  'i=0; while [ $i -lt 400 ]; do sleep 100000 & i=$((i+1)); [ $((i % 20)) -ne 0 ] || sleep 1; done; wait';

/** What stands in the limit's file of a container; an empty text and `max` are no limit. */
function limitOf(name: Name): string {
  const { pid } = factsOf(name);
  const path = readFileSync(`/proc/${pid}/cgroup`, 'utf8').replace(/^0::/, '').trim();
  const text = readFileSync(`/sys/fs/cgroup${path}/${FILES[name]}`, 'utf8').trim();
  return text === 'max' ? '' : text;
}

const limited = (): Name[] => NAMES.filter((name) => limitOf(name) !== '');

const OWN = { 'vigia.managed': 'true', 'vigia.allow': 'throttle,squeeze' };

/** The daemon, before anything loads the machine: an emulated processor is slow. */
async function begun(t: TestContext): Promise<Lookout> {
  const lookout = new Lookout(SETTINGS, PATIENCE_SECONDS);
  t.after(() => lookout.end());
  await lookout.begin();
  return lookout;
}

/** Starts two services that misbehave, each in its way, and waits until each has its limit. */
async function limitAll(lookout: Lookout): Promise<void> {
  const size = Math.ceil((0.06 * lookout.memory.totalKb) / 1024);
  const hoard = `dd if=/dev/zero of=/shm/f bs=1M count=${size}; exec sleep 100000`;
  box('hoarder', OWN, hoard, '--tmpfs', `/shm:size=${2 * size}m`);
  const write = 'while :; do dd if=/dev/zero of=/data/f bs=1M count=32 conv=fsync; sleep 0.2; done';
  box('writer', OWN, write, '--volume', '/data');
  lookout.memory.set(0.12 * lookout.memory.totalKb);
  await lookout.expect('each has its limit', () => limited().length === NAMES.length);
}

test('the end of the daemon lifts its limits on memory and I/O', {
  timeout: 400_000,
}, async (t) => {
  const lookout = await begun(t);
  await limitAll(lookout);
  const before = NAMES.map(factsOf);
  await lookout.stop();
  assert.deepEqual(limited(), []);
  assert.deepEqual(NAMES.map(factsOf), before, 'and nothing else was done to them');
});

test('limits that a killed daemon left are lifted by the next one that only observes', {
  timeout: 400_000,
}, async (t) => {
  const lookout = await begun(t);
  await limitAll(lookout);
  await lookout.kill();
  assert.deepEqual(limited(), NAMES, 'a killed daemon cannot lift them');
  lookout.runs.configure({ ...SETTINGS, demo: undefined, mode: 'observe' });
  await lookout.begin();
  await lookout.expect('all are lifted', () => limited().length === 0);
  await lookout.stop();
});

test('the processes of a fork storm are limited, and the end of the daemon lifts that limit', {
  timeout: 400_000,
}, async (t) => {
  const lookout = await begun(t);
  box('forker', OWN, STORM);
  const before = limitOf('forker');
  await lookout.expect('it is limited', () => limitOf('forker') !== before);
  await lookout.stop();
  assert.equal(limitOf('forker'), before);
});

test('a limit of its owner is left alone', { timeout: 400_000 }, async (t) => {
  const lookout = await begun(t);
  box('forker', OWN, STORM, '--pids-limit', '2000');
  await lookout.expect('it is a fork storm', () => lookout.notices('service-needs-attention').length > 0);
  await lookout.cycles(3);
  assert.equal(limitOf('forker'), '2000');
  await lookout.stop();
  assert.equal(limitOf('forker'), '2000');
  assert.match(run('docker', 'inspect', '--format', '{{.HostConfig.PidsLimit}}', 'forker'), /^2000$/);
});
