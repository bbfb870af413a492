import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { bounded } from '../../daemon/src/app/examine-host.ts';
import { judgeHost } from '../../daemon/src/doctor/judge-host.ts';
import { findCompose } from '../../daemon/src/host/grafana-container.ts';
import { cgroupFacts, swapFacts } from '../../daemon/src/host/kernel-facts.ts';
import { findListener } from '../../daemon/src/host/listeners.ts';
import { isLoopLockHeld } from '../../daemon/src/host/lock.ts';
import { parseModuleCheck } from '../../daemon/src/host/module-check.ts';
import { parseUnit } from '../../daemon/src/host/systemd-facts.ts';
import { type Config, DEFAULTS } from '../../daemon/src/model/config.ts';
import type { Finding, FindingCode } from '../../daemon/src/model/finding.ts';
import type { HostFacts, ModuleFacts } from '../../daemon/src/model/host-facts.ts';
import { recordAccess, recordFacts } from '../../daemon/src/record/record-facts.ts';
import { fileSystemOf } from '../../daemon/src/sense/file-system.ts';
import { adviceOf, doctorWords } from '../../daemon/src/words/doctor.ts';
import { factsOf, HEALTHY, INSTALL } from './doctor-hosts.ts';
import { FakeModuleHost } from './fake-module-host.ts';
import { listingEngine } from './listing-engine.ts';

const ROOT = join(import.meta.dirname, '../..');

const DEMO: Partial<Config> = { mode: 'enforce', cron: { install: true } };
const NO_GRAFANA: Partial<Config> = { grafana: { start: false, atEnd: 'leave' } };

const judge = (host: Partial<HostFacts>, config: Partial<Config> = {}): Finding[] =>
  judgeHost({ config: { ...DEFAULTS, ...config }, facts: factsOf(host), install: INSTALL });

/** What is off, as `state code`. */
const off = (findings: readonly Finding[]): string[] =>
  findings.filter(({ state }) => state !== 'ok').map(({ state, code }) => `${state} ${code}`);

const modules = (change: Partial<ModuleFacts>): Partial<HostFacts> => ({
  modules: { ...HEALTHY.modules, ...change },
});
const disk = (change: Partial<HostFacts['disks'][number]>): Partial<HostFacts> => ({
  disks: HEALTHY.disks.map((one) => ({ ...one, ...change })),
});
const listener = { pid: 77, name: 'nginx', isVigia: false };
const [directory, database] = HEALTHY.recordAccess;
assert.ok(directory && database);
const shm = { ...database, path: '/var/lib/vigia/vigia.db-shm' };

type Host = readonly [what: string, host: Partial<HostFacts>, config: Partial<Config>, off: string[]];

