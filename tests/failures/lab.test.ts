import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { docker, kernelComplaints, lastTick, query, type Row, run, status, until } from '../lab/guest.ts';

/** The failure table, the part that needs a machine of its own: unloaded modules, false sensor files, clock jumps. */

const CONFIG = '/etc/vigia/config.yaml';
const CONTINFO = '/proc/continfo_so1_201903553';
const FAST_SETTINGS = 'cycleSeconds: 3\nclassify: { minSeconds: 2 }\ncron: { install: false }\n';

let foreign = '';

const cyclesAfter = (tick: number): Row[] =>
  query(
    `SELECT *, (SELECT group_concat(message) FROM fault WHERE fault.tick = cycle.tick AND blind = 1) AS blind
     FROM cycle WHERE tick > ? ORDER BY tick`,
    tick,
  );
/** The process of the loop. It stays the same in these tests: after a crash systemd would start another one. */
const loopPid = () => run('systemctl', 'show', '--property', 'MainPID', '--value', 'vigia');
const settledAfter = (tick: number, seconds: number): Promise<Row> =>
  until('3 low and 2 high', seconds, () =>
    cyclesAfter(tick).find(
      (row) =>
        row['blind'] === null &&
        row['unknown_before'] === 0 &&
        row['low_before'] === 3 &&
        row['high_before'] === 2,
    ),
  );
/** Starts one container too many and waits until it is removed: a daemon that decides by wrong figures fails here. */
async function assertTrims(): Promise<void> {
  const tick = lastTick();
  docker('run', '--detach', '--network', 'none', '--label', 'vigia.managed=true', 'vigia/idle');
  await until('the surplus is removed', 90, () =>
    cyclesAfter(tick).some((row) => Number(row['removed']) > 0),
  );
  await settledAfter(lastTick(), 90);
}
function reportRow(row: string, since: number, ...seen: string[]): void {
  const cycles = cyclesAfter(since);
  const ticks = cycles.map(({ tick }) => Number(tick));
  const missing = Number(ticks.at(-1)) - since - ticks.length;
  const held = cycles.filter(({ blind }) => blind !== null).length;
  console.log(
    `# ${row}: ${[`${ticks.length} cycles, ${held} lost (held blind)`, `${missing} records lost`, ...seen].join(' · ')}`,
  );
}

before(async () => {
  run('workload/build-images.sh');
  run('systemctl', 'stop', 'vigia');
  status('bash', '-c', 'docker ps -aq | xargs -r docker rm -f');
  mkdirSync('/etc/vigia', { recursive: true });
  writeFileSync(CONFIG, FAST_SETTINGS);
  foreign = docker('run', '--detach', '--network', 'none', 'vigia/cpu');
  const tick = lastTick();
  run('systemctl', 'start', 'vigia');
  await settledAfter(tick, 180);
});
after(() => {
  rmSync(CONFIG, { force: true });
  run('systemctl', 'stop', 'vigia');
});

test('when a module is unloaded one cycle holds and the next reads /proc; when it is loaded again the modules are used', {
  timeout: 400_000,
}, async () => {
  const [pid, since] = [loopPid(), lastTick()];
  run('rmmod', 'continfo_so1');
  await until('a cycle from /proc', 60, () =>
    cyclesAfter(since).some((row) => row['sensor'] === 'procfs' && row['blind'] === null),
  );
  await assertTrims();
  run('scripts/load-modules.sh', '--carnet', '201903553');
  const loaded = lastTick();
  await until('a cycle from the modules', 60, () =>
    cyclesAfter(loaded).some((row) => row['sensor'] === 'kernel' && row['blind'] === null),
  );
  await settledAfter(loaded, 90);
  const blind = cyclesAfter(since).filter((row) => row['blind'] !== null);
  reportRow('module unloaded while running', since, '3 + 2 with either sensor');
  assert.ok(blind.length >= 1 && blind.length <= 3, `${blind.length} cycles held`);
  assert.ok(blind.every((row) => row['plan'] === 'hold' && row['removed'] === 0));
  assert.equal(loopPid(), pid);
});

