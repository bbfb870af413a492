import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { IMAGE, importStandIn } from './grafana-stand-in.ts';
import { docker, isRunning, ROOT, removeAll, until } from './real-engine.ts';

/** How the daemon handles Grafana. A stand-in replaces its image (grafana-stand-in.ts). */
const NAME = `vigia-grafana-up-${process.pid}`;
const PROJECT = `vigiaup${process.pid}`;
const PORT = 19_000 + (process.pid % 1000);
const dir = mkdtempSync(join(tmpdir(), 'vigia-grafana-'));
const config = join(dir, 'config.yaml');
const KEPT = `vigia-test/kept:${process.pid}`;
let kept = false;
let imported = false;
const children: ChildProcess[] = [];

before(() => {
  writeFileSync(
    config,
    `database: ${dir}/data/vigia.db\nmode: observe\ncycleSeconds: 2\nsensor: procfs\ncron: { install: false }\npage: { port: ${PORT + 1} }\n`,
  );
});
after(() => {
  for (const child of children) child.kill('SIGKILL');
  spawnSync('docker', ['rm', '--force', NAME]);
  spawnSync('docker', ['volume', 'rm', `${PROJECT}_grafana-data`]);
  spawnSync('docker', ['network', 'rm', `${PROJECT}_default`]);
  if (imported) docker('rmi', IMAGE);
  if (kept) {
    docker('tag', KEPT, IMAGE);
    docker('rmi', KEPT);
  }
  removeAll('vigia.managed=true');
  rmSync(dir, { recursive: true, force: true });
});

function up(image: Record<string, string> = {}) {
  const env = {
    ...process.env,
    VIGIA_GRAFANA_NAME: NAME,
    VIGIA_GRAFANA_PROJECT: PROJECT,
    VIGIA_GRAFANA_PORT: String(PORT),
    ...image,
  };
  const child = spawn(join(ROOT, 'vigia'), ['--config', config, 'up'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  return {
    output: () => output,
    stop: () =>
      new Promise<number | null>((resolve) => {
        child.once('exit', resolve);
        child.kill('SIGTERM');
      }),
  };
}

test('without the image there is one warning, cycles continue, and the end does not wait for the pull', async () => {
  // An image that is already there loses its name only while this test runs.
  kept = spawnSync('docker', ['tag', IMAGE, KEPT]).status === 0;
  if (kept) docker('rmi', IMAGE);
  const run = up();
  await until('two cycles', () => /cycle 2 /.test(run.output()));
  await until('the warning', () => /warning: grafana: not started/.test(run.output()));
  assert.equal(await run.stop(), 0, run.output());
  assert.equal(run.output().match(/grafana:/g)?.length, 1, run.output());
});

test('with the image Grafana is started by compose, protected, left running at the end, and reused by the next start', async () => {
  imported = importStandIn(dir);
  const first = up();
  await until('Grafana runs', () => /grafana: runs at/.test(first.output()));
  const id = docker('inspect', '--format', '{{.Id}}', NAME);
  await until('it is in the record', () => {
    const status = spawnSync(join(ROOT, 'vigia'), ['--config', config, 'status'], { encoding: 'utf8' });
    return status.stdout.split('\n').some((line) => /\bprotected\b/.test(line) && line.includes(NAME));
  });
  assert.equal(await first.stop(), 0, first.output());
  assert.equal(isRunning(id), true);

  const second = up();
  await until('Grafana runs', () => /grafana: runs at/.test(second.output()));
  assert.equal(await second.stop(), 0, second.output());
  assert.equal(docker('inspect', '--format', '{{.Id}}', NAME), id);
});

test('with grafana.atEnd: stop it is stopped at the end and not removed', async () => {
  writeFileSync(config, 'grafana: { atEnd: stop }\n', { flag: 'a' });
  const run = up();
  await until('Grafana runs', () => /grafana: runs at/.test(run.output()));
  const id = docker('inspect', '--format', '{{.Id}}', NAME);
  assert.equal(await run.stop(), 0, run.output());
  assert.equal(docker('inspect', '--format', '{{.State.Running}}', id), 'false');
});
