import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import type { Candidate } from '../../daemon/src/model/decision.ts';
import { scorePart, TRIM_SCORE_PARTS } from '../../daemon/src/model/score.ts';
import { docker, kernelComplaints, lastTick, query, type Row, run, status, until } from './guest.ts';

/** The whole assignment, in the order in which it happens. The service runs and has recorded its first cycle. */

const CONTINFO = '/proc/continfo_so1_201903553';
const SYSINFO = '/proc/sysinfo_so1_201903553';
const CRON_FILE = '/etc/cron.d/vigia-workload';

let foreign = '';
let guarded = '';

before(() => {
  foreign = docker('run', '--detach', '--network', 'none', '--name', 'foreign', 'vigia/cpu');
  guarded = docker(
    'run',
    '--detach',
    '--network',
    'none',
    '--name',
    'guarded',
    '--label',
    'vigia.managed=true',
    '--label',
    'vigia.protected=true',
    '--label',
    'vigia.class=high',
    'vigia/idle',
  );
});
after(() => {
  for (const line of cycleTable(15)) console.log(line);
});

/** Cycles that knew the class of every managed container and whose actions were all done. */
const settledCycles = () =>
  query(`SELECT * FROM cycle AS c WHERE unknown_before = 0 AND plan IN ('act', 'hold')
         AND NOT EXISTS (SELECT 1 FROM action WHERE tick = c.tick AND result <> 'done')
         AND NOT EXISTS (SELECT 1 FROM fault WHERE tick = c.tick AND blind = 1) ORDER BY tick`);

const batchesOfCron = () =>
  query(
    "SELECT DISTINCT substr(name, instr(name, '-2') + 1, 12) AS batch FROM container WHERE name GLOB 'vigia-*-[0-9]*-*-*'",
  ).length;

test('both modules are loaded and both files are whole JSON of schema 1', () => {
  for (const file of [CONTINFO, SYSINFO]) {
    const content = JSON.parse(readFileSync(file, 'utf8'));
    assert.equal(content.schema, 1);
    assert.equal(content.complete, true);
    assert.ok(content.memory.total_kb > content.memory.free_kb);
  }
  assert.equal(
    query('SELECT DISTINCT sensor FROM cycle')
      .map((row) => row['sensor'])
      .join(),
    'kernel',
  );
});

test('the page answers on loopback, as another user than root; the loop listens on nothing', async () => {
  const answer = await fetch('http://127.0.0.1:8080/api/status');
  assert.equal(answer.status, 200);
  const ours = readFileSync('/sys/fs/cgroup/system.slice/vigia.service/cgroup.procs', 'utf8')
    .trim()
    .split('\n');
  const listeners = run('ss', '--listening', '--tcp', '--udp', '--numeric', '--processes')
    .split('\n')
    .filter((line) => ours.some((pid) => line.includes(`pid=${pid},`)));
  assert.equal(listeners.length, 1, listeners.join('\n'));
  const pid = /pid=(\d+)/.exec(listeners[0] ?? '')?.[1] ?? '';
  assert.match(listeners[0] ?? '', /127\.0\.0\.1:8080/);
  assert.equal(run('ps', '-o', 'user=', '-p', pid), 'vigia');
  assert.match(run('ps', '-o', 'args=', '-p', pid), / serve --with-parent$/);
});

test("without Grafana's image there is at most one warning, and everything else continues", () => {
  const warnings = run('journalctl', '--unit', 'vigia', '--output', 'cat', '--no-pager')
    .split('\n')
    .filter((line) => line.startsWith('warning: grafana:'));
  assert.ok(warnings.length <= 1, warnings.join('\n'));
});

test('cron fires at least twice, and the containers that it starts are classified and trimmed', {
  timeout: 900_000,
}, async () => {
  await until('two batches of ten from cron', 400, () => batchesOfCron() >= 2);
  const seen = lastTick();
  // Batches continue, and a cycle that reads a half-started one does not know all classes: the timeout is generous.
  await until('a settled cycle after it', 360, () =>
    settledCycles().some((row) => Number(row['tick']) > seen),
  );
});

test('every cycle that knew all classes ended with exactly 3 low and 2 high', () => {
  const settled = settledCycles();
  assert.ok(settled.length >= 3, `${settled.length} settled cycles`);
  for (const row of settled)
    assert.deepEqual([row['low_after'], row['high_after']], [3, 2], `cycle ${row['tick']}`);
});

