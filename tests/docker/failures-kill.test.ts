import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DaemonRuns, EngineEvents, LONG_SHARE, reportRow, running } from './daemon-runs.ts';
import { docker, isRunning, ROOT, removeAll, start, until } from './real-engine.ts';

/**
 * The failure table: the real daemon, this machine's engine, a real database. Each test prints what it measured.
 * VIGIA_FAILURES=1 runs the long form.
 */
const BATCH = `failures-${process.pid}`;
const DISPOSABLE = { 'vigia.managed': 'true', 'vigia.disposable': 'true' };

before(() => {
  execFileSync(join(ROOT, 'workload/build-images.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
  removeAll('vigia.managed=true');
});
afterEach(() => removeAll(`vigia.test=${BATCH}`, 'vigia.managed=true'));

const pidOf = (id: string) => docker('inspect', '--format', '{{.State.Pid}}', id);

test('a daemon killed at any moment leaves an intact database in which no action is missing', async (t) => {
  const kills = Math.max(8, Math.round(200 * LONG_SHARE));
  const runs = new DaemonRuns();
  const events = new EngineEvents();
  t.after(() => runs.end());
  t.after(() => events.end());
  const bystanders = [
    start(BATCH, 'vigia/cpu', {}, { VIGIA_CPU_PERCENT: '20' }),
    start(BATCH, 'vigia/idle', { ...DISPOSABLE, 'vigia.protected': 'true', 'vigia.class': 'low' }),
  ];
  const pids = bystanders.map(pidOf);
  const removedByTest = new Set<string>();
  const destroyed = () => events.of('destroy').filter(({ id }) => !removedByTest.has(id));
  const started = () => events.of('start').filter(({ labels }) => labels['vigia.spawn'] === 'floor');
  const actionsDone = () => destroyed().length + started().length;

  // Kills are spread from before the first cycle of a run to a few cycles after it.
  const began = performance.now();
  const first = runs.begin();
  await first.untilOutput(/^cycle 1 /m);
  const firstCycleMs = performance.now() - began;
  await first.end('SIGKILL');

  let reported = first.cycles().length;
  let unrecorded = 0;
  for (let kill = 1; kill < kills; kill += 1) {
    // Gives the daemon something to start and something to remove.
    if (kill % 3 === 0) {
      const gone = running().filter((id) => !bystanders.includes(id));
      for (const id of gone) removedByTest.add(id);
      // The engine refuses what it is still removing for the previous run; that container disappears anyway.
      spawnSync('docker', ['rm', '--force', ...gone]);
    }
    // More than the quota by themselves: one alone may be just what a killed run had not started again.
    const images = kill % 2 === 0 ? ['vigia/idle'] : ['vigia/ram', 'vigia/ram', 'vigia/ram'];
    for (const image of images) start(BATCH, image, DISPOSABLE);
    const done = actionsDone();
    const run = runs.begin();
    // Half of the kills at any time, half of them just after an action, when most can be lost.
    if (kill % 2 === 0) await sleep(firstCycleMs / 2 + 2500 * Math.random());
    else await until('an action', () => actionsDone() > done).then(() => sleep(100 * Math.random()));
    await run.end('SIGKILL');
    runs.assertIntact();
    const recorded = new Set(runs.query('SELECT tick FROM cycle').map(({ tick }) => tick));
    reported += run.cycles().length;
    unrecorded += run.cycles().filter((tick) => !recorded.has(tick)).length;
  }
  const last = runs.lastTick();
  const run = runs.begin();
  const settled = await runs.settled();
  assert.equal(await run.end(), 0, run.output());

  const actionsOf = (kind: string) =>
    runs.query("SELECT container_id, detail FROM action WHERE kind = ? AND result = 'done'", kind);
  const recorded = {
    remove: new Set(actionsOf('remove').map((row) => row['container_id'])),
    start: new Set(actionsOf('start').map((row) => row['container_id'])),
  };
  const missing = {
    removed: destroyed().filter(({ id }) => !recorded.remove.has(id)),
    // The start of a container that the test removed before the next run read the engine cannot be known.
    started: started().filter(({ id }) => !recorded.start.has(id) && !removedByTest.has(id)),
  };
  const [cut] = runs.query("SELECT count(*) AS n FROM fault WHERE message LIKE 'Vigía ended during cycle%'");
  reportRow(
    `daemon killed ${kills} times`,
    `${runs.lastTick()} cycles, ${cut?.['n']} interrupted during their actions`,
    `${unrecorded} of ${reported} reported cycles not in the record`,
    `${destroyed().length} removed and ${started().length} started, ` +
      `${missing.removed.length + missing.started.length} of these not in the record`,
    `integrity ok ${kills} times`,
    `3 + 2 after ${settled - last} cycles`,
  );
  assert.ok(destroyed().length > kills / 8 && started().length > kills / 4, 'enough actions were done');
  assert.deepEqual(missing, { removed: [], started: [] });
  assert.equal(unrecorded, 0);
  assert.deepEqual(bystanders.map(pidOf), pids, 'foreign and protected containers keep running');
  assert.ok(bystanders.every(isRunning));
});
