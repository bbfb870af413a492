import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Listed, listingEngine } from './listing-engine.ts';

/** vigia plan on this host, with an engine that lists containers. */

const VIGIA = join(import.meta.dirname, '../../daemon/src/cli/vigia.ts');

function run(args: readonly string[], locale = 'C'): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, LC_ALL: locale, NO_COLOR: '1' };
    execFile(process.execPath, [VIGIA, ...args], { env, timeout: 120_000 }, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(error);
    });
  });
}

const MANAGED = { 'vigia.managed': 'true' };
const CONTAINERS: readonly Listed[] = [
  { name: 'web' },
  { name: 'db', labels: MANAGED },
  { name: 'careful', labels: { ...MANAGED, 'vigia.allow': 'none' } },
  { name: 'batch', labels: { ...MANAGED, 'vigia.disposable': 'true' } },
  { name: 'shop-1', labels: { 'com.docker.compose.project': 'shop' } },
  { name: 'locked', labels: { ...MANAGED, 'vigia.protected': 'true' } },
  { name: 'odd', labels: { 'vigia.managed': 'yes' } },
];

async function host(t: TestContext, settings = '') {
  const { socket, requests } = await listingEngine(t, CONTAINERS, true);
  const dir = mkdtempSync(join(tmpdir(), 'vigia-plan-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [file, database] = [join(dir, 'config.yaml'), join(dir, 'vigia.db')];
  writeFileSync(
    file,
    `docker: { socket: ${socket} }\nsensor: procfs\ndatabase: ${database}\nclassify: { minSeconds: 0.2 }\n${settings}`,
  );
  const plan = (...args: string[]) => run(['--config', file, 'plan', ...args]);
  return { file, database, requests, plan };
}

test('each container with its kind and what Vigía may do; nothing is done and nothing written', async (t) => {
  const { plan, requests, database } = await host(t, 'manage: [{ project: shop, allow: [restart] }]\n');
  const { stdout } = await plan();
  assert.match(stdout, /^7 containers on this host: disposable 1, service 3, foreign 2, protected 1$/m);
  assert.match(stdout, /^RAM {6}[\d.]+ [GM]iB of [\d.]+ [GM]iB used, [\d.]+ [GM]iB available$/m);
  assert.match(stdout, /^sensor {3}\/proc and cgroupfs$/m);
  assert.match(stdout, /^history {2}nothing is recorded yet$/m);
  assert.match(
    stdout,
    /^mode {5}observe; the plan shows what mode enforce would do, and nothing is done now$/m,
  );
  for (const [name, kind, may] of [
    ['web', 'foreign', 'observe only'],
    ['db', 'service', 'throttle, squeeze, restart, kill'],
    ['careful', 'service', 'advise only'],
    ['batch', 'disposable', 'anything, removal included'],
    ['shop-1', 'service', 'restart'],
    ['locked', 'protected', 'observe only'],
  ])
    assert.match(stdout, new RegExp(`^${name} +${kind} .* ${may} +–$`, 'm'));
  assert.match(stdout, /^The next cycle would do nothing: /m);
  assert.match(
    stdout,
    /^If the foreign containers were managed \(vigia manage NAME\), it would do nothing to them now\.$/m,
  );
  assert.match(stdout, /^warning: odd: .*vigia\.managed/m);
  assert.ok(requests.length > 0);
  assert.deepEqual(
    requests.filter((request) => !request.startsWith('GET ')),
    [],
  );
  assert.equal(existsSync(database), false);
});

test('what the next cycle would start is listed with its reason, and is not started', async (t) => {
  const { plan, requests } = await host(t, 'quotas: { low: { keep: 2, images: [vigia/idle] } }\n');
  const { stdout } = await plan('--once');
  assert.match(stdout, /^The next cycle would:\n {2}start vigia\/idle: /m);
  assert.ok(
    requests.every((line) => line.startsWith('GET ')),
    requests.join(', '),
  );
});

test('while the host is paused nothing would be started, and the plan says so', async (t) => {
  const { plan, database } = await host(t, 'quotas: { low: { keep: 2, images: [vigia/idle] } }\n');
  const from = Math.floor(Date.now() / 1000);
  const pause = { targets: [], from, until: from + 3600, why: 'deployment', all: false };
  writeFileSync(
    join(dirname(database), 'orders.json'),
    JSON.stringify({ revision: 1, pauses: [pause], bars: [], starts: [] }),
  );
  const { stdout } = await plan('--once');
  assert.match(stdout, /^The next cycle would do nothing: paused until .*deployment/m);
});

test('as JSON: policies with their origin, actions, and the mode that is configured', async (t) => {
  const { plan, file } = await host(t, 'manage: [{ name: web }]\n');
  const { mode, record, containers, starts, because } = JSON.parse((await plan('--json', '--once')).stdout);
  assert.deepEqual([mode, record, starts], ['observe', { kind: 'none' }, []]);
  assert.equal(typeof because.code, 'string');
  const web = containers.find(({ name }: { name: string }) => name === 'web');
  assert.deepEqual(
    [web.policy.kind, web.policy.because],
    ['service', { code: 'managed-by-config', at: `${file}:5` }],
  );
  assert.deepEqual([web.actions, web.ifManaged], [[], []]);
});

test('an entry that matches nothing is reported with its line', async (t) => {
  const { plan, file } = await host(t, 'manage:\n  - name: nobody\n  - name: locked\n');
  const { stdout } = await plan('--once');
  assert.match(stdout, new RegExp(`^warning: .*${file}:6`, 'm'));
  assert.match(stdout, new RegExp(`^warning: .*${file}:7.*`, 'm'));
});

test('without the engine it says what it could not see', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-plan-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'config.yaml');
  writeFileSync(file, `docker: { socket: ${dir}/none.sock }\nsensor: procfs\nmanage: [{ name: web }]\n`);
  const { stdout } = await run(['--config', file, 'plan', '--once']);
  assert.match(stdout, /^Containers of this host: unknown$/m);
  assert.match(stdout, /^not seen \(engine\): .*none\.sock/m);
  // A silent engine shows no containers: that is no reason to doubt the entries.
  assert.doesNotMatch(stdout, /warning/);
});

test('a record that cannot be used is no reason to give up', async (t) => {
  const { plan, database } = await host(t);
  writeFileSync(database, 'this is no database\n'.repeat(100));
  assert.match((await plan('--once')).stdout, /^history {2}not used \(.*vigia\.db.*\)$/m);
});

test('in Spanish', async (t) => {
  const { file } = await host(t);
  const { stdout } = await run(['--config', file, 'plan', '--once'], 'es_GT.UTF-8');
  assert.match(stdout, /^7 contenedores en este equipo: desechable 1, servicio 2, ajeno 3, protegido 1$/m);
  assert.match(stdout, /^NOMBRE +TIPO +CLASE +CPU +MEM +VIGÍA PUEDE +PRÓXIMO CICLO$/m);
  assert.match(stdout, /^En el próximo ciclo, Vigía no haría nada/m);
});
