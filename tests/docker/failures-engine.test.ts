import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { DockerEngine } from '../../daemon/src/engine/docker-engine.ts';
import { figures, type Life, Lives, LONG_SHARE, longTest, type Row, running } from './life.ts';
import { Liar, OwnEngine } from './own-engine.ts';
import { docker, isRunning, removeAll, start, until } from './real-engine.ts';

/** The failure table: Docker restarted, hung, or answering errors; a thousand containers (VIGIA_FAILURES=1). */
const BATCH = `failures-engine-${process.pid}`;
const MANAGED = { 'vigia.managed': 'true' };

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

const livesOn = (socket: string, settings: object = {}) =>
  new Lives({ docker: { socket, timeoutSeconds: 3 }, ...settings });

const blind = (lives: Lives): Row[] =>
  lives.query(
    'SELECT * FROM cycle AS c WHERE EXISTS (SELECT 1 FROM fault WHERE tick = c.tick AND blind = 1)',
  );

/** Every cycle that was told of is recorded, and none that was blind did anything. Returns how many were blind. */
function account(row: string, lives: Lives, life: Life, ...seen: string[]): number {
  const held = blind(lives);
  const cycles = life.cycles();
  const lost = cycles.length - lives.query('SELECT 1 FROM cycle').length;
  figures(row, `${cycles.length} cycles, ${held.length} lost (held blind)`, `${lost} records lost`, ...seen);
  lives.assertWhole();
  assert.equal(lost, 0);
  assert.deepEqual(
    held.filter(({ plan, removed, started }) => plan !== 'hold' || removed !== 0 || started !== 0),
    [],
  );
  return held.length;
}

test('Docker is stopped and started again: cycles hold meanwhile and say why, then both classes are filled anew', async (t) => {
  const lives = livesOn(engine.socket);
  t.after(() => lives.end());
  const foreign = start(BATCH, 'vigia/idle');
  const life = lives.begin();
  await lives.settled(0);

  await engine.stop();
  const stopped = lives.lastTick();
  await until('three cycles without it', () => lives.lastTick() >= stopped + 3);
  await engine.start();
  docker('start', foreign);
  const [back, began] = [lives.lastTick(), performance.now()];
  await lives.settled();
  const seconds = (performance.now() - began) / 1000;
  assert.equal(await life.end(), 0, life.output());
  const held = account(
    'Docker stopped and started',
    lives,
    life,
    `3 + 2 again after ${seconds.toFixed(0)} s`,
  );
  assert.ok(held >= 2, `${held} cycles were held while Docker was stopped`);
  assert.match(life.output(), /engine: Docker is not reachable at .*: start it/);
  assert.ok(back > stopped);
  assert.ok(isRunning(foreign));
});

test('Docker hangs: each question has its deadline, it is asked less often, and all is well when it answers', async (t) => {
  const lives = livesOn(engine.socket);
  t.after(() => lives.end());
  const life = lives.begin();
  await lives.settled(0);
  const before = running().sort();

  engine.freeze(true);
  const frozen = lives.lastTick();
  await life.says(/engine: Docker did not answer .* is it hung\?/);
  await until('three cycles without it', () => lives.lastTick() >= frozen + 3);
  engine.freeze(false);
  const began = performance.now();
  await lives.settled();
  const seconds = (performance.now() - began) / 1000;
  assert.equal(await life.end(), 0, life.output());
  const [longest] = lives.query('SELECT max(sense_ms) AS ms FROM cycle');
  const held = account(
    'Docker hung',
    lives,
    life,
    `the longest question took ${Number(longest?.['ms']).toFixed(0)} ms where its deadline is 3000`,
    `3 + 2 again after ${seconds.toFixed(0)} s`,
  );
  assert.ok(held >= 2, `${held} cycles were held while Docker hung`);
  assert.deepEqual(running().sort(), before, 'nobody came or went');
});