const HOSTS: readonly Host[] = [
  ['nothing is off', {}, {}, []],
  [
    'configuration not valid',
    { configuration: { file: 'f', error: 'f:1: no' } },
    {},
    ['problem configuration-invalid'],
  ],
  [
    'an entry of manage matches nothing',
    { managed: [{ code: 'manage-matches-nothing', at: 'f:3' }] },
    {},
    ['note entry-without-effect'],
  ],
  ['an old kernel', { kernel: { release: '4.19.0-27-amd64' } }, {}, ['note kernel-old']],
  ['the oldest kernel that suits', { kernel: { release: '5.10.0' } }, {}, []],
  [
    'no headers, no compiler',
    modules({
      modules: [],
      because: { code: 'kernel-headers-missing', module: 'm', release: 'r', install: 'i' },
      tools: { hasHeaders: false, compiler: '', hasMake: true, install: 'i' },
    }),
    {},
    ['note tools-missing', 'note modules-refused'],
  ],
  [
    'modules are demanded and refused',
    modules({ modules: [], because: { code: 'module-loading-disabled' } }),
    { sensor: 'kernel' },
    ['problem modules-refused'],
  ],
  [
    'modules are refused and not wanted',
    modules({ modules: [], because: { code: 'module-loading-disabled' } }),
    { sensor: 'procfs' },
    [],
  ],
  [
    'Secure Boot without a signature',
    modules({
      modules: [],
      because: {
        ...{ code: 'module-not-signed', module: 'm', error: 'e', key: 'k' },
        ...{ sources: 's', version: 'v', install: 'i' },
      },
      signatures: { isSecureBoot: true, lockdown: 'integrity', isEnforced: true },
    }),
    {},
    ['note signatures-demanded', 'note modules-refused'],
  ],
  [
    'Secure Boot with signed modules',
    modules({ signatures: { isSecureBoot: true, lockdown: 'integrity', isEnforced: true } }),
    {},
    [],
  ],
  [
    'loaded modules of other sources',
    modules({ modules: [{ name: 'm', way: 'already-loaded', identity: 'other' }] }),
    {},
    ['note modules-of-other-sources'],
  ],
  ['no BPF, but modules', { bpf: { state: 'refused', because: { code: 'bpf-locked-down' } } }, {}, []],
  [
    'no BPF, though demanded',
    { bpf: { state: 'refused', because: { code: 'bpf-locked-down' } } },
    { sensor: 'bpf' },
    ['problem bpf-refused'],
  ],
  [
    'neither BPF nor modules',
    {
      ...modules({ modules: [], because: { code: 'kernel-without-modules', release: 'r' } }),
      bpf: { state: 'refused', because: { code: 'bpf-locked-down' } },
    },
    {},
    ['note modules-refused', 'note bpf-refused'],
  ],
  [
    'cgroup v1 without PSI',
    { cgroups: { isUnified: false, controllers: ['cpu', 'blkio', 'memory', 'pids'], hasPressure: false } },
    {},
    ['note cgroups-old', 'note pressure-missing'],
  ],
  [
    'no memory controller',
    { cgroups: { ...HEALTHY.cgroups, controllers: ['cpu', 'io', 'pids'] } },
    {},
    ['problem memory-controller-missing'],
  ],
  [
    'no pids controller',
    { cgroups: { ...HEALTHY.cgroups, controllers: ['cpu', 'io', 'memory'] } },
    {},
    ['note controllers-missing'],
  ],
  ['no swap', { swap: [] }, {}, ['note swap-absent']],
  ['an old engine', { engine: { ...HEALTHY.engine, version: '19.03.8' } }, {}, ['note engine-old']],
  ['the oldest tested engine', { engine: { ...HEALTHY.engine, version: '20.10.24' } }, {}, []],
  ['Podman', { engine: { ...HEALTHY.engine, version: '5.4.2' } }, {}, []],
  [
    'the sensor sees no container',
    { placing: { ...HEALTHY.placing, because: { code: 'in-pid-namespace' } } },
    {},
    ['problem containers-not-placed'],
  ],
  [
    'a cron table that no daemon reads',
    { cron: { hasDaemon: false, job: 'intact', isLoopRunning: true } },
    DEMO,
    ['problem cron-without-daemon'],
  ],
  ['no cron daemon, and no job', { cron: { ...HEALTHY.cron, hasDaemon: false } }, {}, []],
  [
    'no cron daemon, before the demo',
    { cron: { ...HEALTHY.cron, hasDaemon: false } },
    DEMO,
    ['problem cron-without-daemon'],
  ],
  ['a job without a loop', { cron: { ...HEALTHY.cron, job: 'intact' } }, DEMO, ['problem cron-left-over']],
  [
    'a job that was edited',
    { cron: { hasDaemon: true, job: 'altered', isLoopRunning: true } },
    DEMO,
    ['problem cron-altered'],
  ],
  [
    'the job of a running demo is gone',
    { cron: { hasDaemon: true, job: 'absent', isLoopRunning: true } },
    DEMO,
    ['problem cron-missing'],
  ],
  ['the demo runs', { cron: { hasDaemon: true, job: 'intact', isLoopRunning: true } }, DEMO, []],
  ['no Compose', { compose: null }, {}, ['problem compose-missing']],
  ['no Compose, and no Grafana', { compose: null }, NO_GRAFANA, []],
  ["the page's port is taken", { pagePort: listener }, {}, ['problem port-taken']],
  ["the page's port is ours", { pagePort: { ...listener, isVigia: true } }, {}, []],
  ["Grafana's port is taken", { grafana: { state: null, listener } }, {}, ['problem port-taken']],
  ["Grafana's port is taken, and not needed", { grafana: { state: null, listener } }, NO_GRAFANA, []],
  ['Grafana is stopped', { grafana: { state: 'exited', listener: null } }, {}, ['note grafana-stopped']],
  ['Grafana was never started', { grafana: { state: null, listener: null } }, {}, []],
  [
    'Grafana is missed while the loop runs',
    { grafana: { state: null, listener: null }, cron: { ...HEALTHY.cron, isLoopRunning: true } },
    {},
    ['note grafana-absent'],
  ],
  ['a disk at 85 %', disk({ availableBytes: 15 * 2 ** 30 }), {}, []],
  ['a disk above 85 %', disk({ availableBytes: 14 * 2 ** 30 }), {}, ['note disk-short']],
  ['a disk above 95 %', disk({ availableBytes: 4 * 2 ** 30 }), {}, ['problem disk-short']],
  ['no inodes', disk({ freeInodes: 1 }), {}, ['problem inodes-short']],
  ['a file system that counts no inodes', disk({ totalInodes: 0, freeInodes: 0 }), {}, []],
  ['a clock that is not synchronised', { clock: false }, {}, ['note clock-not-synchronised']],
  ['a clock of which nothing is known', { clock: null }, {}, ['note clock-unknown']],
  ['no record yet', { record: { ...HEALTHY.record, state: 'absent' }, recordAccess: [] }, {}, []],
  ['a large record', { record: { ...HEALTHY.record, state: 'too-large' } }, {}, []],
  ['a damaged record', { record: { ...HEALTHY.record, state: 'damaged' } }, {}, ['problem record-damaged']],
  [
    'a record of others',
    { record: { ...HEALTHY.record, state: 'no-permission' } },
    {},
    ['note record-no-permission'],
  ],
  [
    'a record that cannot be opened',
    { record: { ...HEALTHY.record, state: 'unreadable' } },
    {},
    ['problem record-unreadable'],
  ],
  [
    'a -shm that Grafana cannot read',
    { recordAccess: [directory, database, { ...shm, mode: 0o600 }] },
    {},
    ['problem record-not-shared'],
  ],
  [
    'a -shm of another group',
    { recordAccess: [directory, database, { ...shm, gid: 0 }] },
    {},
    ['problem record-not-shared'],
  ],
  [
    'a directory that the group may read and not enter',
    { recordAccess: [{ ...directory, mode: 0o2740 }, database] },
    {},
    ['problem record-not-shared'],
  ],
  ['a -shm for everybody', { recordAccess: [directory, database, { ...shm, gid: 0, mode: 0o644 }] }, {}, []],
  [
    'a -shm that is not readable, without Grafana',
    { recordAccess: [directory, { ...shm, mode: 0o600 }] },
    NO_GRAFANA,
    [],
  ],
  ['no systemd', { unit: null }, {}, []],
  [
    'no unit',
    { unit: { isInstalled: false, file: '', state: 'inactive', loosened: ['ProtectSystem=no'] } },
    {},
    [],
  ],
  [
    'a failed unit',
    { unit: { isInstalled: true, file: '/lib/systemd/system/vigia.service', state: 'failed', loosened: [] } },
    {},
    ['problem unit-failed'],
  ],
  [
    "a unit of the owner's own",
    {
      unit: {
        isInstalled: true,
        file: '/etc/systemd/system/vigia.service',
        state: 'active',
        loosened: ['x'],
      },
    },
    {},
    [],
  ],
  [
    'a unit with a drop-in',
    {
      unit: {
        isInstalled: true,
        file: '/lib/systemd/system/vigia.service',
        state: 'active',
        loosened: ['ProtectSystem=no'],
      },
    },
    {},
    ['problem unit-loosened'],
  ],
];

