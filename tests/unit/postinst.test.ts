import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../../daemon/src/app/load-config.ts';

/** What the package's postinst does to the configuration of a host that had an earlier version. */

const SCRIPT = readFileSync(join(import.meta.dirname, '../../packaging/debian/postinst'), 'utf8');
const OWNERS = `-o ${process.getuid?.()} -g ${process.getgid?.()}`;

/** Runs the script's functions with the paths of a host of its own, as the user of this test. */
function upgrade(t: TestContext, config: string | null, before: string, prepared = false) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-postinst-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const main = join(dir, 'config.yaml');
  if (config !== null) writeFileSync(main, config);
  const dropIns = join(dir, 'vigia.d');
  if (prepared) mkdirSync(dropIns);
  const [functions = ''] = SCRIPT.split('\ncase $1 in\n');
  const source = `${functions}\nkeep_from_0_1 "$1"\nmake_drop_ins\n`
    .replaceAll('/etc/vigia', dir)
    .replaceAll('-o root -g root', OWNERS);
  const { status, stderr } = spawnSync('sh', ['-c', source, 'postinst', before], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const kept = join(dropIns, 'kept-from-0.1.yaml');
  return {
    stderr,
    kept: existsSync(kept) ? readFileSync(kept, 'utf8').replace(/^#.*\n/gm, '') : null,
    mode: existsSync(kept) ? statSync(kept).mode & 0o777 : null,
    config: config === null ? null : loadConfig(main, {}),
    directory: statSync(dirname(kept)).mode & 0o777,
  };
}

test('an upgraded host without a mode keeps enforcing, with quotas and cron job, and is told', (t) => {
  for (const config of [
    '',
    'retention:\n  samplesDays: 8\n',
    '# mode: observe\n',
    'grafana: { start: false }\n',
  ]) {
    const { kept, mode, stderr, config: read } = upgrade(t, config, '0.1.0');
    assert.deepEqual([kept, mode], ['mode: enforce\ndemo: true\n', 0o644], config);
    assert.match(
      stderr,
      /keeps the behaviour of version 0\.1\.0: mode enforce, quotas, cron job\.\n.*delete the file/,
    );
    assert.deepEqual([read?.mode, read?.quotas.high.keep, read?.cron.install], ['enforce', 2, true]);
  }
  assert.equal(upgrade(t, null, '0.1.0').kept, 'mode: enforce\ndemo: true\n');
});

test('what the configuration says itself wins', (t) => {
  const { config } = upgrade(t, 'cron: { install: false }\nquotas: { low: { keep: 5 } }\n', '0.1.0');
  assert.deepEqual([config?.cron.install, config?.quotas.low.keep], [false, 5]);
  for (const said of [
    'mode: observe\n',
    '{ carnet: "1", mode: observe }\n',
    '\'mode\' : "dry-run" # as agreed\n',
  ])
    assert.equal(upgrade(t, said, '0.1.0').kept, null, said);
  assert.equal(upgrade(t, 'carnet: "1"\nmode: enforce\n', '0.1.0').kept, 'demo: true\n');
});

test('neither a new installation nor a later upgrade is touched', (t) => {
  assert.deepEqual([upgrade(t, '', '').kept, upgrade(t, '', '0.2.0').kept], [null, null]);
  // The directory shows that the version before knew it, whatever its number.
  assert.equal(upgrade(t, '', '0.1.0', true).kept, null);
  assert.equal(upgrade(t, '', '').directory, 0o755);
});
