import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { figures, Lives, longTest, running } from './life.ts';
import { docker, exists, isRunning, ROOT, removeAll, start, until } from './real-engine.ts';

/** The failure table: containers, names and neighbours that do as they like, under the real daemon. */

const BATCH = `failures-containers-${process.pid}`;
const MANAGED = { 'vigia.managed': 'true' };
const CRON_FILE = '/etc/cron.d/vigia-workload';
const SHELL = 'vigia-test/shell';

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

/** A managed container that runs this script; its class is what it does. */
const script = (text: string, ...flags: string[]): string =>
  docker(
    ...[
      'run',
      '--detach',
      '--network',
      'none',
      '--label',
      `vigia.test=${BATCH}`,
      '--label',
      'vigia.managed=true',
    ],
    ...flags,
    ...[SHELL, 'sh', '-c', text],
  );

test('somebody alters, replaces and deletes the cron file: the daemon goes on, and nothing else is touched', async (t) => {
  const lives = new Lives({ page: { port: 19_000 + (process.pid % 1000) } });
  const neighbour = '/etc/cron.d/vigia-test-neighbour';
  t.after(() => {
    lives.end();
    for (const file of [CRON_FILE, neighbour]) rmSync(file, { force: true });
  });
  const status = () => spawnSync(join(ROOT, 'vigia'), ['cron', 'status'], { encoding: 'utf8' }).stdout.trim();
  writeFileSync(neighbour, '# of somebody else\n');
  const life = lives.begin(['up', '--without-page']);
  await life.says(/^cron: installed/m);
  assert.equal(status(), 'installed');
  await lives.settled(0);

  writeFileSync(CRON_FILE, '* * * * * root rm -rf /somewhere\n', { flag: 'a' });
  assert.equal(status(), 'not installed, or altered');
  rmSync(CRON_FILE);
  assert.equal(status(), 'not installed, or altered');
  symlinkSync(neighbour, CRON_FILE);
  await lives.settled();
  assert.equal(await life.end(), 0, life.output());
  const unrecorded = lives.unrecorded(life).length;
  assert.equal(existsSync(CRON_FILE), false);
  assert.equal(readFileSync(neighbour, 'utf8'), '# of somebody else\n');

  // A daemon that was killed left its file behind, and somebody put something else there since.
  symlinkSync(neighbour, CRON_FILE);
  const next = lives.begin(['up', '--without-page']);
  await next.says(/replaced the job of an earlier run/);
  assert.equal(status(), 'installed');
  assert.equal(readFileSync(neighbour, 'utf8'), '# of somebody else\n');
  assert.equal(await next.end(), 0, next.output());
  figures(
    'cron file altered',
    life.decided(),
    `${unrecorded} records lost`,
    'altered, deleted, replaced by a link: said by `vigia cron status`, replaced at the next start, gone at the end',
  );
});

longTest('a container ignores SIGTERM: it is killed after its grace, and no cycle is lost', async (t) => {
  const lives = new Lives();
  t.after(() => lives.end());
  const deaf = script("trap '' TERM; while :; do :; done");
  const life = lives.begin();
  await until('it is removed', () => !exists(deaf));
  await lives.settled();
  assert.equal(await life.end(), 0, life.output());
  const [deed] = lives.query(
    "SELECT result, took_ms FROM action WHERE kind = 'remove' AND container_id = ?",
    deaf,
  );
  figures(
    'a container that ignores SIGTERM',
    `removed in ${Number(deed?.['took_ms']).toFixed(0)} ms where its grace is 2000`,
    life.decided(),
    `${lives.unrecorded(life).length} records lost`,
  );
  assert.equal(deed?.['result'], 'done');
  assert.ok(Number(deed?.['took_ms']) >= 2000, 'it had its grace');
});

longTest('a fork bomb: it is restarted or removed, the others stay, the cycles go on', async (t) => {
  const lives = new Lives({
    soft: { graceSeconds: 3, minAgeSeconds: 1 },
    patterns: { forkStorm: { processes: 60 } },
  });
  t.after(() => lives.end());
  const bystander = start(BATCH, 'vigia/idle', {
    ...MANAGED,
    'vigia.protected': 'true',
    'vigia.class': 'low',
  });
  const life = lives.begin();
  await lives.settled(0);
  // A run's first minute may come to any number. Its init forks nobody: a shell that cannot fork any more ends.
  const bomb = script(
    'f() { f & f & sleep 60; }; (sleep 63; f) & exec sleep 600',
    ...['--pids-limit', '150', '--label', 'vigia.priority=5'],
  );
  await until('it is gone', () => !exists(bomb));
  await lives.settled();
  assert.equal(await life.end(), 0, life.output());
  const deeds = lives.query(
    "SELECT kind, because FROM action WHERE container_id = ? AND result = 'done' ORDER BY id",
    bomb,
  );
  const [peak] = lives.query(
    'SELECT max(process_count) AS n FROM container_sample AS s JOIN container AS c ON c.key = s.container WHERE c.id = ?',
    bomb,
  );
  figures(
    'fork bomb',
    `${peak?.['n']} processes at its peak, then ${deeds.map(({ kind }) => kind).join(', ')}`,
    life.decided(),
    `${lives.unrecorded(life).length} records lost`,
  );
  assert.match(String(deeds[0]?.['because']), /fork storm: \d+ processes/);
  assert.ok(isRunning(bystander));
  assert.deepEqual(lives.query('SELECT 1 FROM action WHERE container_id = ?', bystander), []);
});

test('names with quotes, HTML, control bytes and invalid UTF-8: told as text, and obeyed by nobody', async (t) => {
  const lives = new Lives({ topProcesses: 1000 });
  t.after(() => lives.end());
  // 15 bytes are what the kernel keeps of a name; the last one is a parenthesis with a state behind it, as /proc writes it.
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
  const life = lives.begin();
  await lives.settled(0);
  await until('one of four is too many', () => hostile.filter(exists).length === 3);
  await lives.settled();
  const gone = hostile.find((id) => !exists(id)) ?? '';
  const told = [
    ['status'],
    ['events', '--limit', '50', '--why'],
    ['top', '--once'],
    ['explain', gone.slice(0, 12)],
  ].map((args) => lives.vigia(...args));
  assert.equal(await life.end(), 0, life.output());

  lives.assertWhole();
  const rows = lives.query(
    `SELECT DISTINCT p.name, p.cmdline FROM process_sample AS p JOIN container AS c ON c.id = p.container_id
     WHERE c.id IN (${hostile.map((id) => `'${id}'`).join(', ')})`,
  );
  figures(
    'hostile names',
    life.decided(),
    `${lives.unrecorded(life).length} records lost`,
    `recorded as ${JSON.stringify(rows.map(({ name }) => name))}`,
    '0 control bytes in status, events, top and explain',
  );
  for (const text of [...told, life.output()]) assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u);
  assert.equal(running().length, 5);
  const seen = lives.query('SELECT name FROM process_sample').map(({ name }) => String(name));
  for (const part of ['"<b>', "';DROP--", '\ufffd', ') R 1 (']) {
    assert.ok(
      seen.some((name) => name.includes(part)),
      part,
    );
  }
});
