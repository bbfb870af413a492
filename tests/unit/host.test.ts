import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../../daemon/src/host/command.ts';
import { hasCronDaemon, installCron, isCronIntact, removeCron } from '../../daemon/src/host/cron.ts';
import { findPageUser, prepareDataDirectory } from '../../daemon/src/host/data-directory.ts';
import { isDeliberateStop } from '../../daemon/src/host/deliberate-stop.ts';
import { grafanaUp } from '../../daemon/src/host/grafana-container.ts';
import { buildImages } from '../../daemon/src/host/images.ts';
import { holdLoopLock } from '../../daemon/src/host/lock.ts';
import { keepPage } from '../../daemon/src/host/page-process.ts';
import { ServiceManager } from '../../daemon/src/host/service-manager.ts';
import { awaitSpawnScript } from '../../daemon/src/host/spawn-lock.ts';
import { hasDied, isAlive } from './processes.ts';

const ROOT = join(import.meta.dirname, '../..');

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-host-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const isFree = (lock: string): boolean => spawnSync('flock', ['--nonblock', lock, 'true']).status === 0;

test('if the user of the page cannot be looked up, the page does not run as root', (t) => {
  const { PATH } = process.env;
  t.after(() => Object.assign(process.env, { PATH }));
  process.env['PATH'] = scratch(t);
  assert.throws(findPageUser, /id/);
});

test('a second loop does not get the loop lock until the first has ended', async (t) => {
  const path = join(scratch(t), 'loop.lock');
  const first = await holdLoopLock(path);
  assert.ok(first);
  assert.equal(isFree(path), false);
  assert.equal(await holdLoopLock(path), null);
  await first[Symbol.asyncDispose]();
  assert.equal(isFree(path), true);
});

test('only root can open the lock: a process that holds it keeps every loop from starting', async (t) => {
  const path = join(scratch(t), 'run', 'loop.lock');
  await using lock = await holdLoopLock(path);
  assert.ok(lock);
  assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
});

