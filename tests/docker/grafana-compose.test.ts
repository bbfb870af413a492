// The compose file on a real engine. Grafana's own image is not pulled: a busybox that answers the health check
// replaces it under the pinned name. So this proves what the engine makes of the file, not that Grafana accepts it. An
// image that already has that name is used and kept.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { IMAGE, importStandIn } from './grafana-stand-in.ts';

const COMPOSE_FILE = fileURLToPath(new URL('../../dashboards/compose.yaml', import.meta.url));

const suffix = randomBytes(4).toString('hex');
const project = `vigiatest${suffix}`;
const name = `vigia-grafana-test-${suffix}`;
const scratch = mkdtempSync(join(tmpdir(), 'vigia-compose-'));
const data = join(scratch, 'data');
const secret = join(scratch, 'grafana_admin');
/** Merged into the compose file, so that the first health check does not take half a minute. */
const fasterChecks = join(scratch, 'faster-checks.yaml');
let port = 0;
let importedImage = false;

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

const docker = (...args: string[]): string => run('docker', ...args);

/** Runs `docker compose` where the plugin is installed, else `docker-compose`. */
function compose(...args: string[]) {
  const plugin = spawnSync('docker', ['compose', 'version']).status === 0;
  const files = ['-f', COMPOSE_FILE, '-f', fasterChecks];
  const [command, first] = plugin ? ['docker', ['compose']] : ['docker-compose', []];
  return spawnSync(command as string, [...(first as string[]), '-p', project, ...files, ...args], {
    encoding: 'utf8',
    env: {
      ...process.env,
      VIGIA_DATA: data,
      VIGIA_GRAFANA_SECRET: secret,
      VIGIA_GRAFANA_NAME: name,
      VIGIA_GRAFANA_PORT: String(port),
      VIGIA_GRAFANA_GID: '0',
    },
  });
}

function composeOrFail(...args: string[]): string {
  const { status, stdout, stderr, error } = compose(...args);
  assert.equal(status, 0, `compose ${args.join(' ')}: ${error ?? stderr}`);
  return stdout;
}

const inspect = () => JSON.parse(docker('inspect', name))[0];
const inside = (script: string) =>
  spawnSync('docker', ['exec', name, 'sh', '-c', script], { encoding: 'utf8' });

/** The IPv4 addresses of this machine that other machines could use. */
function otherAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}