for (const [what, host, config, expected] of HOSTS)
  test(`doctor: ${what}`, () => {
    const findings = judge(host, config);
    assert.deepEqual(off(findings), expected);
    for (const finding of findings)
      for (const language of ['en', 'es'] as const) {
        const { says, remedy } = adviceOf(finding, language);
        assert.doesNotMatch(`${says} ${remedy}`, /undefined|NaN|\[object/);
        // Each finding that is off says what to do about it.
        if (finding.state !== 'ok') assert.ok(remedy !== null && remedy !== '', finding.code);
      }
  });

test('doctor: what a finding is about is told beside its own state', () => {
  const says = (host: Partial<HostFacts>, code: FindingCode): string | undefined =>
    judge(host)
      .filter((finding) => finding.code === code)
      .map((finding) => adviceOf(finding, 'en').says)[0];
  assert.equal(
    says({ grafana: { state: 'exited', listener: null } }, 'grafana-stopped'),
    'its container is exited',
  );
  assert.equal(says({}, 'unit-sandboxed'), 'active, in its sandbox');
});

test('doctor: remedies name the package manager of the distribution', () => {
  const host = { compose: null, clock: false, cron: { ...HEALTHY.cron, hasDaemon: false } };
  const remedies = judge(host, DEMO).map((finding) => adviceOf(finding, 'en').remedy);
  for (const install of [INSTALL.cron, INSTALL.compose, INSTALL.chrony])
    assert.ok(
      remedies.some((remedy) => remedy?.includes(install)),
      install,
    );
});

test('doctor: the hosts above show nearly every code', () => {
  const seen = new Set(HOSTS.flatMap(([, host, config]) => judge(host, config).map(({ code }) => code)));
  const others: FindingCode[] = [
    ...([
      'probe-failed',
      'probe-too-slow',
      'configuration-defaults',
      'entries-match',
      'engine-silent',
    ] as const),
    ...(['bpf-loaded', 'swap-in-memory', 'modules-loadable'] as const),
  ];
  const all = Object.keys(doctorWords('en').findings);
  assert.deepEqual(all.filter((code) => !seen.has(code as FindingCode)).sort(), others.sort());
});

test('doctor: a silent engine is one finding, and what only it knows is left out', () => {
  const because = { code: 'engine-unreachable', socket: '/s' } as const;
  const facts = factsOf({}, { engine: { known: false, because } });
  const findings = judgeHost({ config: DEFAULTS, facts, install: INSTALL });
  assert.deepEqual(off(findings), ['problem engine-silent']);
  assert.ok(!findings.some(({ check }) => check === 'placing' || check === 'grafana'));
});

test('doctor: whatever probes fail or are late, each gives a finding, and no other check is lost', () => {
  const names = Object.keys(HEALTHY) as (keyof HostFacts)[];
  const whole = new Set(judge({}).map(({ check }) => check));
  fc.assert(
    fc.property(fc.subarray(names), fc.boolean(), (failing, isLate) => {
      const because = isLate ? null : ({ code: 'os-error', errno: 'EIO' } as const);
      const failed = Object.fromEntries(failing.map((name) => [name, { known: false, because }]));
      const findings = judgeHost({ config: DEFAULTS, facts: factsOf({}, failed), install: INSTALL });
      const checks = new Set(findings.map(({ check }) => check));
      const dependent = [
        ...(failing.includes('engine') ? ['managed', 'placing', 'grafana'] : []),
        ...(failing.includes('modules') ? ['signatures', 'build'] : []),
        ...(failing.includes('cgroups') ? ['pressure'] : []),
      ];
      for (const check of whole) assert.ok(checks.has(check) || dependent.includes(check), check);
      for (const name of failing)
        if (!dependent.includes(name))
          assert.ok(
            findings.some(({ check, state }) => check === name && state !== 'ok'),
            name,
          );
    }),
    { numRuns: 50 },
  );
});

test('a probe that never answers ends with its time, and one that throws is a fact', {
  timeout: 5000,
}, async () => {
  assert.deepEqual(await bounded(() => new Promise<never>(() => {}), 0.01), { known: false, because: null });
  const failed = await bounded(() => assert.fail('broken'), 5);
  assert.deepEqual(failed, { known: false, because: { code: 'message', text: 'broken' } });
  assert.deepEqual(await bounded(() => 7, 5), { known: true, value: 7 });
});

test('load-modules.sh --check: what would be done, without doing it', async (t) => {
  const check = async (prepare: (host: FakeModuleHost) => void) => {
    const host = new FakeModuleHost(t);
    host.makes();
    prepare(host);
    const loading = await host.load('--check');
    assert.deepEqual(host.calls(), [], 'nothing is inserted or made');
    const { modules: found, ...rest } = parseModuleCheck(loading.stdout);
    return { ...rest, ways: found.map(({ way, identity }) => `${way} ${identity}`), status: loading.status };
  };
  const installed = await check((host) => host.installed());
  assert.deepEqual(installed.ways, ['installed null', 'installed null']);
  assert.equal(installed.status, 0);
  assert.deepEqual((await check((host) => host.built())).ways, ['file null', 'file null']);
  const toBuild = await check((host) => host.headers());
  assert.deepEqual(toBuild.ways, ['build null', 'build null']);
  assert.deepEqual(toBuild.tools, {
    ...{ hasHeaders: true, compiler: 'gcc-12', hasMake: true },
    install: 'apt-get install linux-headers-6.12.0-test make gcc-12',
  });
  const bare = await check(() => {});
  assert.equal(bare.because?.code, 'kernel-headers-missing');
  assert.equal(bare.tools?.hasHeaders, false);
  assert.equal(bare.status, 3);
  const locked = await check((host) => {
    host.headers();
    host.secureBoot();
    host.lockdown('integrity');
  });
  assert.equal(locked.because?.code, 'module-not-signed');
  assert.deepEqual(locked.signatures, { isSecureBoot: true, lockdown: 'integrity', isEnforced: true });
  const loaded = await check((host) => {
    host.append('proc/modules', 'continfo_so1 1 0 - Live 0x0\nsysinfo_so1 1 0 - Live 0x0\n');
    for (const name of ['continfo_so1', 'sysinfo_so1']) {
      host.file(`proc/${name}_201903553`, '');
      host.file(`installed/${name}`, `srcversion: ${name === 'sysinfo_so1' ? 'B' : 'A'}\n`);
      host.file(`sys/module/${name}/srcversion`, 'A\n');
    }
  });
  assert.deepEqual(loaded.ways, ['already-loaded same', 'already-loaded other']);
});

test('how-to-install.sh names the package manager of the distribution', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'vigia-os-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'etc'));
  const ask = (id: string, ...names: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      writeFileSync(join(root, 'etc/os-release'), `ID=${id}\n`);
      const script = join(ROOT, 'scripts/loading/how-to-install.sh');
      execFile(
        'bash',
        [script, ...names],
        { env: { ...process.env, VIGIA_HOST_ROOT: root } },
        (error, out) => (error === null ? resolve(out) : reject(error)),
      );
    });
  assert.equal(await ask('debian', 'cron', 'docker'), 'apt-get install cron\napt-get install docker.io\n');
  assert.equal(await ask('fedora', 'cron', 'compose'), 'dnf install cronie\ndnf install docker-compose\n');
  assert.equal(await ask('arch', 'chrony'), 'pacman -S chrony\n');
  assert.equal(await ask('other', 'cron'), 'your package manager to install cron\n');
});

