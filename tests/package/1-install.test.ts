import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { docker, kernelComplaints, lastTick, query, run, status, until } from '../lab/guest.ts';
import {
  apt,
  CONFIG,
  CRON_FILE,
  isActive,
  journal,
  keepListing,
  MODULES,
  packageFile,
  property,
  record,
  remember,
  UNITS,
  VERSION,
} from './machine.ts';

/** The package on a machine that never had Vigía: one command installs it, and everything runs within its limits. */

const WRITTEN_BEFORE = '# Written before the package came.\nretention:\n  samplesDays: 8\n';
/** The same with the demo. */
const WITH_DEMO = `${WRITTEN_BEFORE}demo: true\n`;

const mainPid = (unit: string): string => property(unit, 'MainPID');
const inStatus = (pid: string, field: string): string =>
  new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';

test('the machine is fresh: what the lab installed of Vigía is removed', () => {
  rmSync('/etc/systemd/system/vigia.service', { force: true });
  rmSync('/etc/systemd/system/multi-user.target.wants/vigia.service', { force: true });
  run('systemctl', 'daemon-reload');
  status('userdel', 'vigia');
  status('groupdel', 'vigia');
  assert.notEqual(status('getent', 'passwd', 'vigia'), 0);
  assert.deepEqual(
    ['/var/lib/vigia', '/run/vigia', CRON_FILE].filter((path) => existsSync(path)),
    [],
  );
  keepListing();
});

test('apt install without a network starts everything and keeps an existing configuration', () => {
  // As Ansible or cloud-init would create it.
  mkdirSync('/etc/vigia');
  writeFileSync(CONFIG, WRITTEN_BEFORE);
  const output = apt('install', packageFile(VERSION));
  assert.match(output, /vigia: Vigía observes and records, and changes nothing\. .*vigia plan/);
  assert.equal(readFileSync(CONFIG, 'utf8'), WRITTEN_BEFORE);
  for (const unit of UNITS) assert.equal(property(unit, 'ActiveState'), 'active', journal(unit));
  for (const unit of UNITS) assert.equal(property(unit, 'UnitFileState'), 'enabled');
});

test('after the installation it observes: no cron job, and no container is touched', () => {
  assert.match(run('vigia', 'status'), /running .*mode observe/);
  assert.equal(existsSync(CRON_FILE), false);
  assert.equal(docker('ps', '--all', '--quiet'), '');
  assert.match(run('vigia', 'plan', '--once'), /^0 containers on this host: /m);
});

test('demo: true is the whole assignment, from the next start', () => {
  writeFileSync(CONFIG, WITH_DEMO);
  run('systemctl', 'restart', 'vigia', 'vigia-page');
  assert.match(run('vigia', 'status'), /running .*mode enforce/);
});

test('DKMS built both modules, they are loaded, and their files are whole', () => {
  assert.match(run('dkms', 'status'), new RegExp(`^vigia/${VERSION}, .*: installed`));
  for (const name of MODULES) {
    assert.match(readFileSync('/proc/modules', 'utf8'), new RegExp(`^${name} `, 'm'));
    assert.equal(JSON.parse(readFileSync(`/proc/${name}_201903553`, 'utf8')).complete, true);
    // By modprobe.d: of a command line only the first argument.
    assert.equal(readFileSync(`/sys/module/${name}/parameters/cmdline_mode`, 'utf8').trim(), '1');
  }
});

test('the service is active only after its first cycle is recorded, with the modules as sensor', () => {
  const [first] = query('SELECT sensor FROM cycle ORDER BY tick LIMIT 1');
  assert.equal(first?.['sensor'], 'kernel');
  assert.match(run('vigia', 'status'), /running .*sensor kernel/);
  assert.match(property('vigia', 'StatusText'), /^cycle \d+: low \d\/3, high \d\/2$/);
});

test('the database is writable for root and readable for group vigia', () => {
  const { uid, gid, mode } = statSync('/var/lib/vigia');
  const page = Number(run('id', '-g', 'vigia'));
  assert.deepEqual([uid, gid, (mode & 0o7777).toString(8)], [0, page, '2750']);
  const database = statSync('/var/lib/vigia/vigia.db');
  assert.deepEqual([database.uid, database.gid, (database.mode & 0o777).toString(8)], [0, page, '640']);
});

test('the loop has three capabilities and no network, and can write only the database, the cron job and cgroups', () => {
  const pid = mainPid('vigia');
  const [CHOWN, KILL, SYS_PTRACE] = [0n, 5n, 19n];
  assert.equal(BigInt(`0x${inStatus(pid, 'CapEff')}`), (1n << CHOWN) | (1n << KILL) | (1n << SYS_PTRACE));
  assert.equal(inStatus(pid, 'NoNewPrivs'), '1');
  assert.equal(inStatus(pid, 'Seccomp'), '2');
  assert.notEqual(run('readlink', `/proc/${pid}/ns/net`), run('readlink', '/proc/1/ns/net'));
  const inside = (...args: string[]) => status('nsenter', '--target', pid, '--mount', '--', ...args);
  assert.equal(inside('sh', '-c', 'echo >/var/lib/vigia/x && rm /var/lib/vigia/x'), 0);
  for (const path of ['/etc/x', '/usr/x', '/var/lib/docker/x', '/boot/x'])
    assert.notEqual(inside('touch', path), 0, path);
});

