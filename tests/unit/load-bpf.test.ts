import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';

const SCRIPTS = join(import.meta.dirname, '../../scripts');
/** CAP_PERFMON and CAP_BPF. */
const CAPABLE = 'CapEff:\t000000c000000000\n';
const PINS = 'for pin; do :; done; echo >"$pin"';

/** A fake host that takes the program, but for what a test changes. */
function host(t: TestContext, changes: Readonly<Record<string, string | null>> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-load-bpf-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const files: Record<string, string | null> = {
    'proc/sys/kernel/osrelease': '6.1.0-50-amd64\n',
    'proc/self/status': CAPABLE,
    'sys/kernel/btf/vmlinux': '',
    'sys/kernel/security/lockdown': 'none [integrity] confidentiality\n',
    // Says which file system it is: a directory replaces the real one.
    'bin/stat': '#!/bin/sh\ncase $1 in --file-system) echo bpf_fs ;; *) exec /usr/bin/stat "$@" ;; esac\n',
    'bpf/build/tasks.bpf.o': '',
    'bpf/build/load': `#!/bin/sh\n${PINS}\n`,
    ...changes,
  };
  mkdirSync(join(dir, 'bpffs'));
  for (const [name, text] of Object.entries(files)) {
    if (text === null) continue;
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text, { mode: 0o755 });
  }
  const env = {
    PATH: `${dir}/bin:/usr/bin:/bin`,
    VIGIA_BPF_DIR: join(dir, 'bpf'),
    VIGIA_BPFFS: join(dir, 'bpffs'),
    VIGIA_BPF_LOCK: join(dir, 'lock'),
    VIGIA_PROC: join(dir, 'proc'),
    VIGIA_SYS: join(dir, 'sys'),
  };
  const run = (script: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(join(SCRIPTS, script), args, { encoding: 'utf8', env });
    return { status, stdout, reason: stderr.trim().split('\n').at(-1) ?? '' };
  };
  return { dir, pin: join(dir, 'bpffs/vigia/tasks-1'), run };
}

test('loading and unloading can be repeated, and only root and the group may read', (t) => {
  const { pin, run } = host(t);
  assert.deepEqual(run('load-bpf.sh', '--gid', '4242'), { status: 0, stdout: 'tasks loaded\n', reason: '' });
  assert.deepEqual([statSync(pin).mode & 0o777, statSync(pin).gid], [0o440, 4242]);
  assert.deepEqual([statSync(dirname(pin)).mode & 0o777, statSync(dirname(pin)).gid], [0o750, 4242]);
  assert.equal(run('load-bpf.sh').stdout, 'tasks already-loaded\n');
  assert.equal(run('load-bpf.sh', '--gid', '4343').stdout, 'tasks already-loaded\n');
  assert.deepEqual([statSync(pin).gid, statSync(dirname(pin)).gid], [4343, 4343]);
  assert.equal(run('unload-bpf.sh').stdout, 'tasks unloaded\n');
  assert.equal(run('unload-bpf.sh').stdout, 'tasks not-loaded\n');
  assert.equal(existsSync(dirname(pin)), false);
});

const LOADER_SAYS = (code: number) =>
  `#!/bin/sh\necho "libbpf: noise" >&2\necho "bpf/load: the kernel did not take the program: why" >&2\nexit ${code}\n`;

for (const [what, changes, status, reason] of [
  [
    'an old kernel',
    { 'proc/sys/kernel/osrelease': '5.10.0-32-amd64\n' },
    3,
    /kernel \(5\.10\.0-32-amd64\) is older than 5\.15/,
  ],
  ['a kernel without BTF', { 'sys/kernel/btf/vmlinux': null }, 3, /CONFIG_DEBUG_INFO_BTF/],
  [
    'lockdown=confidentiality',
    { 'sys/kernel/security/lockdown': 'none integrity [confidentiality]\n' },
    3,
    /lockdown=confidentiality/,
  ],
  ['no bpffs', { 'bin/stat': '#!/bin/sh\necho sysfs\n' }, 3, /mount -t bpf bpf /],
  [
    'no capability',
    { 'proc/self/status': 'CapEff:\t0000000000000000\n' },
    3,
    /lacks CAP_BPF and CAP_PERFMON/,
  ],
  ['only CAP_BPF', { 'proc/self/status': 'CapEff:\t0000008000000000\n' }, 3, /lacks CAP_BPF and CAP_PERFMON/],
  [
    'a program that the kernel refuses',
    { 'bpf/build/load': LOADER_SAYS(3) },
    3,
    /^load-bpf: the kernel did not take/,
  ],
  ['a loader that fails', { 'bpf/build/load': LOADER_SAYS(1) }, 1, /^load-bpf: the kernel did not take/],
  ['a package without the program', { 'bpf/build/load': null }, 1, /is missing; install the package again/],
] as const)
  test(`${what} is refused with the reason, and nothing stays`, (t) => {
    const { pin, run } = host(t, changes);
    const result = run('load-bpf.sh');
    assert.equal(result.status, status, result.reason);
    assert.match(result.reason, reason);
    assert.equal(result.stdout, '');
    assert.equal(existsSync(dirname(pin)), false);
  });

test('newer kernels, CAP_SYS_ADMIN and a kernel without lockdown are accepted', (t) => {
  for (const changes of [
    { 'proc/sys/kernel/osrelease': '5.15.0\n' },
    { 'proc/sys/kernel/osrelease': '10.0-rc1\n' },
    { 'proc/self/status': 'CapEff:\t0000000000200000\n' },
    { 'sys/kernel/security/lockdown': null },
  ])
    assert.equal(host(t, changes).run('load-bpf.sh').status, 0, JSON.stringify(changes));
});

test('wrong arguments are named, and do nothing', (t) => {
  const { run, pin } = host(t);
  for (const [args, reason] of [
    [['--gid'], /--gid needs a value/],
    [['--gid', 'vigia'], /--gid is "vigia"/],
    [['--gid', '4294967295'], /--gid is "4294967295"/],
    [['--what'], /unknown argument "--what"/],
  ] as const) {
    const result = run('load-bpf.sh', ...args);
    assert.equal(result.status, 2);
    assert.match(result.reason, reason);
  }
  assert.equal(run('unload-bpf.sh', 'x').status, 2);
  assert.equal(run('load-bpf.sh', '--help').status, 0);
  assert.equal(run('unload-bpf.sh', '--help').status, 0);
  assert.equal(existsSync(dirname(pin)), false);
});
