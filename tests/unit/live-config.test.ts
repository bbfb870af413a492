import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { dropInFileOf, editDropIn, replaceFile } from '../../daemon/src/app/edit-drop-in.ts';
import { LiveConfig } from '../../daemon/src/app/live-config.ts';
import { ConfigError } from '../../daemon/src/app/load-config.ts';

/** A running loop follows the configuration's files. */

function started(t: TestContext, main: string, options: { demo?: boolean } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-live-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'config.yaml');
  writeFileSync(file, main);
  const log: string[] = [];
  const logger = {
    info: (message: string) => void log.push(`info: ${message}`),
    warn: (message: string) => void log.push(`warning: ${message}`),
  };
  const live = new LiveConfig(file, logger, { environment: {}, ...options });
  return { dir, file, log, live, dropIn: dropInFileOf(file) };
}

test('without a change it gives the same object', (t) => {
  const { live } = started(t, 'mode: enforce\n');
  const first = live.current();
  assert.equal(first.mode, 'enforce');
  for (let i = 0; i < 3; i += 1) assert.equal(live.current(), first);
});

test('what the commands write is in force at the next cycle', (t) => {
  const { live, log, dropIn } = started(t, 'mode: enforce\n');
  assert.deepEqual(live.current().manage, []);
  replaceFile(dropIn, editDropIn('', { placement: 'manage', match: { name: 'web' }, allow: null }));
  assert.deepEqual(
    live.current().manage.map(({ match, at }) => [match.name, at]),
    [['web', `${dropIn}:5`]],
  );
  const text = editDropIn('', { placement: 'protect', match: { name: 'web' }, allow: null });
  replaceFile(dropIn, text);
  assert.deepEqual([live.current().manage, live.current().protect.names], [[], ['vigia-grafana', 'web']]);
  unlinkSync(dropIn);
  assert.deepEqual(live.current().protect.names, ['vigia-grafana']);
  assert.deepEqual(log, [
    'info: configuration: reread; in force from this cycle: manage',
    'info: configuration: reread; in force from this cycle: protect, manage',
    'info: configuration: reread; in force from this cycle: protect',
  ]);
});

test('other keys wait for the next restart, and that is said once', (t) => {
  const { live, log, file } = started(t, 'mode: observe\n');
  writeFileSync(file, 'mode: enforce\ncycleSeconds: 3\nprotect: { names: [db] }\n');
  const config = live.current();
  assert.deepEqual([config.mode, config.cycleSeconds, config.protect.names], ['observe', 20, ['db']]);
  writeFileSync(file, 'mode: enforce\ncycleSeconds: 3\nprotect: { names: [db, x] }\n');
  assert.deepEqual(live.current().protect.names, ['db', 'x']);
  assert.deepEqual(log, [
    'info: configuration: reread; in force from this cycle: protect',
    'warning: configuration: changed, and in force after the next restart: mode, cycleSeconds',
    'info: configuration: reread; in force from this cycle: protect',
  ]);
});

test('a configuration that is wrong changes nothing and is reported once; when it is right again it applies', (t) => {
  const { live, log, file } = started(t, 'release: { names: [a] }\n');
  const before = live.current();
  writeFileSync(file, 'release: { names: [b] }\nmode: enforc\n');
  assert.equal(live.current(), before);
  // Saved again without a change.
  utimesSync(file, new Date(), new Date(Date.now() + 5000));
  assert.equal(live.current(), before);
  assert.equal(log.length, 1);
  assert.match(log[0] ?? '', /^warning: configuration: it is wrong .*\n.*config\.yaml:2:7: mode: /);
  writeFileSync(file, 'release: { names: [b] }\n');
  assert.deepEqual(live.current().release.names, ['b']);
  // The same mistake later is reported again.
  writeFileSync(file, 'release: { names: [b] }\nmode: enforc\n');
  live.current();
  assert.equal(log.length, 3);
});

test('a file that vanished, or cannot be read, is as wrong as one with a mistake', (t) => {
  const { live, log, file, dir } = started(t, 'protect: { names: [db] }\n');
  renameSync(file, `${file}.away`);
  assert.deepEqual(live.current().protect.names, ['db']);
  renameSync(`${file}.away`, file);
  writeFileSync(join(dir, 'vigia.d'), 'not a directory');
  assert.deepEqual(live.current().protect.names, ['db']);
  assert.match(
    log.join('\n'),
    /config\.yaml: cannot be read: ENOENT[\s\S]*vigia\.d: cannot be read: ENOTDIR/,
  );
});

test('a replacement with the same size and time is noticed', (t) => {
  const { live, file } = started(t, 'release: { names: [a] }\n');
  const time = new Date(1_700_000_000_000);
  utimesSync(file, time, time);
  live.current();
  writeFileSync(`${file}.new`, 'release: { names: [b] }\n');
  utimesSync(`${file}.new`, time, time);
  renameSync(`${file}.new`, file);
  assert.deepEqual(live.current().release.names, ['b']);
});

test('--demo stays in force when the files are read again', (t) => {
  const { live, log, dropIn } = started(t, '', { demo: true });
  assert.deepEqual([live.current().mode, live.current().quotas.low.keep], ['enforce', 3]);
  mkdirSync(join(dropIn, '..'));
  writeFileSync(dropIn, 'release: { names: [a] }\n');
  assert.deepEqual(live.current().release.names, ['a']);
  assert.deepEqual(log, ['info: configuration: reread; in force from this cycle: release']);
});

test('a configuration that is wrong at the start is an error', (t) => {
  assert.throws(() => started(t, 'mode: enforc\n'), ConfigError);
});