test("torn, empty or hostile content of the module's file makes cycles hold and say why; no container is touched", {
  timeout: 400_000,
}, async () => {
  const whole = readFileSync(CONTINFO, 'utf8');
  const parsed = JSON.parse(whole) as { containers: Record<string, unknown>[] };
  const contents: readonly (readonly [string, string])[] = [
    ['torn', whole.slice(0, whole.length / 2)],
    ['empty', ''],
    [
      'hostile',
      JSON.stringify({
        ...parsed,
        containers: [{ ...parsed.containers[0], rss_kb: -1e300, id: '../../etc' }],
      }),
    ],
    ['hostile', JSON.stringify({ ...parsed, schema: '1; DROP TABLE cycle' })],
  ];
  // A running daemon has the module's file open. The file that is mounted over it is opened at the next start.
  run('systemctl', 'stop', 'vigia');
  const since = lastTick();
  const ids = () => docker('ps', '--quiet', '--filter', 'label=vigia.managed=true').split('\n').sort().join();
  const before = ids();
  run('scripts/load-modules.sh', '--carnet', '201903553');
  const file = '/run/vigia-test-content';
  writeFileSync(file, contents[0]?.[1] ?? '');
  run('mount', '--bind', file, CONTINFO);
  try {
    writeFileSync(CONFIG, `${FAST_SETTINGS}sensor: kernel\n`);
    run('systemctl', 'start', '--no-block', 'vigia');
    for (const [, content] of contents) {
      writeFileSync(file, content);
      const tick = Math.max(lastTick(), since);
      await until('two cycles that hold', 60, () => cyclesAfter(tick).length >= 2);
      const rows = cyclesAfter(tick).slice(0, 2);
      for (const row of rows) assert.match(String(row['blind']), /not schema 1|cut or not JSON|empty/);
    }
    assert.equal(ids(), before, 'no container was started or removed');
  } finally {
    run('umount', CONTINFO);
  }
  const restored = lastTick();
  await settledAfter(restored, 90);
  const [again] = cyclesAfter(restored).filter((row) => row['blind'] === null);
  reportRow(
    'torn, empty, hostile /proc content',
    since,
    `reads again ${Number(again?.['tick']) - restored} cycles after the file is whole`,
  );
  assert.ok(cyclesAfter(since).every((row) => row['blind'] === null || row['removed'] === 0));
});

test('when the clock is set forwards and backwards cycles keep their interval and decisions stay right', {
  timeout: 400_000,
}, async () => {
  const [pid, since] = [loopPid(), lastTick()];
  status('systemctl', 'stop', 'systemd-timesyncd');
  const paces: number[] = [];
  for (const jump of ['+1 hour', '-2 hours', '+1 hour']) {
    run('date', '--set', jump);
    const [tick, began] = [lastTick(), performance.now()];
    await until('five cycles', 90, () => lastTick() >= tick + 5);
    paces.push((performance.now() - began) / 5000);
    await assertTrims();
  }
  await settledAfter(lastTick(), 90);
  const backwards = query(
    'SELECT count(*) AS n FROM cycle AS a JOIN cycle AS b ON b.tick = a.tick + 1 WHERE a.tick > ? AND b.at < a.at - 3000',
    since,
  );
  reportRow(
    'clock set forwards and backwards',
    since,
    `a cycle every ${paces.map((seconds) => seconds.toFixed(1)).join(', ')} s, the interval is 3 s`,
    '3 + 2 after each jump',
  );
  assert.equal(backwards[0]?.['n'], 1, 'the record shows the clock that was set back');
  assert.ok(
    paces.every((seconds) => seconds < 9),
    paces.join(' '),
  );
  assert.equal(query('PRAGMA integrity_check')[0]?.['integrity_check'], 'ok');
  assert.equal(loopPid(), pid);
});

test('no foreign container was touched, and the kernel log has no complaint', () => {
  assert.equal(docker('inspect', '--format', '{{.State.Running}}', foreign), 'true');
  assert.deepEqual(query('SELECT 1 FROM action WHERE container_id = ?', foreign), []);
  assert.deepEqual(kernelComplaints(), []);
});
