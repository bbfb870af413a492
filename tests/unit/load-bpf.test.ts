import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseLoadRefusal } from '../../daemon/src/host/load-refusal.ts';
import { render } from '../../daemon/src/words/language.ts';
import { codesOf } from './load-codes.ts';

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
    'etc/os-release': 'ID=debian\n',
    lacks: '',
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
    VIGIA_PACKAGE_DIR: files['package'] === undefined ? '/none' : join(SCRIPTS, '..'),
    VIGIA_HOST_ROOT: dir,
    // Bash reads this file first.
    BASH_ENV: join(dir, 'lacks'),
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
  `#!/bin/sh\necho "libbpf: noise" >&2\necho "bpf/load: bpf_object__load: Invalid argument" >&2\nexit ${code}\n`;
const NOT_CAPABLE = { 'proc/self/status': 'CapEff:\t0000000000000000\n' };
/** A work tree, whose program is not built yet. */
const NOT_BUILT = { 'bpf/build/load': null, 'bpf/Makefile': '' };
/** A program that is not installed here, whatever the tests' own host has. */
const LACKS = (program: string) => `command() { [[ $* != '-v ${program}' ]] && builtin command "$@"; }\n`;

interface Refusal {
  readonly name: string;
  readonly host: Readonly<Record<string, string | null>>;
  readonly code: string;
  /** Of the message. */
  readonly says: RegExp;
  readonly exit?: 1;
}

const REFUSALS: readonly Refusal[] = [
  {
    name: 'an old kernel',
    host: { 'proc/sys/kernel/osrelease': '5.10.0-32-amd64\n' },
    code: 'kernel-too-old',
    says: /^it needs Linux 5\.15 or newer, and this is 5\.10\.0-32-amd64$/,
  },
  {
    name: 'a kernel without BTF',
    host: { 'sys/kernel/btf/vmlinux': null },
    code: 'bpf-no-types',
    says: /^this kernel \(6\.1\.0-50-amd64\) lacks \S+sys\/kernel\/btf\/vmlinux \(CONFIG_DEBUG_INFO_BTF\)$/,
  },
  {
    name: 'lockdown=confidentiality',
    host: { 'sys/kernel/security/lockdown': 'none integrity [confidentiality]\n' },
    code: 'bpf-locked-down',
    says: /lockdown=confidentiality/,
  },
  {
    name: 'no bpffs',
    host: { 'bin/stat': '#!/bin/sh\necho sysfs\n' },
    code: 'bpf-no-file-system',
    says: /mounted on (\S*bpffs): run "mount -t bpf bpf \1"$/,
  },
  {
    name: 'no capability',
    host: NOT_CAPABLE,
    code: 'loader-not-allowed',
    says: /^this service may not load tasks\.bpf\.o; vigia-bpf\.service does/,
  },
  {
    name: 'only CAP_BPF',
    host: { 'proc/self/status': 'CapEff:\t0000008000000000\n' },
    code: 'loader-not-allowed',
    says: /systemctl status vigia-bpf.* run "systemctl restart vigia-bpf vigia vigia-page"$/,
  },
  {
    name: 'a program that the kernel refuses',
    host: { 'bpf/build/load': LOADER_SAYS(3) },
    code: 'insert-failed',
    says: /^the kernel could not load tasks\.bpf\.o \("bpf_object__load: Invalid argument"\)$/,
  },
  {
    name: 'a loader that fails',
    host: { 'bpf/build/load': LOADER_SAYS(1) },
    code: 'insert-failed',
    says: /could not load tasks\.bpf\.o \("bpf_object__load: Invalid argument"\)$/,
    exit: 1,
  },
  {
    name: 'a package without the loader',
    host: { 'bpf/build/load': null },
    code: 'bpf-files-missing',
    says: /build\/load is missing: install the package again$/,
    exit: 1,
  },
  {
    name: 'a package without the program',
    host: { 'bpf/build/tasks.bpf.o': null },
    code: 'bpf-files-missing',
    says: /build\/tasks\.bpf\.o is missing/,
    exit: 1,
  },
  {
    name: 'no clang',
    host: { ...NOT_BUILT, 'bin/make': '#!/bin/sh\nexit 9\n', 'bin/cc': '#!/bin/sh\n', lacks: LACKS('clang') },
    code: 'tool-missing',
    says: /^"clang" is not installed: run "apt-get install make clang llvm gcc libc6-dev libbpf-dev libelf-dev zlib1g-dev"$/,
  },
  {
    name: 'a program that does not compile',
    host: {
      ...NOT_BUILT,
      'bin/clang': '#!/bin/sh\n',
      'bin/cc': '#!/bin/sh\n',
      'bin/make': '#!/bin/sh\necho "load.c:17:10: fatal error: bpf/bpf.h: No such file" >&2\nexit 2\n',
    },
    code: 'build-failed',
    says: /: "load\.c:17:10: fatal error: bpf\/bpf\.h: No such file"\. For all messages, run "make -C \S+bpf"$/,
  },
];

