import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

/** `workload/generate_containers.sh` with a `docker` that only notes how it was called. */

const SCRIPT = join(import.meta.dirname, '../../workload/generate_containers.sh');

function fakeDocker(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-generate-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [bin, calls] = [join(dir, 'bin'), join(dir, 'calls')];
  mkdirSync(bin);
  writeFileSync(calls, '');
  writeFileSync(join(bin, 'docker'), `#!/bin/sh\necho "$*" >>'${calls}'\n`);
  chmodSync(join(bin, 'docker'), 0o755);
  const generate = (script: string, ...args: string[]) =>
    spawnSync(script, args, {
      encoding: 'utf8',
      cwd: dir,
      env: {
        PATH: `${bin}:${process.env['PATH']}`,
        VIGIA_SPAWN_LOCK: join(dir, 'run/spawn.lock'),
        VIGIA_LOOP_LOCK: join(dir, 'run/loop.lock'),
      },
    });
  /** The names of the containers that were started so far. */
  const names = (): string[] =>
    [...readFileSync(calls, 'utf8').matchAll(/^run .* --name (\S+) /gm)].map(([, name = '']) => name);
  return { dir, generate, names };
}

test('ten containers are started each time, without the loop, and no name is used twice', (t) => {
  const { generate, names } = fakeDocker(t);
  for (const count of [10, 20]) {
    const { status, stdout, stderr } = generate(SCRIPT, '--seed', '7');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /started 10 of 10 in \d+ s \(cpu 6, ram 3, idle 1\)/);
    assert.equal(new Set(names()).size, count);
  }
  for (const name of names()) assert.match(name, /^vigia-(cpu|ram|idle)-\d{12}-[0-9a-f]{8}-\d+$/);
});

test('through a symbolic link in another directory it finds the script that it runs', (t) => {
  const { dir, generate, names } = fakeDocker(t);
  const link = join(dir, 'generate_containers.sh');
  symlinkSync(SCRIPT, link);
  const { status, stdout, stderr } = generate('./generate_containers.sh', '--dry-run');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /draws 10 .*nothing was started/);
  assert.deepEqual(names(), []);
});

test('--help describes it and starts nothing; a wrong option ends with 2', (t) => {
  const { generate, names } = fakeDocker(t);
  const help = generate(SCRIPT, '--dry-run', '--help');
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^Usage: generate_containers\.sh /);
  assert.equal(generate(SCRIPT, '--nonsense').status, 2);
  assert.deepEqual(names(), []);
});