describe('dashboards/compose.yaml on a real engine', () => {
  before(async () => {
    port = await freePort();
    mkdirSync(data, { mode: 0o750 });
    writeFileSync(join(data, 'vigia.db'), 'not a database, only readable');
    chmodSync(join(data, 'vigia.db'), 0o640);
    writeFileSync(secret, 'a secret of this test');
    chmodSync(secret, 0o640);
    writeFileSync(fasterChecks, 'services: { grafana: { healthcheck: { interval: 1s } } }');

    importedImage = importStandIn(scratch);
    composeOrFail('up', '-d');
  });

  after(() => {
    // Only what carries the project and the names made above.
    compose('down', '--volumes', '--timeout', '2');
    if (importedImage) docker('image', 'rm', IMAGE);
    rmSync(scratch, { recursive: true, force: true });
    assert.equal(docker('ps', '-aq', '--filter', `name=^${name}$`), '');
    assert.equal(docker('network', 'ls', '-q', '--filter', `name=^${project}`), '');
    assert.equal(docker('volume', 'ls', '-q', '--filter', `name=^${project}`), '');
  });

  it('is valid', () => {
    composeOrFail('config', '-q');
  });

  it('listens on 127.0.0.1 and nowhere else', async () => {
    assert.deepEqual(inspect().NetworkSettings.Ports, {
      '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }],
    });
    assert.equal((await fetch(`http://127.0.0.1:${port}/api/health`)).status, 200);
    const addresses = otherAddresses();
    assert.ok(addresses.length > 0, 'Docker gives the host an address on its bridge');
    for (const address of addresses) {
      await assert.rejects(
        fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(2000) }),
        address,
      );
    }
  });

  it('has the name and the labels that protect it, and restarts by itself', () => {
    const { Name, Config, HostConfig } = inspect();
    assert.equal(Name, `/${name}`);
    assert.equal(Config.Image, IMAGE);
    assert.equal(Config.Labels['vigia.role'], 'grafana');
    assert.equal(Config.Labels['vigia.protected'], 'true');
    assert.equal(HostConfig.RestartPolicy.Name, 'unless-stopped');
  });

  it('has no more rights than it needs', () => {
    const { Config, HostConfig } = inspect();
    assert.equal(Config.User, '472:0');
    assert.equal(HostConfig.Privileged, false);
    assert.equal(HostConfig.ReadonlyRootfs, true);
    assert.deepEqual(HostConfig.CapDrop, ['ALL']);
    assert.equal(HostConfig.CapAdd, null);
    assert.deepEqual(HostConfig.SecurityOpt, ['no-new-privileges:true']);
    assert.equal(HostConfig.Memory, 512 * 1024 * 1024);
    assert.equal(HostConfig.PidsLimit, 256);
    assert.deepEqual(HostConfig.LogConfig, {
      Type: 'json-file',
      Config: { 'max-size': '10m', 'max-file': '3' },
    });
    assert.match(inside('grep CapEff /proc/self/status').stdout, /\t0{16}$/m);
  });

  it('can write to /tmp and to no other directory of its image', () => {
    assert.equal(inside('touch /tmp/here').status, 0);
    for (const path of ['/here', '/etc/here', '/var/lib/vigia/here', '/etc/grafana/dashboards/here']) {
      const { status, stderr } = inside(`touch ${path}`);
      assert.notEqual(status, 0, path);
      assert.match(stderr, /Read-only file system/, path);
    }
  });

  it('sees the whole database directory, read-only', () => {
    const mounts: { Source: string; Destination: string; RW: boolean }[] = inspect().Mounts;
    const writable = mounts.filter(({ RW }) => RW).map(({ Destination }) => Destination);
    assert.deepEqual(writable, ['/var/lib/grafana']);
    assert.ok(mounts.some(({ Source, Destination }) => Source === data && Destination === '/var/lib/vigia'));
    assert.equal(inside('cat /var/lib/vigia/vigia.db').stdout, 'not a database, only readable');
    // Created after the start, like SQLite's journal.
    writeFileSync(join(data, 'vigia.db-wal'), 'journal', { mode: 0o640 });
    assert.equal(inside('cat /var/lib/vigia/vigia.db-wal').stdout, 'journal');
  });

  it('reads the secret as user 472, from a file that others cannot read', () => {
    assert.match(inside('id').stdout, /^uid=472\S* gid=0/);
    assert.equal(inside('stat -c %a /run/secrets/grafana_admin').stdout.trim(), '640');
    assert.equal(inside('cat /run/secrets/grafana_admin').stdout, 'a secret of this test');
    const { Config } = inspect();
    assert.ok(Config.Env.includes('GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/grafana_admin'));
    assert.ok(!JSON.stringify(Config).includes('a secret of this test'));
  });

  it('has the provisioning and the dashboards where its settings expect them', () => {
    const provider = parse(inside('cat /etc/grafana/provisioning/dashboards/vigia.yaml').stdout).providers[0];
    assert.deepEqual(inside(`ls ${provider.options.path}`).stdout.trim().split('\n'), [
      'contenedores.json',
      'procesos-del-sistema.json',
      'un-contenedor.json',
      'vigia.json',
    ]);
    const source = parse(inside('cat /etc/grafana/provisioning/datasources/vigia.yaml').stdout)
      .datasources[0];
    assert.equal(inside(`cat ${source.jsonData.path}`).status, 0);
    const { groups } = parse(inside('cat /etc/grafana/provisioning/alerting/vigia.yaml').stdout);
    assert.equal(groups[0].rules[0].data[0].datasourceUid, source.uid);
    const home = inspect().Config.Env.find((line: string) => line.includes('HOME_DASHBOARD'));
    assert.equal(inside(`cat ${home.split('=')[1]}`).status, 0);
  });

  it('has the published address in its settings, with any port', () => {
    const { Env } = inspect().Config;
    assert.ok(Env.includes(`GF_SERVER_ROOT_URL=http://127.0.0.1:${port}/`));
    assert.ok(Env.includes('GF_SERVER_ENFORCE_DOMAIN=true'));
  });

  it('is healthy by its own check', { timeout: 300_000 }, async () => {
    while (inspect().State.Health.Status === 'starting') await sleep(100);
    assert.equal(inspect().State.Health.Status, 'healthy');
  });
});