test('Docker Compose that does not answer in time is not called missing', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-compose-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const { PATH } = process.env;
  t.after(() => {
    process.env['PATH'] = PATH;
  });
  process.env['PATH'] = dir;
  assert.equal(await findCompose(), null);
  writeFileSync(join(dir, 'docker'), '#!/bin/sh\nexec /bin/sleep 60\n', { mode: 0o755 });
  await assert.rejects(findCompose(AbortSignal.timeout(50)), /did not answer in time/);
});

test('the program that listens on a port is found', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const found = await findListener(address.port);
  assert.equal(found?.pid, process.pid);
  assert.equal(found?.isVigia, false);
  server.close();
  await once(server, 'close');
  assert.equal(await findListener(address.port), null);
});

/** A fake /proc in which one process with this command line listens on port 8080. */
async function listenerOf(t: TestContext, cmdline: string) {
  const proc = mkdtempSync(join(tmpdir(), 'vigia-proc-'));
  t.after(() => rmSync(proc, { recursive: true }));
  for (const part of ['net', '42/fd']) mkdirSync(join(proc, part), { recursive: true });
  const row = (state: string) => `  0: 0100007F:1F90 00000000:0000 ${state} 0:0 00:0 0 0 0 555 1\n`;
  writeFileSync(join(proc, 'net/tcp'), `  sl local_address\n${row('01')}${row('0A')}`);
  symlinkSync('socket:[555]', join(proc, '42/fd/3'));
  writeFileSync(join(proc, '42/comm'), 'node\n');
  writeFileSync(join(proc, '42/cmdline'), cmdline);
  return findListener(8080, proc);
}

