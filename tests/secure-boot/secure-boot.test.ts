import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { parseLoadRefusal } from '../../daemon/src/host/load-refusal.ts';
import { render } from '../../daemon/src/words/language.ts';
import { kernelComplaints, query, run, status, until } from '../lab/guest.ts';
import { INSTALLED, installSigned } from './signed-modules.ts';

/**
 * A machine that was booted with Secure Boot on, by Debian's signed boot loaders and kernel. The
 * kernel's command line may ask for lockdown=confidentiality; then the kernel keeps BPF from reading its memory, too.
 */
const ROOT = join(import.meta.dirname, '../..');
const LOAD = join(ROOT, 'scripts/load-modules.sh');
const KEY = '/var/lib/dkms/mok.pub';
const isConfidential = readFileSync('/proc/cmdline', 'utf8').includes('lockdown=confidentiality');

const load = () => spawnSync(LOAD, [], { encoding: 'utf8' });

after(() => {
  for (const folder of [INSTALLED, '/var/lib/dkms']) rmSync(folder, { recursive: true, force: true });
  run('depmod');
});

test('the firmware has Secure Boot on, and the kernel is locked down because of it', () => {
  const variable = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';
  assert.equal(readFileSync(variable).at(4), 1);
  assert.match(run('dmesg'), /secureboot: Secure boot enabled/);
  assert.match(
    readFileSync('/sys/kernel/security/lockdown', 'utf8'),
    isConfidential ? /\[confidentiality\]/ : /\[integrity\]/,
  );
});

test('modules without a signature: refused, with what to do', (t) => {
  const { status: code, stdout, stderr } = load();
  t.diagnostic(stderr.trim());
  assert.equal(code, 3, stderr);
  const reason = parseLoadRefusal(stdout);
  assert.equal(reason?.code, 'module-not-signed', stdout);
  assert.match(
    render(reason, 'es'),
    /^Secure Boot: .*«dkms install vigia\/.*«mokutil --import \/var\/lib\/dkms\/mok\.pub»/,
  );
});

const VIGIA = join(ROOT, 'vigia');

/** Starts the daemon, which observes and starts nothing else. */
function up(t: TestContext, sensor: 'auto' | 'kernel') {
  const config = `/tmp/vigia-${sensor}.yaml`;
  writeFileSync(config, `sensor: ${sensor}\ngrafana: { start: false }\n`);
  const child = spawn(VIGIA, ['--config', config, 'up', '--without-page'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  t.after(() => child.kill('SIGKILL'));
  return { child, ended: once(child, 'exit'), errors: () => errors };
}

/** The file exists before its tables do. */
function hasCycle(): boolean {
  try {
    return query('SELECT 1 FROM cycle').length > 0;
  } catch {
    return false;
  }
}

test(`the daemon runs with ${isConfidential ? '/proc' : 'the BPF iterator'}, and shows the reason`, async (t) => {
  const { child, ended, errors } = up(t, 'auto');
  await until('the first cycle', 600, () => {
    assert.equal(child.exitCode, null, errors());
    return hasCycle();
  });
  assert.equal(
    query('SELECT sensor FROM cycle ORDER BY tick DESC LIMIT 1')[0]?.['sensor'],
    isConfidential ? 'procfs' : 'bpf',
  );
  if (isConfidential)
    assert.match(
      errors(),
      /BPF iterator is not loaded: the kernel is locked down \(lockdown=confidentiality\)/,
    );
  const shown = run('env', 'LC_ALL=es_GT.UTF-8', VIGIA, 'status');
  t.diagnostic(shown);
  assert.match(shown, /los módulos del kernel no están cargados: Secure Boot: /);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null], errors());
  t.diagnostic(errors().trim());
  assert.equal(existsSync('/sys/fs/bpf/vigia'), false, 'what was loaded is unloaded');
});

test('where the configuration demands the modules, the daemon ends with the reason', async (t) => {
  const { ended, errors } = up(t, 'kernel');
  assert.deepEqual(await ended, [1, null], errors());
  assert.match(errors(), /requires the kernel modules \(sensor: kernel\): Secure Boot: /);
});

test('modules signed with a key that is not enrolled, as DKMS leaves them: refused, with the key to enrol', (t) => {
  mkdirSync('/var/lib/dkms', { recursive: true });
  const key = '/var/lib/dkms/mok.key';
  const request = [
    'req',
    '-new',
    '-x509',
    '-nodes',
    '-newkey',
    'rsa:2048',
    '-subj',
    '/CN=a key of this test/',
  ];
  run('openssl', ...request, '-outform', 'DER', '-keyout', key, '-out', KEY);
  installSigned(key, KEY);
  const { status: code, stdout, stderr } = load();
  t.diagnostic(stderr.trim());
  assert.equal(code, 3, stderr);
  const reason = parseLoadRefusal(stdout);
  assert.equal(reason?.code, 'module-key-unknown', stdout);
  assert.ok(render(reason, 'en').includes(`mokutil --import ${KEY}`));
});

test(`BPF programs ${isConfidential ? 'may not' : 'may'} read the kernel's memory`, () => {
  run('gcc', '-o', '/tmp/read-kernel', join(import.meta.dirname, 'read-kernel.c'));
  assert.equal(status('/tmp/read-kernel'), isConfidential ? 1 : 0);
  assert.deepEqual(kernelComplaints(), []);
});
