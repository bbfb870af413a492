import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { publishLoopState, withdrawLoopState } from '../../daemon/src/host/loop-state.ts';
import { type Config, DEFAULTS, DEMO_DEFAULTS } from '../../daemon/src/model/config.ts';

/** When `workload/spawn-containers.sh` starts containers, with a `docker` that only notes how it was called. */

const SCRIPT = join(import.meta.dirname, '../../workload/spawn-containers.sh');

function place(t: TestContext, body = '') {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-spawn-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [calls, lock, state] = [join(dir, 'calls'), join(dir, 'loop.lock'), join(dir, 'state')];
  mkdirSync(join(dir, 'bin'));
  writeFileSync(calls, '');
  writeFileSync(
    join(dir, 'bin/docker'),
    `#!/bin/sh\nprintf '%s [%s]\\n' "$*" "$DOCKER_HOST" >>'${calls}'\n${body}\n`,
    { mode: 0o755 },
  );
  const { DOCKER_HOST: _, ...environment } = process.env;
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync(SCRIPT, args, {
      encoding: 'utf8',
      env: {
        ...environment,
        PATH: `${dir}/bin:${process.env['PATH']}`,
        VIGIA_SPAWN_LOCK: join(dir, 'spawn.lock'),
        VIGIA_LOOP_LOCK: lock,
        VIGIA_LOOP_STATE: state,
        ...env,
      },
    });
  const starts = (): string[] =>
    readFileSync(calls, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('run '));
  return { dir, lock, state, run, starts };
}

/** Holds the lock as the loop does, until the test ends. */
async function hold(t: TestContext, lock: string): Promise<void> {
  const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(holder, 'exit');
  t.after(async () => {
    holder.stdin.end();
    await exited;
  });
  await once(holder.stdout, 'data');
}

const states: readonly [string, Config | 'stopping' | null, RegExp | null][] = [
  ['enforces with the workload', DEMO_DEFAULTS, null],
  [
    'enforces without it',
    { ...DEFAULTS, mode: 'enforce' },
    /runs without the workload \(cron\.install is false\)/,
  ],
  ['observes', { ...DEMO_DEFAULTS, mode: 'observe' }, /removes nothing \(its mode is observe\)/],
  ['only plans', { ...DEMO_DEFAULTS, mode: 'dry-run' }, /removes nothing \(its mode is dry-run\)/],
  ['is stopping', 'stopping', /Vigía is stopping/],
  ['says nothing', null, /does not say that it removes containers \(.*\/state\)/],
];
for (const [what, state, whyNot] of states)
  test(`while the loop ${what}, ${whyNot === null ? 'containers are' : 'nothing is'} started`, async (t) => {
    const { lock, state: file, run, starts } = place(t);
    await hold(t, lock);
    if (state === null) withdrawLoopState(file);
    else publishLoopState(state, file);
    const { status, stdout, stderr } = run(['--count', '2']);
    assert.equal(status, 0, stderr);
    if (whyNot === null) assert.match(stdout, /started 2 of 2 /);
    else assert.match(stdout, new RegExp(`${whyNot.source}; nothing was started\\. .*vigia up --demo`));
    assert.equal(starts().length, whyNot === null ? 2 : 0);
    // By hand it may be overridden.
    assert.equal(run(['--count', '1', '--force']).status, 0);
    assert.equal(starts().length, whyNot === null ? 3 : 1);
  });

test('what an earlier loop left means nothing while no loop runs', (t) => {
  const { state, run, starts } = place(t);
  publishLoopState(DEMO_DEFAULTS, state);
  assert.match(run([]).stdout, /loop is not running .*; nothing was started/);
  assert.deepEqual(starts(), []);
});

test('a batch ends when the loop does not want it any more', async (t) => {
  const { dir, lock, state, run, starts } = place(t, `[ "$1" != run ] || echo stopping >"$STATE"`);
  await hold(t, lock);
  publishLoopState(DEMO_DEFAULTS, state);
  const { status, stderr } = run(['--count', '5'], { VIGIA_SPAWN_PARALLEL: '1', STATE: join(dir, 'state') });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /stopped after trying 1 of 5 containers: Vigía is stopping; the 1 already running stay/,
  );
  assert.equal(starts().length, 1);
});

test('every container is marked as disposable, and started on the engine that DOCKER_HOST names', (t) => {
  const { run, starts } = place(t);
  run(['--count', '3', '--force'], { DOCKER_HOST: 'unix:///run/other engine.sock' });
  assert.equal(starts().length, 3);
  for (const line of starts()) {
    assert.match(line, / --label vigia\.managed=true --label vigia\.disposable=true /);
    assert.match(line, / \[unix:\/\/\/run\/other engine\.sock\]$/);
  }
});
