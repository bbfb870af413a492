import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { docker, kernelComplaints, lastTick, query, run, status, until } from '../lab/guest.ts';
import {
  apt,
  CRON_FILE,
  changes,
  isActive,
  MODULES,
  NEXT,
  packageFile,
  property,
  recall,
  record,
  remember,
  UNITS,
  VERSION,
} from './machine.ts';

/** After a reboot everything runs again. Then an upgrade, and both ways to purge. */

const loaded = (): string[] =>
  MODULES.filter((name) => new RegExp(`^${name} `, 'm').test(readFileSync('/proc/modules', 'utf8')));

async function everythingRuns(): Promise<void> {
  for (const unit of UNITS) await until(`${unit} is active`, 300, () => isActive(unit));
  assert.deepEqual(loaded(), [...MODULES]);
  // An active unit has started its process, which listens a moment later.
  await until(
    'the page',
    60,
    () => status('curl', '--silent', '--fail', '--output', '/dev/null', 'http://127.0.0.1:8080/') === 0,
  );
}

test('after the reboot everything runs, and the record continues', { timeout: 600_000 }, async () => {
  await everythingRuns();
  const before = recall();
  assert.ok(lastTick() > before.ticks);
  assert.equal(record().oldest, before.oldest);
  const [newest] = query('SELECT sensor FROM cycle ORDER BY tick DESC LIMIT 1');
  assert.equal(newest?.['sensor'], 'kernel');
});

test('an upgrade keeps record and configuration, and installs its own modules', {
  timeout: 900_000,
}, async () => {
  writeFileSync('/etc/vigia/config.yaml', 'cron:\n  install: false\n');
  run('systemctl', 'restart', 'vigia');
  await until('the cron job is removed, as configured', 30, () => !existsSync(CRON_FILE));
  remember(record());
  apt('install', packageFile(NEXT));
  await everythingRuns();
  assert.ok(lastTick() > recall().ticks);
  assert.equal(record().oldest, recall().oldest);
  assert.match(run('dkms', 'status'), /^vigia\/[^,]*\+next, [^\n]*: installed$/);
  assert.equal(existsSync(`/usr/src/vigia-${VERSION}`), false);
  assert.match(readFileSync('/etc/vigia/config.yaml', 'utf8'), /install: false/);
  assert.equal(property('vigia', 'Result'), 'success');
});

test('purge without confirmation leaves only the record and the user', { timeout: 600_000 }, () => {
  apt('purge', 'vigia');
  const { added, removed } = changes();
  assert.deepEqual(removed, []);
  assert.deepEqual(
    added.filter((path) => !path.startsWith('/var/lib/vigia')),
    [],
  );
  assert.equal(existsSync('/var/lib/vigia/vigia.db'), true);
  assert.deepEqual(loaded(), []);
  assert.equal(run('dkms', 'status'), '');
});

test('a new installation continues the record that is left', { timeout: 900_000 }, async () => {
  remember(record());
  apt('install', packageFile(NEXT));
  await everythingRuns();
  assert.ok(lastTick() > recall().ticks);
  assert.equal(record().oldest, recall().oldest);
});

test('purge with confirmation leaves nothing, and changes nothing of others', { timeout: 600_000 }, () => {
  const foreign = docker('run', '--detach', '--network', 'none', '--name', 'foreign', 'vigia/idle');
  run('sh', '-c', 'echo vigia vigia/purge-data boolean true | debconf-set-selections');
  apt('purge', 'vigia');
  assert.deepEqual(changes(), { added: [], removed: [] });
  assert.notEqual(status('getent', 'passwd', 'vigia'), 0);
  assert.notEqual(status('getent', 'group', 'vigia'), 0);
  assert.deepEqual(docker('ps', '--all', '--quiet', '--no-trunc').split('\n'), [foreign]);
  assert.equal(run('sh', '-c', 'debconf-show vigia'), '');
  for (const unit of UNITS) assert.equal(property(unit, 'LoadState'), 'not-found');
  assert.deepEqual(kernelComplaints(), []);
});