for (const { name, host: changes, code, says, exit = 3 } of REFUSALS)
  test(`${name} is refused with the reason (${code}), and nothing stays`, (t) => {
    const { pin, run } = host(t, changes);
    const { status, stdout, reason } = run('load-bpf.sh');
    assert.equal(status, exit, reason);
    const said = reason.replace(/^load-bpf: /, '');
    assert.match(said, says);
    const parsed = parseLoadRefusal(stdout);
    assert.ok(parsed !== null, stdout);
    assert.equal(parsed.code, code);
    assert.equal(render(parsed, 'en'), said, 'the daemon says the same');
    assert.doesNotMatch(said + render(parsed, 'es'), /\{\w+\}|undefined/);
    assert.equal(existsSync(dirname(pin)), false);
  });

const LOCK_REASONS = ['loading-lock-held', 'loading-lock-unusable'] as const;

test('a lock that another run holds, or that cannot be made, is a reason, too', (t) => {
  const refuses = (changes: Readonly<Record<string, string>>): string => {
    const { status, stdout, reason } = host(t, changes).run('load-bpf.sh');
    assert.equal(status, 1);
    const parsed = parseLoadRefusal(stdout);
    assert.equal(parsed && render(parsed, 'en'), reason.replace(/^load-bpf: /, ''));
    return parsed?.code ?? stdout;
  };
  assert.equal(refuses({ 'bin/flock': '#!/bin/sh\nexit 1\n' }), LOCK_REASONS[0]);
  assert.equal(refuses({ 'lock/is-a-directory': '' }), LOCK_REASONS[1]);
});

test('every code has a case here', () => {
  assert.deepEqual(
    [...new Set([...REFUSALS.map(({ code }) => code), 'loading-needs-root', ...LOCK_REASONS])].sort(),
    codesOf('reasons.sh', 'bpf-reasons.sh'),
  );
});

test('in the package the loop says why the service that may load it did not', (t) => {
  const { dir, run } = host(t, { 'bpf/build/load': LOADER_SAYS(3), package: '' });
  const asLoop = () => writeFileSync(join(dir, 'proc/self/status'), NOT_CAPABLE['proc/self/status']);
  asLoop();
  assert.match(run('load-bpf.sh').stdout, /^reason\tloader-not-allowed\t/m);
  writeFileSync(join(dir, 'proc/self/status'), CAPABLE);
  const loader = run('load-bpf.sh');
  assert.match(loader.stdout, /^reason\tinsert-failed\t/);
  asLoop();
  assert.deepEqual(run('load-bpf.sh'), loader);
  assert.deepEqual(run('load-bpf.sh'), loader, 'the loop does not replace the reason');
  // A program that loads takes the reason away.
  writeFileSync(join(dir, 'bpf/build/load'), `#!/bin/sh\n${PINS}\n`);
  writeFileSync(join(dir, 'proc/self/status'), CAPABLE);
  assert.equal(run('load-bpf.sh').status, 0);
  run('unload-bpf.sh');
  asLoop();
  assert.match(run('load-bpf.sh').stdout, /^reason\tloader-not-allowed\t/m);
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
