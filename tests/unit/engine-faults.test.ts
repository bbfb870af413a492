import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { realClock } from '../../daemon/src/app/real-clock.ts';
import { BackOff } from '../../daemon/src/engine/back-off.ts';
import { DockerEngine } from '../../daemon/src/engine/docker-engine.ts';
import { EngineError } from '../../daemon/src/engine/unix-http.ts';
import { repositoryOf } from '../../daemon/src/model/ownership.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';
import { SeenContainers } from '../../daemon/src/sense/seen-containers.ts';
import { sense } from '../../daemon/src/sense/sense.ts';

/** An engine client on a socket that answers with `answer`: faults that a real engine shows only when it is broken. */
async function brokenEngine(
  t: TestContext,
  answer: (socket: Socket, request: string) => void,
  timeoutSeconds = 60,
): Promise<DockerEngine> {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-engine-'));
  const socket = join(dir, 'docker.sock');
  const sockets = new Set<Socket>();
  const server = createServer((connection) => {
    sockets.add(connection);
    connection.on('error', () => {});
    connection.once('data', (request) => answer(connection, String(request)));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.after(() => {
    for (const connection of sockets) connection.destroy();
    server.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return new DockerEngine({ socket, timeoutSeconds });
}

const http = (status: string, body: string) => (connection: Socket) =>
  connection.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

const fails = (engine: DockerEngine, pattern: RegExp) =>
  assert.rejects(engine.list(), (error) => error instanceof EngineError && pattern.test(error.message));

test('the error of a missing engine names the socket and what to do', async () => {
  await fails(
    new DockerEngine({ socket: '/nowhere/docker.sock', timeoutSeconds: 60 }),
    /not reachable at \/nowhere\/docker\.sock: start it/,
  );
});

test('a fractional timeout works: 16.1 s is not a whole number of milliseconds in floating point', async () => {
  await fails(new DockerEngine({ socket: '/nowhere/docker.sock', timeoutSeconds: 16.1 }), /not reachable/);
});

test('a request that is never answered fails at the deadline', async (t) => {
  await fails(
    await brokenEngine(t, () => {}, 0.3),
    /did not answer \/containers\/json\?all=true within 0\.3 s/,
  );
});

test('an answer that stalls fails at the deadline', async (t) => {
  const stall = (connection: Socket) => connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[');
  await fails(await brokenEngine(t, stall, 0.3), /within 0\.3 s/);
});

test('states of Podman are mapped to those of Docker, and an unknown state affects only its container', async (t) => {
  const states = ['stopping', 'stopped', 'configured', 'hovering', 'running'];
  const listed = states.map((State, i) => ({
    ...{ Id: `${i}`.repeat(64), Names: [`/c${i}`], Image: 'vigia/idle', Labels: null, Created: 0 },
    State,
  }));
  const engine = await brokenEngine(t, http('200 OK', JSON.stringify(listed)));
  assert.deepEqual(
    (await engine.list()).map(({ state }) => state),
    ['running', 'exited', 'created', 'unknown', 'running'],
  );
});

test('a container with links is known by its own name, at any position in the list of names', async (t) => {
  const listed = [['/web/db', '/db'], ['/db', '/web/db'], null].map((Names, i) => ({
    ...{ Id: `${i}`.repeat(64), Names, Image: 'vigia/idle', Labels: null, Created: 0 },
    State: 'running',
  }));
  const engine = await brokenEngine(t, http('200 OK', JSON.stringify(listed)));
  assert.deepEqual(
    (await engine.list()).map(({ name }) => name),
    ['db', 'db', '2'.repeat(12)],
  );
});

test('an image without a name is looked up once by its container; a failed lookup affects nothing else', async (t) => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const listed = [1, 2].map((n) => ({
    ...{
      Id: `${n}`.repeat(64),
      Names: [`/c${n}`],
      Image: n === 1 ? digest : 'vigia/idle',
      Labels: null,
      Created: 0,
    },
    State: 'running',
  }));
  const inspected = {
    ...{ Id: '1'.repeat(64), Name: '/c1', State: { Running: true, Pid: 1 }, HostConfig: {} },
    Config: { Image: 'corp/db:1', Labels: null },
  };
  const requests: string[] = [];
  const answers = (connection: Socket, request: string): void => {
    const path = request.split(' ')[1] ?? '';
    requests.push(path);
    if (path.startsWith('/containers/json')) return void http('200 OK', JSON.stringify(listed))(connection);
    const isFirst = requests.filter((other) => other === path).length === 1;
    http(isFirst ? '500 Oops' : '200 OK', isFirst ? '{}' : JSON.stringify(inspected))(connection);
  };
  const engine = await brokenEngine(t, answers);
  const images = async () => (await engine.list()).map(({ image }) => image);
  assert.deepEqual(await images(), [digest, 'vigia/idle']);
  assert.deepEqual(await images(), ['corp/db:1', 'vigia/idle']);
  assert.deepEqual(await images(), ['corp/db:1', 'vigia/idle']);
  assert.equal(requests.length, 5);
});

test('the health of a container is read from the text of the list', async (t) => {
  const texts: readonly [string, string | null][] = [
    ['Up 5 minutes (healthy)', 'healthy'],
    ['Up 5 minutes (unhealthy)', 'unhealthy'],
    ['Up 1 second (health: starting)', 'starting'],
    ['Up 1 second (starting)', 'starting'],
    ['Up 5 minutes', null],
    ['Up 2 hours (Paused)', null],
    ['Exited (0) 5 minutes ago', null],
    ['', null],
  ];
  const listed = texts.map(([Status], i) => ({
    ...{ Id: `${i}`.repeat(64), Names: [`/c${i}`], Image: 'vigia/idle', Labels: null, Created: 0 },
    ...{ State: 'running', Status },
  }));
  const engine = await brokenEngine(t, http('200 OK', JSON.stringify(listed)));
  assert.deepEqual(
    (await engine.list()).map(({ health }) => health),
    texts.map(([, health]) => health),
  );
});

/** What an engine answers to /containers/<id>/json. */
const inspection = (change: { HostConfig?: object; Config?: object; RestartCount?: number } = {}) => ({
  ...{ Id: '1'.repeat(64), Name: '/c1', State: { Running: true, Pid: 7 }, RestartCount: change.RestartCount },
  HostConfig: change.HostConfig ?? {},
  Config: { Image: 'corp/db:1', Labels: null, ...change.Config },
});

test('an inspected container has its restart count, its stop timeout, and whose its CPU limit is', async (t) => {
  const inspect = async (change: Parameters<typeof inspection>[0]) => {
    const engine = await brokenEngine(t, http('200 OK', JSON.stringify(inspection(change))));
    const found = await engine.inspect('1'.repeat(64));
    return found && [found.restartCount, found.stopSeconds, found.hasCpuLimit, found.isCpuLimitOurs];
  };
  assert.deepEqual(await inspect({}), [0, null, false, false]);
  assert.deepEqual(await inspect({ RestartCount: 3, Config: { StopTimeout: 120 } }), [3, 120, false, false]);
  assert.deepEqual(await inspect({ Config: { StopTimeout: null } }), [0, null, false, false]);
  assert.deepEqual(await inspect({ HostConfig: { CpuQuota: 25_025, CpuPeriod: 100_100 } }), [
    0,
    null,
    true,
    true,
  ]);
  assert.deepEqual(await inspect({ HostConfig: { CpuQuota: 25_000, CpuPeriod: 100_000 } }), [
    0,
    null,
    true,
    false,
  ]);
  assert.deepEqual(await inspect({ HostConfig: { CpuQuota: -1, CpuPeriod: 100_100 } }), [
    0,
    null,
    false,
    false,
  ]);
  assert.deepEqual(await inspect({ HostConfig: { NanoCpus: 5e8 } }), [0, null, true, false]);
});

test("without a grace period the container's own applies, and the engine may take that long", async (t) => {
  const asked: string[] = [];
  const stopSeconds = 0.6;
  const answers = (connection: Socket, text: string): void => {
    const [method = '', path = ''] = text.split(' ');
    asked.push(`${method} ${path}`.replace('1'.repeat(64), 'ID'));
    if (method === 'GET') {
      const body = JSON.stringify(inspection({ Config: { StopTimeout: stopSeconds } }));
      return void http('200 OK', body)(connection);
    }
    setTimeout(() => http('204 No Content', '')(connection), 700);
  };
  const engine = await brokenEngine(t, answers, 0.3);
  await engine.stop('1'.repeat(64), null);
  await engine.restart('1'.repeat(64), null);
  await assert.rejects(engine.stop('1'.repeat(64), 0), /did not answer/);
  await engine.restart('1'.repeat(64), 1.5);
  assert.deepEqual(asked, [
    ...['GET /containers/ID/json', 'POST /containers/ID/stop'],
    ...['GET /containers/ID/json', 'POST /containers/ID/restart'],
    ...['POST /containers/ID/stop?t=0', 'POST /containers/ID/restart?t=1.5'],
  ]);
});

test('containers of images without a name never share a repository', async (t) => {
  const ids = ['a', 'b', 'c', 'd'].map((digit) => `sha256:${digit.repeat(64)}`);
  const images: readonly (readonly [string, string | undefined])[] = [
    // Docker: by image ID, whole or short; the short one is listed as it was given.
    [ids[0] ?? '', ids[0]],
    [ids[1] ?? '', ids[1]],
    ['0123456789ab', ids[2]],
    ['0123456789ac', ids[3]],
    // Podman: no name at all.
    ['<none>:<none>', ids[2]],
    ['', 'd'.repeat(64)],
    ['', undefined],
    ['', undefined],
  ];
  const listed = images.map(([Image, ImageID], i) => ({
    ...{
      Id: `${i}`.repeat(64),
      Names: [`/c${i}`],
      Image,
      ImageID,
      Labels: null,
      Created: 0,
      State: 'running',
    },
  }));
  const answers = (connection: Socket, text: string): void =>
    void (
      text.startsWith('GET /containers/json')
        ? http('200 OK', JSON.stringify(listed))
        : http('500 Oops', '{}')
    )(connection);
  const engine = await brokenEngine(t, answers);
  const repositories = (await engine.list()).map(({ image }) => repositoryOf(image));
  assert.equal(new Set(repositories).size, images.length, repositories.join('\n'));
  assert.ok(repositories.every((repository) => /^(?:sha256:[0-9a-f]{64}|[0-9a-f]{12})$/.test(repository)));
});

test('an answer that is truncated, not JSON or of another shape is an error', async (t) => {
  const cut = (connection: Socket) => connection.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[');
  await fails(await brokenEngine(t, cut), /aborted|hang up/);
  await fails(await brokenEngine(t, http('200 OK', '<html>')), /not JSON/);
  await fails(await brokenEngine(t, http('200 OK', '[{"Id":"../../etc"}]')), /unexpected answer at 0\.Id/);
  await fails(
    await brokenEngine(t, http('500 Oops', '{"message":"database is locked"}')),
    /answered 500: database is locked/,
  );
});

test('an unreachable engine makes the snapshot blind, and the processes are still read', async () => {
  const engine = new DockerEngine({ socket: '/nowhere/docker.sock', timeoutSeconds: 60 });
  const sources = {
    ...{ sensor: new Procfs(), engine, backOff: new BackOff() },
    ...{ clock: realClock, seen: new SeenContainers() },
  };
  const snapshot = await sense(sources, 1);
  assert.deepEqual([snapshot.containers, snapshot.lastKnown], [[], []]);
  assert.ok(snapshot.holders && snapshot.holders.length > 0);
  assert.ok(snapshot.processes.length > 0);
  assert.equal(snapshot.faults.length, 1);
  assert.equal(snapshot.faults[0]?.sensor, 'engine');
  assert.equal(snapshot.faults[0]?.blind, true);
});

test('a failing engine is asked less and less often, and in every cycle again after it has answered', async () => {
  const backOff = new BackOff();
  let healthy = false;
  const askedSeconds: number[] = [];
  const cycle = (seconds: number) =>
    backOff
      .attempt(seconds * 1e9, async () => {
        askedSeconds.push(seconds);
        if (!healthy) throw new EngineError({ code: 'engine-unreachable', socket: '/x' });
      })
      .catch((error: Error) => error.message);
  for (let seconds = 0; seconds < 600; seconds += 20) await cycle(seconds);
  assert.deepEqual(askedSeconds, [0, 20, 60, 140, 260, 380, 500]);
  assert.match(
    (await cycle(610)) ?? '',
    /Docker is not reachable at \/x: .*; failed 7 times, next try in 5 s/,
  );
  healthy = true;
  await cycle(620);
  healthy = false;
  await cycle(640);
  await cycle(660);
  assert.deepEqual(askedSeconds.slice(7), [620, 640, 660]);
});

test('an answer of 101 that nobody asked for fails at once, and so does a connection that is closed', async (t) => {
  const upgrade = (connection: Socket) =>
    connection.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n');
  await fails(await brokenEngine(t, upgrade), /answered 101/);
  const close = (connection: Socket) => connection.end();
  await fails(await brokenEngine(t, close), /containers\/json/);
});

test('a body without end fails at the deadline, and a list that is nested without end at once', async (t) => {
  const endless = (piece: string) => (connection: Socket) => {
    connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `${piece.length.toString(16)}\r\n${piece}\r\n`;
    const more = () => {
      while (!connection.destroyed && connection.write(chunk));
    };
    connection.on('drain', more);
    more();
  };
  // Within the bounds of a list, since what is too much is left out.
  await fails(await brokenEngine(t, endless(' '.repeat(20)), 0.5), /within 0\.5 s/);
  await fails(await brokenEngine(t, endless('['.repeat(100_000))), /nested more than 64 levels/);
});

const listedAs = (n: number, labels: Record<string, string>, State = 'running') => ({
  ...{ Id: `${n}`.repeat(64), Names: [`/c${n}`], Image: 'vigia/idle', Created: 0 },
  ...{ Labels: labels, State, Status: 'Up 5 minutes' },
});

test('a container with labels of tens of MB does not hide the others, and nothing acts on it', async (t) => {
  const many = Object.fromEntries(
    Array.from({ length: 40_000 }, (_, i) => [`org.example.label-${i}`, 'x'.repeat(1000)]),
  );
  const huge = listedAs(2, { one: 'y'.repeat(40_000_000), 'vigia.managed': 'true' });
  const body = JSON.stringify([listedAs(1, { a: 'b' }), huge, listedAs(3, many), listedAs(4, { c: 'd' })]);
  const engine = await brokenEngine(t, http('200 OK', body));
  const listed = await engine.list();
  assert.deepEqual(
    listed.map(({ name, state }) => [name, state]),
    [
      ['c1', 'running'],
      ['c2', 'unknown'],
      ['c3', 'unknown'],
      ['c4', 'running'],
    ],
  );
  assert.deepEqual([listed[0]?.labels, listed[3]?.labels], [{ a: 'b' }, { c: 'd' }]);
  assert.ok(JSON.stringify(listed).length < 1_000_000);
});
