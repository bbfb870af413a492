import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { after, afterEach, before, test } from 'node:test';
import { box, factsOf, OwnerHost, SERVICE } from './owner-host.ts';

/** What an operator orders while Vigía runs, on a real engine. */
const host = new OwnerHost();

before(() => host.start());
afterEach(() => host.clear());
after(() => host.remove());

/** Low, since on a busy machine a container that spins gets only its share. */
const QUICK = { cpuPercent: 5, throttlePercent: 4, graceSeconds: 1, minAgeSeconds: 1, learn: false };
const isLimited = (id: string): boolean => factsOf(id).cpuQuota > 0;

/** A service that spins while nothing of the host's CPU is idle. */
function spinner(): string {
  const cores = Array.from({ length: availableParallelism() }, (_, i) => i).join(' ');
  box('contention', {}, `for i in ${cores}; do while :; do :; done & done; wait`, '--cpu-shares', '2');
  return box('web', SERVICE, 'while :; do :; done');
}

test('undo lifts a limit, which is not set again for an hour', async (t) => {
  const lookout = host.lookout(t, { soft: QUICK });
  const web = spinner();
  await lookout.begin();
  await lookout.expect('it is limited', () => isLimited(web));
  t.diagnostic(lookout.runs.vigia('undo', 'web'));
  await lookout.expect('the limit is lifted', () => !isLimited(web));
  const set = lookout.actions(web, 'throttle', 'done').length;
  await lookout.cycles(6);
  assert.equal(isLimited(web), false);
  assert.equal(lookout.actions(web, 'throttle', 'done').length, set);
  const explained = lookout.runs.vigia('explain', 'web');
  assert.match(explained, /Barred until/);
  t.diagnostic(explained);
  await lookout.stop();
});

test('a service that is paused for a deployment is left alone until the pause ends', async (t) => {
  const lookout = host.lookout(t, { soft: QUICK });
  await lookout.begin();
  t.diagnostic(lookout.runs.vigia('pause', 'web', '--for', '2h', '--reason', 'deployment'));
  const web = spinner();
  await lookout.cycles(8);
  assert.equal(isLimited(web), false);
  const status = lookout.runs.vigia('status');
  assert.match(status, /paused\s+web until .*deployment/);
  t.diagnostic(status);
  t.diagnostic(lookout.runs.vigia('resume', 'web'));
  await lookout.expect('it is limited', () => isLimited(web));
  await lookout.stop();
});
