import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../../daemon/src/host/command.ts';
import { installCron, isCronIntact, removeCron } from '../../daemon/src/host/cron.ts';
import { holdLoopLock } from '../../daemon/src/host/lock.ts';

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