test("Vigía's own page is no stranger on its port", async (t) => {
  assert.equal((await listenerOf(t, 'node\0/x/daemon/src/cli/vigia.ts\0serve\0'))?.isVigia, true);
  assert.equal((await listenerOf(t, '/usr/bin/vigia\0serve\0'))?.isVigia, true);
  assert.deepEqual(await listenerOf(t, 'node\0/x/app.ts\0serve\0'), {
    pid: 42,
    name: 'node',
    isVigia: false,
  });
});

test("the loop's lock is seen without taking it", (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-lock-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const [lock, locks] = [join(dir, 'lock'), join(dir, 'locks')];
  writeFileSync(locks, '1: POSIX  ADVISORY  WRITE 9 00:1a:1 0 EOF\n');
  assert.equal(isLoopLockHeld(lock, locks), false);
  writeFileSync(lock, '');
  assert.equal(isLoopLockHeld(lock, locks), false);
  const child = `flock -n "$0" sh -c 'echo; cat'`;
  const holder = execFile('sh', ['-c', child, lock]);
  t.after(() => holder.stdin?.end());
  return new Promise<void>((resolve) => {
    holder.stdout?.once('data', () => {
      assert.equal(isLoopLockHeld(lock), true);
      resolve();
    });
  });
});

test('cgroups and swap are read from their files', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-kernel-'));
  t.after(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, 'pressure'));
  writeFileSync(
    join(dir, 'cgroups'),
    '#subsys_name\thierarchy\tnum\tenabled\ncpu\t1\t2\t1\nmemory\t0\t2\t0\n',
  );
  assert.deepEqual(cgroupFacts(dir, dir), { isUnified: false, controllers: ['cpu'], hasPressure: false });
  writeFileSync(join(dir, 'cgroup.controllers'), 'cpu io memory\n');
  writeFileSync(join(dir, 'pressure/memory'), '');
  assert.deepEqual(cgroupFacts(dir, dir), {
    ...{ isUnified: true, controllers: ['cpu', 'io', 'memory'], hasPressure: true },
  });
  assert.deepEqual(swapFacts(dir), []);
  writeFileSync(join(dir, 'swaps'), 'Filename Type Size Used Priority\n/dev/zram0 partition 2097148 0 100\n');
  assert.deepEqual(swapFacts(dir), [{ device: '/dev/zram0', mib: 2048 }]);
});

