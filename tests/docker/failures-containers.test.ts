import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { DaemonRuns, longTest, reportRow, running } from './daemon-runs.ts';
import { docker, exists, isRunning, ROOT, removeAll, start, until } from './real-engine.ts';

/**
 * The failure table: misbehaving containers, hostile names and foreign changes of the cron file, with the real daemon.
 */

const BATCH = `failures-containers-${process.pid}`;
const DISPOSABLE = { 'vigia.managed': 'true', 'vigia.disposable': 'true' };
const CRON_FILE = '/etc/cron.d/vigia-workload';
const SHELL = 'vigia-test/shell';
const NEIGHBOUR = '# belongs to another package\n';

before(() => {
  execFileSync(join(ROOT, 'workload/build-images.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
  removeAll('vigia.managed=true');
  const root = mkdtempSync(join(tmpdir(), 'vigia-shell-'));
  execFileSync('cp', ['/bin/busybox', join(ROOT, 'workload/images/idle/vigia-idle'), root]);
  for (const name of ['sh', 'sleep', 'cp']) symlinkSync('busybox', join(root, name));
  execFileSync('sh', ['-c', `tar -C "$0" -c . | docker import --change 'ENV PATH=/' - ${SHELL}`, root]);
  rmSync(root, { recursive: true });
});
afterEach(() => removeAll(`vigia.test=${BATCH}`, 'vigia.managed=true'));
after(() => docker('rmi', SHELL));

/** Starts a disposable container that runs this script. Its class follows from what it uses. */
const script = (text: string, ...flags: string[]): string => {
  const labels = Object.entries({ ...DISPOSABLE, 'vigia.test': BATCH });
  return docker(
    ...['run', '--detach', '--network', 'none'],
    ...labels.flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...flags,
    ...[SHELL, 'sh', '-c', text],
  );
};

test('the daemon continues when its cron file is altered, deleted or replaced by a link, and touches no other file', async (t) => {
  const runs = new DaemonRuns({ page: { port: 19_000 + (process.pid % 1000) } });
  const neighbour = '/etc/cron.d/vigia-test-neighbour';
  t.after(() => {
    runs.end();
    for (const file of [CRON_FILE, neighbour]) rmSync(file, { force: true });
  });
  const status = () => spawnSync(join(ROOT, 'vigia'), ['cron', 'status'], { encoding: 'utf8' }).stdout.trim();
  writeFileSync(neighbour, NEIGHBOUR);
  const run = runs.begin(['up', '--without-page']);
  // Without a cron daemon on this host the job is installed all the same.
  await run.untilOutput(/^(cron: installed|warning: cron: no cron daemon runs)/m);
  assert.equal(status(), 'installed');
  await runs.settled(0);

  writeFileSync(CRON_FILE, '* * * * * root rm -rf /somewhere\n', { flag: 'a' });
  assert.equal(status(), 'not installed, or altered');
  rmSync(CRON_FILE);
  assert.equal(status(), 'not installed, or altered');
  symlinkSync(neighbour, CRON_FILE);
  await runs.settled();
  assert.equal(await run.end(), 0, run.output());
  const unrecorded = runs.unrecorded(run).length;
  assert.equal(existsSync(CRON_FILE), false);
  assert.equal(readFileSync(neighbour, 'utf8'), NEIGHBOUR);

  // A killed daemon leaves its file behind. Here a link has replaced it since.
  symlinkSync(neighbour, CRON_FILE);
  const next = runs.begin(['up', '--without-page']);
  await next.untilOutput(/replaced the job of an earlier run/);
  assert.equal(status(), 'installed');
  assert.equal(readFileSync(neighbour, 'utf8'), NEIGHBOUR);
  assert.equal(await next.end(), 0, next.output());
  reportRow(
    'cron file altered',
    run.cycleSummary(),
    `${unrecorded} records lost`,
    'altered, deleted, replaced by a link: reported by `vigia cron status`, replaced at the next start, removed at the end',
  );
});

longTest(
  'a container that ignores SIGTERM is killed after its grace period, and no cycle is lost',
  async (t) => {
    const runs = new DaemonRuns();
    t.after(() => runs.end());
    const ignoring = script("trap '' TERM; while :; do :; done");
    const run = runs.begin();
    await until('it is removed', () => !exists(ignoring));
    await runs.settled();
    assert.equal(await run.end(), 0, run.output());
    const [action] = runs.query(
      "SELECT result, took_ms FROM action WHERE kind = 'remove' AND container_id = ?",
      ignoring,
    );
    reportRow(
      'a container that ignores SIGTERM',
      `removed in ${Number(action?.['took_ms']).toFixed(0)} ms, its grace period is 2000 ms`,
      run.cycleSummary(),
      `${runs.unrecorded(run).length} records lost`,
    );
    assert.equal(action?.['result'], 'done');
    assert.ok(Number(action?.['took_ms']) >= 2000, 'it had its grace period');
  },
);

longTest('a fork bomb is restarted or removed, the other containers stay, cycles continue', async (t) => {
  const runs = new DaemonRuns({
    soft: { graceSeconds: 3, minAgeSeconds: 1 },
    patterns: { forkStorm: { processes: 60 } },
  });
  t.after(() => runs.end());
  const bystander = start(BATCH, 'vigia/idle', {
    ...DISPOSABLE,
    'vigia.protected': 'true',
    'vigia.class': 'low',
  });
  const run = runs.begin();
  await runs.settled(0);
  // In its first minute a run may start any number of processes: the bomb waits. The init does not fork: a shell that
  // cannot fork ends.
  const bomb = script(
    'f() { f & f & sleep 60; }; (sleep 63; f) & exec sleep 600',
    ...['--pids-limit', '150', '--label', 'vigia.priority=5'],
  );
  await until('it is gone', () => !exists(bomb));
  await runs.settled();
  assert.equal(await run.end(), 0, run.output());
  const actions = runs.query(
    "SELECT kind, because FROM action WHERE container_id = ? AND result = 'done' ORDER BY id",
    bomb,
  );
  const [peak] = runs.query(
    'SELECT max(process_count) AS n FROM container_sample AS s JOIN container AS c ON c.key = s.container WHERE c.id = ?',
    bomb,
  );
  reportRow(
    'fork bomb',
    `${peak?.['n']} processes at its peak, then ${actions.map(({ kind }) => kind).join(', ')}`,
    run.cycleSummary(),
    `${runs.unrecorded(run).length} records lost`,
  );
  assert.match(String(actions[0]?.['because']), /fork storm: \d+ processes/);
  assert.ok(isRunning(bystander));
  assert.deepEqual(runs.query('SELECT 1 FROM action WHERE container_id = ?', bystander), []);
});

test('names with quotes, HTML, control bytes and invalid UTF-8 are recorded and printed as plain text', async (t) => {
  const runs = new DaemonRuns({ topProcesses: 1000 });
  t.after(() => runs.end());
  // The kernel keeps 15 bytes of a name. The last one imitates the end of a name and the state in /proc/<pid>/stat.
  const names = [
    String.raw`"<b>\033[2J`,
    String.raw`\047;DROP--\n`,
    String.raw`\377\376\001\177`,
    String.raw`) R 1 (\\`,
  ];
  const hostile = names.map((name) =>
    script(
      `n=$(printf '/${name}.'); n=\${n%.}; cp /vigia-idle "$n"; exec "$n"`,
      ...['--label', `vigia.class=<img src=x onerror='alert("1")'>\u0001`, '--label', 'vigia.priority=5'],
    ),
  );
  const run = runs.begin();
  await runs.settled(0);
  await until('one of four is too many', () => hostile.filter(exists).length === 3);
  await runs.settled();
  const gone = hostile.find((id) => !exists(id)) ?? '';
  const outputs = [
    ['status'],
    ['events', '--limit', '50', '--why'],
    ['top', '--once'],
    ['explain', gone.slice(0, 12)],
  ].map((args) => runs.vigia(...args));
  assert.equal(await run.end(), 0, run.output());

  runs.assertIntact();
  const rows = runs.query(
    `SELECT DISTINCT p.name, p.cmdline FROM process_sample AS p JOIN container AS c ON c.id = p.container_id
     WHERE c.id IN (${hostile.map((id) => `'${id}'`).join(', ')})`,
  );
  reportRow(
    'hostile names',
    run.cycleSummary(),
    `${runs.unrecorded(run).length} records lost`,
    `recorded as ${JSON.stringify(rows.map(({ name }) => name))}`,
    '0 control bytes in status, events, top and explain',
  );
  for (const text of [...outputs, run.output()]) assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u);
  assert.equal(running().length, 5);
  const recorded = runs.query('SELECT name FROM process_sample').map(({ name }) => String(name));
  for (const part of ['"<b>', "';DROP--", '\ufffd', ') R 1 (']) {
    assert.ok(
      recorded.some((name) => name.includes(part)),
      part,
    );
  }
});
