import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { DockerEngine } from '../../daemon/src/engine/docker-engine.ts';
import {
  type DaemonRun,
  DaemonRuns,
  LONG_SHARE,
  longTest,
  type Row,
  reportRow,
  running,
} from './daemon-runs.ts';
import { FaultyEngineProxy, OwnEngine } from './own-engine.ts';
import { docker, isRunning, removeAll, start, until } from './real-engine.ts';

/** The failure table: Docker restarted, hung, or answering errors; a thousand containers (VIGIA_FAILURES=1). */
const BATCH = `failures-engine-${process.pid}`;
const DISPOSABLE = { 'vigia.managed': 'true', 'vigia.disposable': 'true' };

const engine = new OwnEngine();
const hostsEngine = process.env['DOCKER_HOST'];

before(async () => {
  process.env['DOCKER_HOST'] = `unix://${engine.socket}`;
  await engine.start();
  engine.buildImages();
});
afterEach(() => removeAll(`vigia.test=${BATCH}`, 'vigia.managed=true'));
after(async () => {
  await engine.remove();
  if (hostsEngine === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = hostsEngine;
});

const runsOn = (socket: string, settings: object = {}) =>
  new DaemonRuns({ docker: { socket, timeoutSeconds: 3 }, ...settings });

const blindCycles = (runs: DaemonRuns): Row[] =>
  runs.query('SELECT * FROM cycle AS c WHERE EXISTS (SELECT 1 FROM fault WHERE tick = c.tick AND blind = 1)');

/** Asserts that every reported cycle is recorded and that no blind one acted. Returns how many were blind. */
function assertAccounted(row: string, runs: DaemonRuns, run: DaemonRun, ...seen: string[]): number {
  const held = blindCycles(runs);
  const cycles = run.cycles();
  const lost = cycles.length - runs.query('SELECT 1 FROM cycle').length;
  reportRow(
    row,
    `${cycles.length} cycles, ${held.length} lost (held blind)`,
    `${lost} records lost`,
    ...seen,
  );
  runs.assertIntact();
  assert.equal(lost, 0);
  assert.deepEqual(
    held.filter(({ plan, removed, started }) => plan !== 'hold' || removed !== 0 || started !== 0),
    [],
  );
  return held.length;
}

test('while Docker is stopped cycles hold and say why; when it is back both classes are filled again', async (t) => {
  const runs = runsOn(engine.socket);
  t.after(() => runs.end());
  const foreign = start(BATCH, 'vigia/idle');
  const run = runs.begin();
  await runs.settled(0);

  await engine.stop();
  const stopped = runs.lastTick();
  await until('three cycles without it', () => runs.lastTick() >= stopped + 3);
  await engine.start();
  docker('start', foreign);
  const [back, began] = [runs.lastTick(), performance.now()];
  await runs.settled();
  const seconds = (performance.now() - began) / 1000;
  assert.equal(await run.end(), 0, run.output());
  const held = assertAccounted(
    'Docker stopped and started',
    runs,
    run,
    `3 + 2 again after ${seconds.toFixed(0)} s`,
  );
  assert.ok(held >= 2, `${held} cycles were held while Docker was stopped`);
  assert.match(run.output(), /engine: Docker is not reachable at .*: start it/);
  assert.ok(back > stopped);
  assert.ok(isRunning(foreign));
});

test('while Docker hangs each request has a deadline and requests become rarer; all recovers when it answers', async (t) => {
  const runs = runsOn(engine.socket);
  t.after(() => runs.end());
  const run = runs.begin();
  await runs.settled(0);
  const before = running().sort();

  engine.freeze(true);
  const frozen = runs.lastTick();
  await run.untilOutput(/engine: Docker did not answer .* is it hung\?/);
  await until('three cycles without it', () => runs.lastTick() >= frozen + 3);
  engine.freeze(false);
  const began = performance.now();
  await runs.settled();
  const seconds = (performance.now() - began) / 1000;
  assert.equal(await run.end(), 0, run.output());
  const [longest] = runs.query('SELECT max(sense_ms) AS ms FROM cycle');
  const held = assertAccounted(
    'Docker hung',
    runs,
    run,
    `the longest reading took ${Number(longest?.['ms']).toFixed(0)} ms, the deadline of a request is 3000 ms`,
    `3 + 2 again after ${seconds.toFixed(0)} s`,
  );
  assert.ok(held >= 2, `${held} cycles were held while Docker hung`);
  assert.deepEqual(running().sort(), before, 'no container was started or removed');
});

longTest(
  'when Docker refuses every removal the containers are set aside, and the removals are done afterwards',
  async (t) => {
    const proxy = new FaultyEngineProxy(engine);
    const runs = runsOn(proxy.socket, { act: { stopSeconds: 1, breakerSeconds: 8 } });
    t.after(() => {
      runs.end();
      return proxy.end();
    });
    const run = runs.begin();
    await runs.settled(0);

    proxy.refuse('DELETE');
    // Stopping works, removing does not: the daemon must not stop one container after another.
    for (const _ of [1, 2, 3]) start(BATCH, 'vigia/idle', DISPOSABLE);
    await until(
      'a cycle does nothing, since all are set aside',
      () => runs.query("SELECT 1 FROM cycle WHERE because_code ->> 'code' = 'set-aside'").length > 0,
    );
    const tried = runs.query("SELECT tick FROM action WHERE kind = 'remove' AND result = 'failed'");
    const least = runs.query(
      `SELECT min(low_before) AS low, min(high_before) AS high FROM cycle
       WHERE tick > (SELECT min(tick) FROM action WHERE result = 'failed')
       AND NOT EXISTS (SELECT 1 FROM fault WHERE fault.tick = cycle.tick AND blind = 1)`,
    )[0];
    proxy.refuse('');
    await runs.settled();
    await until(
      'five',
      () => docker('ps', '--all', '--quiet', '--filter', 'label=vigia.managed=true').split('\n').length === 5,
    );
    assert.equal(await run.end(), 0, run.output());
    assertAccounted(
      'Docker answers errors',
      runs,
      run,
      `${tried.length} removals failed in ${new Set(tried.map(({ tick }) => tick)).size} cycles before they were set aside`,
      `never fewer than ${least?.['low']} low and ${least?.['high']} high`,
      '3 + 2 afterwards',
    );
    assert.ok(Number(least?.['low']) >= 3 && Number(least?.['high']) >= 2);
  },
);

longTest(
  'with a thousand containers one cycle classifies all of them and ends with 3 low and 2 high',
  async (t) => {
    const count = Math.round(1000 * LONG_SHARE);
    const runs = runsOn(engine.socket, {
      cycleSeconds: 20,
      classify: { minSeconds: 10 },
      docker: { socket: engine.socket, timeoutSeconds: 60 },
      act: { stopSeconds: 2, atOnce: 10 },
    });
    t.after(() => runs.end());
    const api = new DockerEngine({ socket: engine.socket, timeoutSeconds: 120 });
    for (let pending = 0; pending < count; pending += 10) {
      const batch = Array.from({ length: Math.min(10, count - pending) }, (_, i) => pending + i);
      const labels = { ...DISPOSABLE, 'vigia.test': BATCH };
      await Promise.all(
        batch.map((n) =>
          api.start({ name: `thousand-${n}`, image: n % 100 === 0 ? 'vigia/ram' : 'vigia/idle', labels }),
        ),
      );
    }
    const run = runs.begin();
    await until('a first cycle', () => runs.lastTick() > 0, 600);
    await until(
      'all of them classified',
      () => runs.query('SELECT 1 FROM cycle WHERE low_before + high_before >= ?', count).length > 0,
      600,
    );
    await until('3 low and 2 high', () => running().length === 5, 3600);
    await runs.settled(runs.lastTick(), 600);
    assert.equal(await run.end(), 0, run.output());
    const [all] = runs.query(
      'SELECT tick, sense_ms, decide_ms, act_ms, removed, rss_kb FROM cycle WHERE low_before + high_before >= ? ORDER BY tick LIMIT 1',
      count,
    );
    const ms = (name: string) => `${Number(all?.[name]).toFixed(0)} ms`;
    assertAccounted(
      `${count} containers`,
      runs,
      run,
      `sense ${ms('sense_ms')}, decide ${ms('decide_ms')}, act ${ms('act_ms')} for ${all?.['removed']} removals`,
      `the loop holds ${Math.round(Number(all?.['rss_kb']) / 1024)} MiB`,
    );
    // Containers that were started for the floors may have no class yet in that cycle: take the first one that knows
    // all.
    const [known] = runs.query(
      'SELECT low_after, high_after FROM cycle WHERE tick >= ? AND unknown_before = 0 ORDER BY tick LIMIT 1',
      Number(all?.['tick']),
    );
    assert.deepEqual([known?.['low_after'], known?.['high_after']], [3, 2]);
  },
);