longTest(
  'Docker answers errors to every removal: the breaker opens, and what is due is done afterwards',
  async (t) => {
    const liar = new Liar(engine);
    const lives = livesOn(liar.socket, { act: { stopSeconds: 1, breakerSeconds: 8 } });
    t.after(() => {
      lives.end();
      return liar.end();
    });
    const life = lives.begin();
    await lives.settled(0);

    liar.refuse('DELETE');
    // Stopping works, removing does not: it must not go on stopping one after the other.
    for (const _ of [1, 2, 3]) start(BATCH, 'vigia/idle', MANAGED);
    await until(
      'the breaker holds a cycle',
      () =>
        lives.query("SELECT 1 FROM cycle WHERE because LIKE '%breaker%' OR because LIKE '%failed in%'")
          .length > 0,
    );
    const tried = lives.query("SELECT tick FROM action WHERE kind = 'remove' AND result = 'failed'");
    const least = lives.query(
      `SELECT min(low_before) AS low, min(high_before) AS high FROM cycle
       WHERE tick > (SELECT min(tick) FROM action WHERE result = 'failed')
       AND NOT EXISTS (SELECT 1 FROM fault WHERE fault.tick = cycle.tick AND blind = 1)`,
    )[0];
    liar.refuse('');
    await lives.settled();
    await until(
      'five',
      () => docker('ps', '--all', '--quiet', '--filter', 'label=vigia.managed=true').split('\n').length === 5,
    );
    assert.equal(await life.end(), 0, life.output());
    account(
      'Docker answers errors',
      lives,
      life,
      `${tried.length} removals failed in ${new Set(tried.map(({ tick }) => tick)).size} cycles before the breaker opened`,
      `never fewer than ${least?.['low']} low and ${least?.['high']} high`,
      '3 + 2 afterwards',
    );
    assert.ok(Number(least?.['low']) >= 3 && Number(least?.['high']) >= 2);
  },
);

longTest('a thousand containers: one cycle sees all of them, and ends with 3 low and 2 high', async (t) => {
  const count = Math.round(1000 * LONG_SHARE);
  const lives = livesOn(engine.socket, {
    cycleSeconds: 20,
    classify: { minSeconds: 10 },
    docker: { socket: engine.socket, timeoutSeconds: 60 },
    act: { stopSeconds: 2, atOnce: 10 },
  });
  t.after(() => lives.end());
  const api = new DockerEngine({ socket: engine.socket, timeoutSeconds: 120 });
  for (let pending = 0; pending < count; pending += 10) {
    const batch = Array.from({ length: Math.min(10, count - pending) }, (_, i) => pending + i);
    const labels = { ...MANAGED, 'vigia.test': BATCH };
    await Promise.all(
      batch.map((n) =>
        api.start({ name: `thousand-${n}`, image: n % 100 === 0 ? 'vigia/ram' : 'vigia/idle', labels }),
      ),
    );
  }
  const life = lives.begin();
  await until('a first cycle', () => lives.lastTick() > 0, 600);
  await until(
    'all of them classified',
    () => lives.query('SELECT 1 FROM cycle WHERE low_before + high_before >= ?', count).length > 0,
    600,
  );
  await until('3 low and 2 high', () => running().length === 5, 3600);
  await lives.settled(lives.lastTick(), 600);
  assert.equal(await life.end(), 0, life.output());
  const [all] = lives.query(
    'SELECT tick, sense_ms, decide_ms, act_ms, removed, rss_kb FROM cycle WHERE low_before + high_before >= ? ORDER BY tick LIMIT 1',
    count,
  );
  const ms = (name: string) => `${Number(all?.[name]).toFixed(0)} ms`;
  account(
    `${count} containers`,
    lives,
    life,
    `sense ${ms('sense_ms')}, decide ${ms('decide_ms')}, act ${ms('act_ms')} for ${all?.['removed']} removals`,
    `the loop holds ${Math.round(Number(all?.['rss_kb']) / 1024)} MiB`,
  );
  // What was started for the floors meanwhile has no class yet in that cycle, perhaps: the first that knows all of them.
  const [known] = lives.query(
    'SELECT low_after, high_after FROM cycle WHERE tick >= ? AND unknown_before = 0 ORDER BY tick LIMIT 1',
    Number(all?.['tick']),
  );
  assert.deepEqual([known?.['low_after'], known?.['high_after']], [3, 2]);
});