test('a unit that is not as packaged is seen; what this systemd does not know is not judged', () => {
  const text =
    'LoadState=loaded\nFragmentPath=/lib/v\nActiveState=active\nProtectSystem=full\nNoNewPrivileges=yes\n';
  assert.deepEqual(parseUnit(text), {
    ...{ isInstalled: true, file: '/lib/v', state: 'active', loosened: ['ProtectSystem=full'] },
  });
});

test('the file system of a directory that does not exist yet is that of the nearest one above', async () => {
  const [here, deeper] = await Promise.all([fileSystemOf('/tmp'), fileSystemOf('/tmp/no/such/directory')]);
  assert.equal(deeper.totalBytes, here.totalBytes);
  assert.equal(deeper.path, '/tmp/no/such/directory');
  assert.ok(here.totalBytes >= here.availableBytes && here.availableBytes > 0);
});

test('a record: absent, damaged, and who may read its files', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-record-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'vigia.db');
  assert.equal(recordFacts(path).state, 'absent');
  writeFileSync(path, 'no database at all'.repeat(100));
  chmodSync(path, 0o640);
  assert.equal(recordFacts(path).state, 'damaged');
  writeFileSync(`${path}-shm`, '');
  const files = recordAccess(path).map(({ path: file, mode }) => [file, mode & 0o600]);
  assert.deepEqual(files, [
    [dir, 0o600],
    [path, 0o600],
    [`${path}-shm`, 0o600],
  ]);
});