test('no action of ours took a class below its floor', () => {
  let removals = 0;
  for (const row of query('SELECT * FROM cycle')) {
    for (const [level, keep] of [
      ['low', 3],
      ['high', 2],
    ] as const) {
      const [removed] = query(
        "SELECT count(*) AS n FROM action WHERE tick = ? AND kind = 'remove' AND level = ? AND result = 'done'",
        Number(row['tick']),
        level,
      );
      const left = Number(row[`${level}_before`]) - Number(removed?.['n']);
      assert.ok(Number(removed?.['n']) === 0 || left >= keep, `cycle ${row['tick']}: ${left} ${level} left`);
      removals += Number(removed?.['n']);
    }
  }
  assert.ok(removals >= 10, `${removals} removals`);
});

test('of each class the containers that use least are kept: none of them uses more than one that was removed', () => {
  let compared = 0;
  // Cycles with unclassified containers too: while a batch starts there is hardly another one that trims.
  for (const { tick, body } of query('SELECT tick, body FROM evidence ORDER BY tick')) {
    const { candidates } = JSON.parse(inflateSync(body as Uint8Array).toString()) as {
      candidates: Candidate[];
    };
    // While memory runs out candidates are ranked by another score.
    if (candidates.some(({ score }) => score.length !== TRIM_SCORE_PARTS.length)) continue;
    for (const one of candidates)
      assert.equal(scorePart(one, TRIM_SCORE_PARTS, 'resourceShare'), one.share, one.name);
    for (const level of ['low', 'high']) {
      const sharesOf = (code: 'within-quota' | undefined): number[] =>
        candidates
          .filter((one) => one.level === level && one.excluded?.code === code)
          // A pending removal is retried first, and a priority decides before usage does.
          .filter((one) => scorePart(one, TRIM_SCORE_PARTS, 'pendingRemoval') === 0)
          .filter((one) => scorePart(one, TRIM_SCORE_PARTS, 'negatedPriority') === 0)
          .map(({ share }) => share);
      const [kept, removed] = [sharesOf('within-quota'), sharesOf(undefined)];
      if (kept.length === 0 || removed.length === 0) continue;
      compared += 1;
      assert.ok(Math.max(...kept) <= Math.min(...removed), `cycle ${tick}, ${level}`);
    }
  }
  assert.ok(compared > 0, 'no class was trimmed');
});

test('a container is classified by what it uses: swapped class labels do not matter', {
  timeout: 300_000,
}, async () => {
  const swapped = [
    ['cpu', 'low'],
    ['ram', 'low'],
    ['idle', 'high'],
  ] as const;
  const ids = swapped.map(([kind, label]) =>
    docker(
      'run',
      '--detach',
      '--network',
      'none',
      '--label',
      'vigia.managed=true',
      '--label',
      'vigia.disposable=true',
      '--label',
      `vigia.class=${label}`,
      `vigia/${kind}`,
    ),
  );
  const levelOf = (id: string) =>
    query(
      "SELECT s.level FROM container_sample AS s JOIN container AS c ON c.key = s.container WHERE c.id = ? AND s.level <> 'unknown' LIMIT 1",
      id,
    )[0]?.['level'];
  await until('all three classified', 240, () => ids.every(levelOf));
  assert.deepEqual(ids.map(levelOf), ['high', 'high', 'low']);

  const misclassified =
    query(`SELECT c.image, s.level, s.because, count(*) AS n FROM container_sample AS s JOIN container AS c ON c.key = s.container
    WHERE c.kind = 'disposable' AND s.level <> 'unknown' AND s.level <> CASE c.image WHEN 'vigia/idle' THEN 'low' ELSE 'high' END GROUP BY 1, 2, 3`);
  assert.deepEqual(misclassified, []);
});

test('the engine itself counts 5 disposable containers once cron is quiet', {
  timeout: 360_000,
}, async () => {
  run('systemctl', 'stop', 'cron');
  try {
    await until('five running after a settled cycle', 300, () => {
      const tick = lastTick();
      const settled = settledCycles().some((row) => row['tick'] === tick);
      return (
        settled && docker('ps', '--quiet', '--filter', 'label=vigia.disposable=true').split('\n').length === 5
      );
    });
  } finally {
    run('systemctl', 'start', 'cron');
  }
});

