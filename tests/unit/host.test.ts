import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
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
import { installCron, isCronIntact, removeCron } from '../../daemon/src/host/cron.ts';
import { findPageUser, prepareDataDirectory } from '../../daemon/src/host/data-directory.ts';
import { holdLoopLock } from '../../daemon/src/host/lock.ts';
import { keepPage } from '../../daemon/src/host/page-process.ts';
import { ServiceManager } from '../../daemon/src/host/service-manager.ts';
import { hasDied, isAlive } from './processes.ts';

const ROOT = join(import.meta.dirname, '../..');

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-host-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const isFree = (lock: string): boolean => spawnSync('flock', ['--nonblock', lock, 'true']).status === 0;

test('where nobody can say whether there is a user for the page, it does not run as root', (t) => {
  const { PATH } = process.env;
  t.after(() => Object.assign(process.env, { PATH }));
  process.env['PATH'] = scratch(t);
  assert.throws(findPageUser, /id/);
});

test('the loop lock is refused to a second loop, and free again after the first', async (t) => {
  const path = join(scratch(t), 'loop.lock');
  const first = await holdLoopLock(path);
  assert.ok(first);
  assert.equal(isFree(path), false);
  assert.equal(await holdLoopLock(path), null);
  await first[Symbol.asyncDispose]();
  assert.equal(isFree(path), true);
});

test('nobody else can open the lock: whoever holds it keeps every loop from starting', async (t) => {
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
  // The holder sees the end of its input in its own time.
  assert.equal(spawnSync('flock', ['--timeout', '60', path, 'true']).status, 0);
});

test('a lock that is lost says so', async (t) => {
  const path = join(scratch(t), 'loop.lock');
  const lock = await holdLoopLock(path);
  assert.ok(lock);
  spawnSync('fuser', ['--kill', path]);
  spawnSync('pkill', ['--full', path]);
  await lock.lost;
});

test('the cron file is whole, readable for cron, and gone after removal; a stale one is noticed', (t) => {
  const file = join(scratch(t), 'vigia-workload');
  assert.equal(installCron(file), false);
  assert.equal(statSync(file).mode & 0o777, 0o644);
  const text = readFileSync(file, 'utf8');
  assert.match(text, /^\* \* \* \* \* root '.*\/workload\/spawn-containers\.sh'/m);
  assert.ok(text.endsWith('\n'), 'cron ignores a last line without an end');
  assert.equal(isCronIntact(file), true);
  assert.equal(installCron(file), true);
  writeFileSync(file, `${text}* * * * * root true\n`);
  assert.equal(isCronIntact(file), false);
  removeCron(file);
  removeCron(file);
  assert.equal(existsSync(file), false);
});