test('the lock is free again after a SIGKILL of its owner', async (t) => {
  const path = join(scratch(t), 'loop.lock');
  const module = join(import.meta.dirname, '../../daemon/src/host/lock.ts');
  const owner = spawn(
    process.execPath,
    [
      '-e',
      `import(${JSON.stringify(module)}).then((m) => m.holdLoopLock(${JSON.stringify(path)})).then(() => { console.log('held'); setInterval(() => {}, 1e6) })`,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await new Promise((resolve) => owner.stdout.once('data', resolve));
  assert.equal(isFree(path), false);
  owner.kill('SIGKILL');
  await new Promise((resolve) => owner.once('close', resolve));
  // The lock holder ends when it reads the end of its input, a moment later.
  assert.equal(spawnSync('flock', ['--timeout', '60', path, 'true']).status, 0);
});

test('a lost lock is reported', async (t) => {
  const path = join(scratch(t), 'loop.lock');
  const lock = await holdLoopLock(path);
  assert.ok(lock);
  spawnSync('fuser', ['--kill', path]);
  spawnSync('pkill', ['--full', path]);
  await lock.lost;
});

const SOCKET = '/var/run/docker.sock';

test('the cron file is complete, readable for cron and removable; a stale or altered one is detected', (t) => {
  const file = join(scratch(t), 'vigia-workload');
  assert.equal(installCron(SOCKET, file), false);
  assert.equal(statSync(file).mode & 0o777, 0o644);
  const text = readFileSync(file, 'utf8');
  assert.match(
    text,
    /^\* \* \* \* \* root DOCKER_HOST='unix:\/\/\/var\/run\/docker\.sock' '.*\/workload\/spawn-containers\.sh'/m,
  );
  assert.ok(text.endsWith('\n'), 'cron ignores a last line without a newline');
  assert.equal(isCronIntact(SOCKET, file), true);
  assert.equal(isCronIntact('/run/other.sock', file), false);
  assert.equal(installCron(SOCKET, file), true);
  writeFileSync(file, `${text}* * * * * root true\n`);
  assert.equal(isCronIntact(SOCKET, file), false);
  removeCron(file);
  removeCron(file);
  assert.equal(existsSync(file), false);
});

test("the cron job passes the engine's socket on whatever its path holds", (t) => {
  for (const socket of [SOCKET, "/run/it's $HOME `id`.sock", '/run/a b;c "d" %e%%.sock']) {
    const file = join(scratch(t), 'vigia-workload');
    installCron(socket, file);
    const [, command = ''] =
      /^\* \* \* \* \* root (.*) '[^']*spawn-containers\.sh'/m.exec(readFileSync(file, 'utf8')) ?? [];
    // To cron an unescaped % is the end of the command, and \% is a %.
    assert.doesNotMatch(command, /(?<!\\)%/);
    const { stdout } = spawnSync('sh', ['-c', `${command.replaceAll('\\%', '%')} printenv DOCKER_HOST`], {
      encoding: 'utf8',
    });
    assert.equal(stdout, `unix://${socket}\n`);
  }
});

test('a cron daemon is found by its process, or by the timers of systemd-cron', (t) => {
  const proc = scratch(t);
  const [none, timers] = [join(proc, 'none'), join(proc, 'timers')];
  const process = (pid: string, comm: string): void => {
    mkdirSync(join(proc, pid));
    writeFileSync(join(proc, pid, 'comm'), `${comm}\n`);
  };
  process('1', 'systemd');
  process('20', 'cronjob');
  mkdirSync(join(proc, 'self'));
  mkdirSync(join(proc, '30'));
  assert.equal(hasCronDaemon(proc, none), false);
  mkdirSync(timers);
  assert.equal(hasCronDaemon(proc, timers), true);
  process('40', 'cron');
  assert.equal(hasCronDaemon(proc, none), true);
});

/** A directory of programs that comes first in PATH until the test ends. */
function programs(t: TestContext, bodies: Record<string, string>): void {
  const dir = scratch(t);
  const { PATH } = process.env;
  for (const [name, body] of Object.entries(bodies))
    writeFileSync(join(dir, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  process.env['PATH'] = `${dir}:${PATH}`;
  t.after(() => Object.assign(process.env, { PATH }));
}

test('images and Grafana are made on the engine that the loop uses', async (t) => {
  const dir = scratch(t);
  const calls = join(dir, 'calls');
  programs(t, { docker: `echo "$1 $2 $DOCKER_HOST" >>'${calls}'\n[ "$1" = compose ]` });
  const socket = '/run/other engine.sock';
  await assert.rejects(buildImages(socket, new AbortController().signal));
  await grafanaUp({ database: join(dir, 'vigia.db'), docker: { socket, timeoutSeconds: 5 } });
  const lines = readFileSync(calls, 'utf8').trim().split('\n');
  assert.match(lines.join('\n'), /^version /m);
  assert.match(lines.join('\n'), /^compose --project-name /m);
  for (const line of lines.filter((one) => !one.startsWith('compose version')))
    assert.ok(line.endsWith(` unix://${socket}`), line);
});

const SERVICE = { execPid: '500', pid: 500, parent: 1, cgroup: '0::/system.slice/vigia.service\n' };
const HYBRID = '12:pids:/system.slice/vigia.service\n1:name=systemd:/system.slice/vigia.service\n0::/\n';
/** What `systemctl list-jobs --no-legend --plain` prints. */
const systemctl = (jobs: string, state = 'running'): string =>
  `case $1 in list-jobs) printf '${jobs}' ;; is-system-running) echo ${state} ;; *) exit 9 ;; esac`;

for (const [what, jobs, state, expected] of [
  ['systemctl stop', '812 vigia.service stop running\\n', 'running', true],
  [
    'systemctl stop of several units',
    '811 vigia-page.service restart waiting\\n812 vigia.service stop running\\n',
    'degraded',
    true,
  ],
  ['a signal without a job', '', 'running', true],
  ['systemctl restart', '812 vigia.service restart running\\n', 'running', false],
  ['a start that is waiting for the stop', '812 vigia.service start waiting\\n', 'running', false],
  ['a shutdown', '812 vigia.service stop running\\n', 'stopping', false],
] as const)
  test(`as a service, ${what} is ${expected ? '' : 'not '}deliberate`, async (t) => {
    programs(t, { systemctl: systemctl(jobs, state) });
    assert.equal(await isDeliberateStop(SERVICE), expected);
    assert.equal(await isDeliberateStop({ ...SERVICE, execPid: undefined, cgroup: HYBRID }), expected);
  });

test('in a terminal every stop is deliberate, whatever started the terminal', async (t) => {
  programs(t, { systemctl: systemctl('812 vigia.service restart running\\n') });
  const terminal = { execPid: undefined, pid: 500, parent: 400, cgroup: '0::/user.slice/session-2.scope\n' };
  assert.equal(await isDeliberateStop(terminal), true);
  // A desktop's terminal is a service itself, and its programs inherit its variables.
  const desktop = { ...terminal, execPid: '77', cgroup: '0::/user.slice/app.slice/gnome-terminal.service\n' };
  assert.equal(await isDeliberateStop(desktop), true);
  assert.equal(await isDeliberateStop(), true);
});

test('as a service, the stop before an upgrade of the package is not deliberate', async (t) => {
  programs(t, { systemctl: systemctl('812 vigia.service stop running\\n') });
  const upgrading = join(scratch(t), 'upgrading');
  assert.equal(await isDeliberateStop(SERVICE, upgrading), true);
  writeFileSync(upgrading, '');
  assert.equal(await isDeliberateStop(SERVICE, upgrading), false);
});

test('a service that cannot ask systemd keeps its containers', async (t) => {
  for (const body of ['exit 1', 'echo no bus >&2; exit 1']) {
    programs(t, { systemctl: body });
    assert.equal(await isDeliberateStop(SERVICE), false);
  }
});

test('the end of the spawn script is awaited, and not for ever', async (t) => {
  const lock = join(scratch(t), 'spawn.lock');
  assert.equal(await awaitSpawnScript(1, lock), true);
  const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  assert.equal(await awaitSpawnScript(0.2, lock), false);
  const waiting = awaitSpawnScript(60, lock);
  holder.stdin.end();
  assert.equal(await waiting, true);
});

test('a program that is missing, fails or hangs gives a result, not an exception', async () => {
  assert.equal((await runCommand('/nowhere/x', [], { timeoutSeconds: 5 })).code, 127);
  assert.deepEqual(await runCommand('sh', ['-c', 'echo out; echo err >&2; exit 3'], { timeoutSeconds: 5 }), {
    code: 3,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  const hung = await runCommand('sleep', ['60'], { timeoutSeconds: 0.2 });
  assert.equal(hung.code, null);
  assert.match(hung.stderr, /ended early/);
});

const PAGE = { uid: 65_534, gid: 65_534 };
const ownershipOf = (path: string): [number, number, string] => {
  const { uid, gid, mode } = statSync(path);
  return [uid, gid, (mode & 0o7777).toString(8)];
};
const OURS = [0, PAGE.gid, '2750'];

test("the database's directory is created readable for the page; a directory of another owner is not changed", (t) => {
  const dir = scratch(t);
  const made = join(dir, 'data');
  assert.equal(prepareDataDirectory(join(made, 'vigia.db'), PAGE), null);
  assert.deepEqual(ownershipOf(made), OURS);
  assert.equal(prepareDataDirectory(join(made, 'vigia.db'), PAGE), null, 'the second time too');

  const common = join(dir, 'tmp');
  mkdirSync(common);
  chmodSync(common, 0o1777);
  assert.match(
    prepareDataDirectory(join(common, 'vigia.db'), PAGE) ?? '',
    /not belong to Vigía.*chown root:vigia/,
  );
  assert.deepEqual(ownershipOf(common), [process.getuid?.(), process.getgid?.(), '1777']);
  assert.match(prepareDataDirectory('/vigia.db', PAGE) ?? '', /^\/ already exists/);
  // Without a user for the page nothing is changed.
  assert.equal(prepareDataDirectory(join(common, 'vigia.db'), null), null);
});

test("a directory of the page's group is Vigía's, and its mode is restored", (t) => {
  const dir = scratch(t);
  chownSync(dir, PAGE.uid, PAGE.gid);
  assert.equal(prepareDataDirectory(join(dir, 'vigia.db'), PAGE), null);
  assert.deepEqual(ownershipOf(dir), OURS);
});

test('a deadline also ends the child processes of a program, even those that ignore SIGTERM', {
  timeout: 60_000,
}, async () => {
  for (const body of ['', "trap '' TERM; "]) {
    const hung = await runCommand('sh', ['-c', `${body}sleep 300 & echo $!; wait; sleep 300`], {
      timeoutSeconds: 0.5,
    });
    assert.equal(hung.code, null);
    assert.match(hung.stderr, /ended early/);
    assert.ok(await hasDied(Number(hung.stdout)), 'its child process has ended');
  }
});

test('a program that exits with 0 on its deadline still counts as interrupted', async () => {
  const cut = await runCommand('sh', ['-c', "trap 'exit 0' TERM; sleep 300 & wait"], { timeoutSeconds: 0.5 });
  assert.equal(cut.code, null);
});

test('a background process that a program leaves is neither awaited nor ended', {
  timeout: 60_000,
}, async () => {
  const left = await runCommand('sh', ['-c', 'sleep 300 & echo $!'], { timeoutSeconds: 60 });
  const pid = Number(left.stdout);
  assert.deepEqual([left.code, isAlive(pid)], [0, true]);
  process.kill(pid);
});

test('an abort signal ends a program, and an earlier one prevents its start', {
  timeout: 60_000,
}, async () => {
  const end = new AbortController();
  const running = runCommand('sh', ['-c', 'sleep 300; echo over'], {
    timeoutSeconds: 300,
    signal: end.signal,
  });
  end.abort();
  assert.deepEqual([(await running).code, (await running).stdout], [null, '']);
  const never = await runCommand('sh', ['-c', 'echo begun'], { timeoutSeconds: 300, signal: end.signal });
  assert.deepEqual([never.code, never.stdout], [null, '']);
});

/** An argument for which spawn() throws (E2BIG), as it does when there is no memory to fork (ENOMEM). */
const TOO_LONG = 'x'.repeat(200_000);

/** Source of a process that runs `body` when it can open no more files, and then prints the result as JSON. */
const withoutDescriptors = (module: string, body: string): string => `
import { closeSync, openSync } from 'node:fs';
import { ${module === 'command' ? 'runCommand' : 'keepPage'} } from '${join(ROOT, `daemon/src/host/${module}.ts`)}';
const open = [];
try { for (;;) open.push(openSync('/dev/null')); } catch {}
const result = await (async () => { ${body} })();
for (const fd of open) closeSync(fd);
console.log(JSON.stringify(result));`;

function runWithoutDescriptors(module: 'command' | 'page-process', body: string): unknown {
  const source = withoutDescriptors(module, body);
  const { stdout, stderr } = spawnSync(
    'prlimit',
    ['--nofile=64', process.execPath, '--input-type=module', '-e', source],
    { encoding: 'utf8', timeout: 120_000 },
  );
  assert.match(stdout, /^[[{]/, stderr);
  return JSON.parse(stdout);
}

test('a program that the kernel cannot start gives a result too: no memory to fork, no descriptor for its pipes', async () => {
  const thrown = await runCommand('true', [TOO_LONG], { timeoutSeconds: 5 });
  assert.deepEqual([thrown.code, thrown.stderr], [127, 'true: spawn E2BIG']);
  assert.deepEqual(
    runWithoutDescriptors('command', "return runCommand('true', [], { timeoutSeconds: 5 });"),
    {
      code: 127,
      stdout: '',
      stderr: 'true: spawn true EMFILE',
    },
  );
});

test('a page that cannot be started is retried, and does not keep the daemon from ending', async () => {
  const warnings: string[] = [];
  const logger = { info: () => {}, warn: (message: string) => void warnings.push(message) };
  await keepPage(['true', TOO_LONG], null, logger)[Symbol.asyncDispose]();
  assert.deepEqual(warnings, ['page: spawn E2BIG; restarting it in 2 s. The loop is not affected.']);
  const printed = runWithoutDescriptors(
    'page-process',
    `const warnings = [];
    const page = keepPage(['true'], null, { warn: (message) => warnings.push(message) });
    while (warnings.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await page[Symbol.asyncDispose]();
    return warnings;`,
  );
  assert.deepEqual(printed, ['page: spawn true EMFILE; restarting it in 2 s. The loop is not affected.']);
});

/** Replaces systemd. In Perl, because Node cannot listen on a local datagram socket. */
const LISTENER = `use IO::Socket::UNIX; $| = 1;
my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
print "listening\\n"; while (defined $s->recv(my $m, 4096)) { $m =~ s/\\n/|/g; print "$m\\n" unless $m =~ /BARRIER/ }`;

test('the service manager is notified of the first cycle, and of the watchdog no more often than required', async (t) => {
  const socket = join(scratch(t), 'notify');
  const listener = spawn('perl', ['-e', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => listener.kill());
  const messages = createInterface({ input: listener.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await messages.next()).value);
  assert.equal(await next(), 'listening');
  process.env['NOTIFY_SOCKET'] = socket;
  const complaints: string[] = [];
  const systemd = new ServiceManager(90, (message) => complaints.push(message));
  t.after(() => delete process.env['NOTIFY_SOCKET']);

  systemd.cycleDone('cycle 1: low 3/3, high 2/2', 0);
  assert.equal(await next(), 'READY=1|STATUS=cycle 1: low 3/3, high 2/2|WATCHDOG_USEC=90000000|WATCHDOG=1');
  systemd.alive(29e9);
  systemd.alive(30e9);
  systemd.alive(31e9);
  assert.equal(await next(), 'WATCHDOG=1');
  systemd.cycleDone('cycle 2', 40e9);
  assert.match(await next(), /^READY=1\|STATUS=cycle 2\|/);
  // systemd does not accept a fraction of a microsecond.
  new ServiceManager(90.123_456_7, (message) => complaints.push(message)).cycleDone('cycle 3', 0);
  assert.match(await next(), /\|WATCHDOG_USEC=90123457\|/);
  assert.deepEqual(complaints, []);
});
