import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

/** `vigia test` itself: its usage, its description in the documents, and the services of packages that it installs. */

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const runner = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'tests/run.ts'), ...args], { encoding: 'utf8' });

/** Each tier as --help lists it. */
const tiers = [...runner('--help').stdout.matchAll(/^ {2}(\S+) +(.+)$/gm)].map(([, name, what]) => ({
  name,
  onlyNamed: what?.includes('only when named'),
}));

test('wrong usage prints one line and the usage, and ends with 2', () => {
  for (const [arg, words] of [
    ['--bogus', /^vigia test: Unknown option '--bogus'/],
    ['bogus', /^vigia test: Unexpected argument 'bogus'/],
    ['--only=bogus', /^vigia test: no tier bogus\n$/],
  ] as const) {
    const { status, stdout, stderr } = runner(arg);
    assert.equal(status, 2);
    assert.match(stderr, words);
    assert.doesNotMatch(stderr, /\n *at /);
    assert.match(stdout, /^vigia test \[--only TIER/);
  }
});

test('the manual lists every tier in order and those that run only when named; the README counts the latter', () => {
  const listed = [...read('docs/manual-tecnico.md').matchAll(/^\| `([a-z0-9-]+)` +\| (.+) \|$/gm)];
  const from = listed.findIndex(([, name]) => name === 'check');
  assert.deepEqual(
    listed
      .slice(from, from + tiers.length)
      .map(([, name, what]) => ({ name, onlyNamed: what?.includes('solo si se nombra') })),
    tiers,
  );
  const eight = tiers.filter(({ onlyNamed }) => onlyNamed);
  assert.equal(eight.length, 8);
  assert.match(read('README.md'), /vigia test .*eight tiers .*only when named/);
});

/** A fake Debian: apt-get installs `thing` with a service and logs whether the policy allows to start it. */
function debian(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-apt-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [policy, log] = [join(dir, 'policy-rc.d'), join(dir, 'log')];
  for (const [name, does] of Object.entries({
    'apt-get': `case $1 in install) touch ${dir}/there; ${policy} >/dev/null 2>&1; echo "policy $?" >>${log} ;; esac`,
    'dpkg-query': `case $1 in
  --show) echo 'ii  before'; [ ! -e ${dir}/there ] || echo 'ii  thing' ;;
  --listfiles) [ "$2 $#" != 'thing 2' ] || printf '%s\\n' /usr/lib/systemd/system/thing.service /usr/lib/systemd/system/quiet.service ;;
esac`,
    systemctl: `case "$*" in
  'is-enabled thing.service') echo enabled ;;
  'is-enabled quiet.service') echo disabled; exit 1 ;;
  *) echo "$*" >>${log} ;;
esac`,
  })) {
    writeFileSync(join(dir, name), `#!/bin/sh\n${does}\n`);
    chmodSync(join(dir, name), 0o755);
  }
  const install = () =>
    spawnSync(join(ROOT, 'tests/install-packages.sh'), ['thing'], {
      encoding: 'utf8',
      env: { PATH: `${dir}:${process.env['PATH']}`, VIGIA_POLICY_RC: policy },
    });
  return { policy, install, log: () => readFileSync(log, 'utf8') };
}

test('packages installed for the tests start no service and leave none enabled', (t) => {
  const { policy, install, log } = debian(t);
  const { status, stdout, stderr } = install();
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal(stdout, 'installed: thing\nnot enabled: thing.service\n');
  assert.equal(log(), 'policy 101\ndisable --quiet thing.service\n');
  assert.equal(existsSync(policy), false, 'afterwards services may be started as before');
});

test('an existing policy is kept and applied', (t) => {
  const { policy, install, log } = debian(t);
  writeFileSync(policy, '#!/bin/sh\nexit 7\n', { mode: 0o755 });
  assert.equal(install().status, 0);
  assert.match(log(), /^policy 7\n/);
  assert.equal(readFileSync(policy, 'utf8'), '#!/bin/sh\nexit 7\n');
});