test('a program that is missing, fails or hangs is an answer, not an exception', async () => {
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

test("the database's directory is made for the page to read; one of somebody else's is left as it is", (t) => {
  const dir = scratch(t);
  const made = join(dir, 'data');
  assert.equal(prepareDataDirectory(join(made, 'vigia.db'), PAGE), null);
  assert.deepEqual(ownershipOf(made), OURS);
  assert.equal(prepareDataDirectory(join(made, 'vigia.db'), PAGE), null, 'the next time as well');

  const common = join(dir, 'tmp');
  mkdirSync(common);
  chmodSync(common, 0o1777);
  assert.match(
    prepareDataDirectory(join(common, 'vigia.db'), PAGE) ?? '',
    /not belong to Vigía.*chown root:vigia/,
  );
  assert.deepEqual(ownershipOf(common), [process.getuid?.(), process.getgid?.(), '1777']);
  assert.match(prepareDataDirectory('/vigia.db', PAGE) ?? '', /^\/ already exists/);
  // Nobody is to be let in: nothing is changed.
  assert.equal(prepareDataDirectory(join(common, 'vigia.db'), null), null);
});

test("a directory of the page's group is Vigía's, whatever became of its mode", (t) => {
  const dir = scratch(t);
  chownSync(dir, PAGE.uid, PAGE.gid);
  assert.equal(prepareDataDirectory(join(dir, 'vigia.db'), PAGE), null);
  assert.deepEqual(ownershipOf(dir), OURS);
});

test('a deadline ends what a program started as well, the deaf included, and is not waited past', {
  timeout: 60_000,
}, async () => {
  for (const body of ['', "trap '' TERM; "]) {
    const hung = await runCommand('sh', ['-c', `${body}sleep 300 & echo $!; wait; sleep 300`], {
      timeoutSeconds: 0.5,
    });
    assert.equal(hung.code, null);
    assert.match(hung.stderr, /ended early/);
    assert.ok(await hasDied(Number(hung.stdout)), 'what it started is dead');
  }
});

test('a program that obeys its deadline with success was cut all the same', async () => {
  const cut = await runCommand('sh', ['-c', "trap 'exit 0' TERM; sleep 300 & wait"], { timeoutSeconds: 0.5 });
  assert.equal(cut.code, null);
});

test('what a program leaves in the background is neither waited for nor ended', {
  timeout: 60_000,
}, async () => {
  const left = await runCommand('sh', ['-c', 'sleep 300 & echo $!'], { timeoutSeconds: 60 });
  const pid = Number(left.stdout);
  assert.deepEqual([left.code, isAlive(pid)], [0, true]);
  process.kill(pid);
});

test('a signal ends a program, and one that has come already lets none start', {
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

/** Node throws for this (E2BIG) as it does where memory is too short to fork (ENOMEM). */
const TOO_LONG = 'x'.repeat(200_000);

/** In a process that may open no more files: what it does then, told at the end. */
const withoutDescriptors = (module: string, body: string): string => `
import { closeSync, openSync } from 'node:fs';
import { ${module === 'command' ? 'runCommand' : 'keepPage'} } from '${join(ROOT, `daemon/src/host/${module}.ts`)}';
const open = [];
try { for (;;) open.push(openSync('/dev/null')); } catch {}
const told = await (async () => { ${body} })();
for (const fd of open) closeSync(fd);
console.log(JSON.stringify(told));`;

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

test('a program that the kernel cannot start is an answer too: no memory to fork, no descriptor for its pipes', async () => {
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

test('a page that cannot be started is tried again, and does not keep the daemon from ending', async () => {
  const warnings: string[] = [];
  const logger = { info: () => {}, warn: (message: string) => void warnings.push(message) };
  await keepPage(['true', TOO_LONG], null, logger)[Symbol.asyncDispose]();
  assert.deepEqual(warnings, ['page: spawn E2BIG; restarting it in 2 s. The loop is not affected.']);
  const told = runWithoutDescriptors(
    'page-process',
    `const warnings = [];
    const page = keepPage(['true'], null, { warn: (message) => warnings.push(message) });
    while (warnings.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await page[Symbol.asyncDispose]();
    return warnings;`,
  );
  assert.deepEqual(told, ['page: spawn true EMFILE; restarting it in 2 s. The loop is not affected.']);
});

/** Stands where systemd would: Node cannot listen on a datagram socket of the local kind, Perl is on every Debian. */
const LISTENER = `use IO::Socket::UNIX; $| = 1;
my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
print "listening\\n"; while (defined $s->recv(my $m, 4096)) { $m =~ s/\\n/|/g; print "$m\\n" unless $m =~ /BARRIER/ }`;

test('the service manager hears that the first cycle is done, and not oftener than it asked for that we live', async (t) => {
  const socket = join(scratch(t), 'notify');
  const listener = spawn('perl', ['-e', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => listener.kill());
  const heard = createInterface({ input: listener.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await heard.next()).value);
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
  // systemd takes no fraction of a microsecond.
  new ServiceManager(90.123_456_7, (message) => complaints.push(message)).cycleDone('cycle 3', 0);
  assert.match(await next(), /\|WATCHDOG_USEC=90123457\|/);
  assert.deepEqual(complaints, []);
});