test('the module and the cgroup report the same CPU time and memory of a busy container', {
  timeout: 120_000,
}, async () => {
  type Sensed = {
    id: string;
    cgroup: string;
    rss_kb: number;
    cpu_time_ns: number;
    memory_current_kb: number;
  };
  const sample = (): Sensed => {
    const found = (JSON.parse(readFileSync(CONTINFO, 'utf8')).containers as Sensed[]).find(
      ({ id }) => id === foreign,
    );
    assert.ok(found);
    return found;
  };
  const { cgroup } = sample();
  const file = (name: string) => readFileSync(`/sys/fs/cgroup${cgroup}/${name}`, 'utf8');
  const cgroupCpu = () => Number(/^usage_usec (\d+)/m.exec(file('cpu.stat'))?.[1]) * 1000;

  // The cgroup also counts what runc used before it started the program: it is ahead of the module by a constant. So
  // the increases over the same time are compared, with one reading of the module between two of the cgroup.
  const [outerStart, start, innerStart] = [cgroupCpu(), sample(), cgroupCpu()];
  await until('a second of CPU', 60, () => cgroupCpu() - innerStart > 1e9);
  const [innerEnd, end, outerEnd] = [cgroupCpu(), sample(), cgroupCpu()];
  const used = end.cpu_time_ns - start.cpu_time_ns;
  const tick = 2e7;
  assert.ok(
    used >= innerEnd - innerStart - tick && used <= outerEnd - outerStart + tick,
    `${innerEnd - innerStart} ≤ ${used} ≤ ${outerEnd - outerStart}`,
  );
  assert.ok(end.cpu_time_ns <= outerEnd, 'the cgroup also counts processes that have exited');

  const memory = Number(file('memory.current')) / 1024;
  assert.ok(Math.abs(memory - end.memory_current_kb) <= 128, `${memory} and ${end.memory_current_kb}`);
  const pid = docker('inspect', '--format', '{{.State.Pid}}', foreign);
  assert.equal(end.rss_kb, Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]));
});

test('foreign and protected containers were never touched, and no action names them', () => {
  for (const id of [foreign, guarded]) {
    const [state] = JSON.parse(docker('inspect', id)) as {
      State: { Running: boolean };
      RestartCount: number;
    }[];
    assert.equal(state?.State.Running, true);
    assert.deepEqual(query('SELECT * FROM action WHERE container_id = ?', id), []);
  }
});

test('every removal is recorded with its reason and its outcome', () => {
  const removals = query("SELECT * FROM action WHERE kind = 'remove' AND level IS NOT NULL");
  assert.ok(removals.length >= 10, `${removals.length} removals`);
  for (const row of removals) {
    assert.match(String(row['because']), /^\d+ (low|high)-consumption containers?, quota \d; this one: /);
    assert.ok(String(row['detail']).length > 0);
  }
  const lives = query('SELECT * FROM container WHERE removed_at IS NOT NULL');
  assert.ok(lives.length >= 10);
  assert.ok(
    lives.every(
      (row) => Number(row['removed_at']) >= Number(row['first_seen']) && row['removed_because_code'],
    ),
  );
});

test('status, events and classify print the state, the actions and the classes', () => {
  assert.match(run('./vigia', 'status'), /running .*sensor kernel[\s\S]*quotas {2}low \d\/3 {2}high \d\/2/);
  assert.match(run('./vigia', 'events', '--limit', '3'), /remove|start/);
  assert.match(run('./vigia', 'classify'), /Low consumption \(\d+\)[\s\S]*High consumption \(\d+\)/);
  assert.ok(
    Array.isArray((JSON.parse(run('./vigia', 'classify', SYSINFO, '--json')) as { low: unknown }).low),
  );
});

test('SIGTERM leaves no cron job, no modules, a database without a journal, and no complaint in the kernel log', () => {
  const workload = () =>
    docker('ps', '--all', '--quiet', '--filter', 'label=vigia.spawn').split('\n').filter(Boolean);
  assert.ok(workload().length > 0);
  run('systemctl', 'stop', 'vigia');
  assert.equal(existsSync(CRON_FILE), false);
  assert.doesNotMatch(readFileSync('/proc/modules', 'utf8'), /_so1/);
  assert.deepEqual([existsSync(CONTINFO), existsSync(SYSINFO)], [false, false]);
  assert.equal(status('flock', '--nonblock', '/run/vigia/loop.lock', 'true'), 0, 'the lock is free');
  assert.deepEqual(
    [existsSync('/var/lib/vigia/vigia.db-wal'), existsSync('/var/lib/vigia/vigia.db')],
    [false, true],
  );
  assert.deepEqual(workload(), [], 'what the set-up started goes with it');
  for (const id of [foreign, guarded])
    assert.equal(
      docker('inspect', '--format', '{{.State.Running}}', id),
      'true',
      'what it did not start stays',
    );
  assert.equal(run('systemctl', 'show', '--property', 'Result', 'vigia'), 'Result=success');
  assert.deepEqual(kernelComplaints(), []);
});

function cycleTable(count: number): string[] {
  const rows: Row[] = query(
    `SELECT tick, low_before, high_before, unknown_before, low_after, high_after, removed, started,
    round(sense_ms + decide_ms + act_ms) AS ms FROM cycle ORDER BY tick LIMIT ?`,
    count,
  );
  const line = (cells: unknown[]) => cells.map((cell) => String(cell).padStart(8)).join('');
  return [
    line(['cycle', 'low', 'high', 'unknown', '→ low', 'high', 'removed', 'started', 'ms']),
    ...rows.map((row) => line(Object.values(row))),
  ];
}