test('vigia doctor: every check as JSON, with its remedy; a problem ends with 1, a wrong configuration with 2', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-doctor-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'config.yaml');
  const engine = await listingEngine(t, []);
  const settings = (socket: string): string =>
    `database: ${dir}/vigia.db\nsensor: procfs\ngrafana: { start: false }\ndocker: { socket: ${socket} }\n`;
  const doctor = (
    ...args: string[]
  ): Promise<{ code: number; findings: (Finding & { message: string; remedy: string | null })[] }> =>
    new Promise((resolve) => {
      const vigia = join(ROOT, 'daemon/src/cli/vigia.ts');
      const env = { ...process.env, LC_ALL: 'es_ES.UTF-8' };
      execFile(
        process.execPath,
        [vigia, '--config', file, 'doctor', '--json', ...args],
        { env },
        (error, stdout) => resolve({ code: error === null ? 0 : Number(error.code), ...JSON.parse(stdout) }),
      );
    });
  writeFileSync(file, settings(join(dir, 'none.sock')));
  const silent = await doctor();
  assert.equal(silent.code, 1);
  const finding = silent.findings.find(({ check }) => check === 'engine');
  assert.deepEqual([finding?.state, finding?.code], ['problem', 'engine-silent']);
  assert.match(finding?.message ?? '', /^Docker is not reachable/, 'JSON is English in every language');
  assert.match(finding?.remedy ?? '', /docker/);
  writeFileSync(file, `${settings(engine.socket)}nonsense: 1\n`);
  const wrong = await doctor();
  assert.equal(wrong.code, 2);
  assert.equal(wrong.findings[0]?.code, 'configuration-invalid');
  assert.ok(wrong.findings.length > 8);
  writeFileSync(file, settings(engine.socket));
  const answers = (await doctor()).findings.filter(({ check }) => check === 'engine' || check === 'placing');
  assert.deepEqual(
    answers.map(({ code }) => code),
    ['engine-answers', 'containers-placed'],
  );
});
