import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../../daemon/src/host/command.ts';
import { installCron, isCronIntact, removeCron } from '../../daemon/src/host/cron.ts';
import { holdLoopLock } from '../../daemon/src/host/lock.ts';
import { ServiceManager } from '../../daemon/src/host/service-manager.ts';

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-host-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const isFree = (lock: string): boolean => spawnSync('flock', ['--nonblock', lock, 'true']).status === 0;

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
  assert.equal(spawnSync('flock', ['--timeout', '5', path, 'true']).status, 0);
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
  assert.deepEqual(complaints, []);
});