test('the page has its own user, no capability and no Docker, and answers on loopback only', async () => {
  const pid = mainPid('vigia-page');
  assert.equal(run('ps', '-o', 'user=', '-p', pid), 'vigia');
  assert.equal(BigInt(`0x${inStatus(pid, 'CapBnd')}`), 0n);
  // As root, so that the unit refuses and not the file mode.
  const inside = (...args: string[]) => status('nsenter', '--target', pid, '--mount', '--', ...args);
  assert.notEqual(inside('curl', '--unix-socket', '/run/docker.sock', 'http://docker/_ping'), 0);
  assert.notEqual(inside('touch', '/var/lib/vigia/x'), 0);
  const listeners = run('ss', '--listening', '--tcp', '--udp', '--numeric', '--processes');
  const ours = listeners.split('\n').filter((line) => line.includes(`pid=${pid},`));
  assert.equal(ours.length, 1, listeners);
  assert.match(ours[0] ?? '', /127\.0\.0\.1:8080/);
  const answer = await fetch('http://127.0.0.1:8080/api/status');
  assert.equal(answer.status, 200);
});

test('systemd-analyze security: at most 2.0 for the page, 4.0 for the others', () => {
  for (const [unit, most] of [
    ['vigia-page', 2],
    ['vigia', 4],
    ['vigia-modules', 4],
    ['vigia-bpf', 4],
  ] as const) {
    const summary = run('sh', '-c', `systemd-analyze security --no-pager ${unit} | tail -n 1`);
    console.log(summary);
    const exposure = Number(/: ([\d.]+) /.exec(summary)?.[1]);
    assert.ok(exposure <= most, summary);
  }
});

test('within its limits it works: images, cron job, removals, 3 low and 2 high', {
  timeout: 900_000,
}, async () => {
  await until('cron job', 60, () => existsSync(CRON_FILE));
  await until(
    'a batch of cron trimmed',
    400,
    () =>
      query("SELECT 1 FROM action WHERE kind = 'remove' AND result = 'done' AND level IS NOT NULL LIMIT 1")
        .length,
  );
  await until(
    'a cycle that ends with 3 and 2',
    300,
    () => query('SELECT 1 FROM cycle WHERE unknown_before = 0 AND low_after = 3 AND high_after = 2').length,
  );
  // Docker may be slow in an emulated machine; the next cycle retries.
  const failed = query(
    "SELECT because, result, detail FROM action WHERE result NOT IN ('done', 'skipped') AND detail NOT LIKE 'Docker did not answer%'",
  );
  assert.deepEqual(failed, []);
});

test('one warning says why Grafana does not run here', () => {
  const warnings = journal('vigia')
    .split('\n')
    .filter((line) => line.includes('grafana:'));
  assert.equal(warnings.length, 1, warnings.join('\n'));
  assert.match(warnings[0] ?? '', /not started \(.*(docker-compose|grafana\/grafana).*\)/);
  const secret = statSync('/var/lib/vigia/secrets/grafana_admin', { throwIfNoEntry: false });
  if (secret) assert.deepEqual([secret.uid, (secret.mode & 0o777).toString(8)], [472, '400']);
});

test('the memory of loop and page is printed, and the loop is protected from the OOM killer', () => {
  for (const unit of ['vigia', 'vigia-page']) {
    const pid = mainPid(unit);
    const figures = ['VmHWM', 'VmRSS', 'RssAnon'].map((name) => `${name} ${inStatus(pid, name)}`);
    console.log(
      `${unit}: ${figures.join(', ')}; unit now ${property(unit, 'MemoryCurrent')}, peak ${property(unit, 'MemoryPeak')} bytes`,
    );
  }
  assert.equal(property('vigia', 'OOMScoreAdjust'), '-500');
  assert.equal(readFileSync(`/proc/${mainPid('vigia')}/oom_score_adj`, 'utf8').trim(), '-500');
});

test('after kill -9 systemd removes the cron job at once and starts the loop again', async () => {
  const [pid, tick] = [mainPid('vigia'), lastTick()];
  run('kill', '-KILL', pid);
  await until('the cron job is gone', 8, () => !existsSync(CRON_FILE));
  await until(
    'another process and a further cycle',
    120,
    () => lastTick() > tick && mainPid('vigia') !== pid,
  );
  await until('the cron job again', 60, () => existsSync(CRON_FILE));
});

test('the watchdog notices a loop that hangs and starts it again', { timeout: 400_000 }, async () => {
  await until('active', 120, () => isActive('vigia'));
  const pid = mainPid('vigia');
  run('kill', '-STOP', pid);
  await until('the watchdog', 240, () => journal('vigia').includes('Watchdog timeout'));
  await until('another one is active', 120, () => isActive('vigia') && mainPid('vigia') !== pid);
});

test('a restart of the service keeps the containers of the demo', async () => {
  await until('active', 120, () => isActive('vigia'));
  const before = docker('ps', '--quiet', '--no-trunc', '--filter', 'label=vigia.spawn=floor').split('\n');
  assert.ok(before[0] !== '');
  run('systemctl', 'restart', 'vigia');
  const after = docker('ps', '--quiet', '--no-trunc', '--filter', 'label=vigia.spawn=floor').split('\n');
  assert.ok(
    before.some((id) => after.includes(id)),
    'containers are left running',
  );
});

test('a stop leaves no cron job, no journal and no container of the demo; the next start continues the record', async () => {
  await until('active', 120, () => isActive('vigia'));
  run('systemctl', 'stop', 'vigia');
  assert.equal(property('vigia', 'Result'), 'success');
  assert.deepEqual(
    [CRON_FILE, '/var/lib/vigia/vigia.db-wal'].filter((path) => existsSync(path)),
    [],
  );
  assert.equal(docker('ps', '--all', '--quiet', '--filter', 'label=vigia.spawn'), '');
  const tick = lastTick();
  run('systemctl', 'start', 'vigia');
  assert.ok(lastTick() > tick, 'start waits for the first cycle');
  assert.deepEqual(kernelComplaints(), []);
  remember(record());
});
