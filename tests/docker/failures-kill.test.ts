import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { figures, InvariantChecker, Lives, LONG_SHARE, running } from './life.ts';
import { docker, isRunning, ROOT, removeAll, start, until } from './real-engine.ts';

/**
 * The failure table, as far as this machine's own engine carries it: the real daemon, the real engine, a real record.
 * Each test prints what it saw. VIGIA_FAILURES=1 takes the figures that the everyday run has no time for.
 */
const BATCH = `failures-${process.pid}`;
const MANAGED = { 'vigia.managed': 'true' };

before(() => {
  execFileSync(join(ROOT, 'workload/build-images.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
  removeAll('vigia.managed=true');
});
afterEach(() => removeAll(`vigia.test=${BATCH}`, 'vigia.managed=true'));

const pidOf = (id: string) => docker('inspect', '--format', '{{.State.Pid}}', id);

test('killed at any moment: the record is whole, and nothing that was done is missing from it', async (t) => {
  const kills = Math.max(8, Math.round(200 * LONG_SHARE));
  const lives = new Lives();
  const checker = new InvariantChecker();
  t.after(() => lives.end());
  t.after(() => checker.end());
  const bystanders = [
    start(BATCH, 'vigia/cpu', {}, { VIGIA_CPU_PERCENT: '20' }),
    start(BATCH, 'vigia/idle', { ...MANAGED, 'vigia.protected': 'true', 'vigia.class': 'low' }),
  ];
  const pids = bystanders.map(pidOf);
  const removedByTest = new Set<string>();
  const destroyed = () => checker.saw('destroy').filter(({ id }) => !removedByTest.has(id));
  const started = () => checker.saw('start').filter(({ labels }) => labels['vigia.spawn'] === 'floor');
  const deedsDone = () => destroyed().length + started().length;

  // How long a life takes to its first cycle: kills are spread from before it to a few cycles after.
  const began = performance.now();
  const first = lives.begin();
  await first.says(/^cycle 1 /m);
  const firstCycleMs = performance.now() - began;
  await first.end('SIGKILL');

  let said = first.cycles().length;
  let unrecorded = 0;
  for (let kill = 1; kill < kills; kill += 1) {
    // Something to start, something to remove.
    if (kill % 3 === 0) {
      const gone = running().filter((id) => !bystanders.includes(id));
      for (const id of gone) removedByTest.add(id);
      // What the engine is still removing for the life before is refused: it goes all the same.
      spawnSync('docker', ['rm', '--force', ...gone]);
    }
    start(BATCH, kill % 2 === 0 ? 'vigia/idle' : 'vigia/ram', MANAGED);
    const done = deedsDone();
    const life = lives.begin();
    // Half of them anywhere, half of them just after a deed: there is most to lose.
    if (kill % 2 === 0) await sleep(firstCycleMs / 2 + 2500 * Math.random());
    else await until('a deed', () => deedsDone() > done).then(() => sleep(100 * Math.random()));
    await life.end('SIGKILL');
    lives.assertWhole();
    const recorded = new Set(lives.query('SELECT tick FROM cycle').map(({ tick }) => tick));
    said += life.cycles().length;
    unrecorded += life.cycles().filter((tick) => !recorded.has(tick)).length;
  }
  const last = lives.lastTick();
  const life = lives.begin();
  const settled = await lives.settled();
  assert.equal(await life.end(), 0, life.output());

  const deeds = (kind: string) =>
    lives.query("SELECT container_id, detail FROM action WHERE kind = ? AND result = 'done'", kind);
  const recorded = {
    remove: new Set(deeds('remove').map((row) => row['container_id'])),
    start: new Set(deeds('start').map((row) => row['container_id'])),
  };
  const missing = {
    removed: destroyed().filter(({ id }) => !recorded.remove.has(id)),
    // Of one that the test removed before the next life could look, nobody can say any more that it was started.
    started: started().filter(({ id }) => !recorded.start.has(id) && !removedByTest.has(id)),
  };
  const [cut] = lives.query("SELECT count(*) AS n FROM fault WHERE message LIKE 'Vigía ended in the midst%'");
  figures(
    `daemon killed ${kills} times`,
    `${lives.lastTick()} cycles, ${cut?.['n']} cut in the midst of their deeds`,
    `${unrecorded} of ${said} reported cycles not in the record`,
    `${destroyed().length} removed and ${started().length} started, ` +
      `${missing.removed.length + missing.started.length} of these not in the record`,
    `integrity ok ${kills} times`,
    `3 + 2 after ${settled - last} cycles`,
  );
  assert.ok(destroyed().length > kills / 8 && started().length > kills / 4, 'there was something to lose');
  assert.deepEqual(missing, { removed: [], started: [] });
  assert.equal(unrecorded, 0);
  assert.deepEqual(bystanders.map(pidOf), pids, 'foreign and protected ones run on');
  assert.ok(bystanders.every(isRunning));
});
