import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { Lookout } from './owner-host.ts';
import { box, DISPOSABLE, holdOnceTold, OwnerHost } from './owner-host.ts';
import { docker, exists } from './real-engine.ts';

/** How containers of a real engine ended, and who is said to have done it. */
const host = new OwnerHost();

before(() => host.start());
afterEach(() => host.clear());
after(() => host.remove());

const WELL = 'exec sleep 100000';
/** Doubles a variable until its memory is at its limit. */
const EAT = 'x=xxxxxxxx; while :; do x=$x$x; done';

/** The causes that the record names for the ends of a container, the oldest first. */
const endsOf = (lookout: Lookout, id: string): string[] =>
  lookout.runs
    .query(
      "SELECT because_code FROM engine_event WHERE container_id = ? AND kind = 'die' ORDER BY at, id",
      id,
    )
    .map((row) => String(JSON.parse(String(row['because_code'])).code));

const starts = (lookout: Lookout, id: string): number =>
  lookout.runs.query("SELECT id FROM engine_event WHERE container_id = ? AND kind = 'start'", id).length;

const explained = (lookout: Lookout, name: string): string => lookout.runs.vigia('explain', name);

test('an end is told with its cause: its owner, a crash, its own limit', async (t) => {
  const lookout = host.lookout(t);
  const stopped = box('stopped', {}, WELL);
  const killed = box('killed', {}, WELL);
  await lookout.begin();
  docker('stop', '--time', '1', stopped);
  docker('kill', killed);
  const crashed = box('crashing', {}, 'exit 3');
  const limited = box('limited', {}, EAT, '--memory', '32m', '--memory-swap', '32m');
  const expected = [
    [stopped, 'ended-by-owner'],
    [killed, 'ended-by-owner'],
    [crashed, 'crashed'],
    [limited, 'oom-own-limit'],
  ] as const;
  for (const [id, code] of expected) {
    await lookout.expect(`${id.slice(0, 12)}: ${code}`, () => endsOf(lookout, id).includes(code));
    assert.deepEqual(endsOf(lookout, id), [code]);
  }
  assert.match(explained(lookout, 'stopped'), /: its owner stopped it \(exit code 1\d\d\)\.$/m);
  assert.match(explained(lookout, 'crashing'), /: it crashed with exit code 3\.$/m);
  assert.match(
    explained(lookout, 'limited'),
    /: the kernel's OOM killer killed it at its own limit of 32 MiB\.$/m,
  );
  for (const name of ['stopped', 'crashing', 'limited']) t.diagnostic(explained(lookout, name));
  t.diagnostic(lookout.runs.vigia('events', '--engine'));
  await lookout.stop();
});

test('an end by Vigía is not put on its owner, although the engine was told to kill', async (t) => {
  const lookout = host.lookout(t);
  const hog = box('hog', DISPOSABLE, holdOnceTold(Math.ceil((0.06 * lookout.memory.totalKb) / 1024)));
  await lookout.begin();
  await lookout.fill(hog);
  await lookout.emergency(1);
  await lookout.expect('it is removed', () => !exists(hog));
  await lookout.expect('its end is recorded', () => endsOf(lookout, hog).length === 1);
  assert.deepEqual(endsOf(lookout, hog), ['ended-by-us']);
  t.diagnostic(explained(lookout, 'hog'));
  await lookout.stop();
});

test('what ended while the daemon was not running is told by the next one, once', async (t) => {
  const lookout = host.lookout(t);
  await lookout.begin();
  const stopped = box('stopped', {}, WELL);
  await lookout.expect('its start is recorded', () => starts(lookout, stopped) === 1);
  await lookout.kill();
  docker('stop', '--time', '1', stopped);
  const crashed = box('crashing', {}, 'exit 3');
  await lookout.begin();
  await lookout.expect('both ends are recorded', () => endsOf(lookout, crashed).length === 1);
  assert.deepEqual(endsOf(lookout, stopped), ['ended-by-owner']);
  assert.deepEqual(endsOf(lookout, crashed), ['crashed']);
  assert.equal(starts(lookout, stopped), 1);
  await lookout.stop();
});
