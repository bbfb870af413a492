import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { eventOfLine } from '../../daemon/src/engine/event-line.ts';
import { followEvents } from '../../daemon/src/engine/event-stream.ts';
import type { EngineEvent } from '../../daemon/src/model/engine-event.ts';

const ID = 'c'.repeat(64);

/** As Docker 26 sends it. */
const told = (
  Action: string,
  attributes: Record<string, string> = {},
  timeNano = '1764597600123456789',
): string =>
  JSON.stringify({
    ...{ status: Action.split(':')[0], id: ID, from: 'shop/web', Type: 'container', Action },
    Actor: { ID, Attributes: { name: 'web', image: 'shop/web', ...attributes } },
    ...{ scope: 'local', time: Number(timeNano.slice(0, -9)), timeNano: 0 },
  }).replace('"timeNano":0', `"timeNano":${timeNano}`);

test('an event keeps its nanoseconds, which a number would round', () => {
  assert.deepEqual(eventOfLine(told('die', { exitCode: '137', execDuration: '3' })), {
    ...{
      kind: 'die',
      moment: '1764597600.123456789',
      at: 1_764_597_600_123,
      id: ID,
      name: 'web',
      image: 'shop/web',
    },
    ...{ exitCode: 137, signal: null, health: null },
  });
  assert.equal(eventOfLine(told('kill', { signal: '15' }))?.signal, 15);
  assert.equal(eventOfLine(told('health_status: unhealthy'))?.health, 'unhealthy');
});

test('Podman names the end, its code and health differently', () => {
  const died = eventOfLine(told('died', { containerExitCode: '3' }));
  assert.deepEqual([died?.kind, died?.exitCode], ['die', 3]);
  const health = told('health_status').replace('{', '{"HealthStatus":"unhealthy",');
  assert.equal(eventOfLine(health)?.health, 'unhealthy');
});

test('a label cannot pass itself off as the time, nor as a code', () => {
  const event = eventOfLine(told('start', { note: '"timeNano":1999999999999999999,', exitCode: '0' }));
  assert.equal(event?.moment, '1764597600.123456789');
  assert.equal(event?.exitCode, null);
});

test('what is no event of a container is nothing', () => {
  for (const line of [
    '',
    'null',
    '{}',
    '[]',
    'x',
    told('exec_start: sh'),
    told('die').replaceAll(ID, 'short'),
  ])
    assert.equal(eventOfLine(line), null, line);
});

test('property: any line gives an event or null', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.string().map((text) => told(text)),
      ),
      (line) => {
        const event = eventOfLine(line);
        assert.ok(event === null || Number.isFinite(event.at));
      },
    ),
  );
});

/** An engine that answers each request for events as the test says, and notes where it was asked to begin. */
function engine(t: TestContext, answer: (connection: number, response: ServerResponse) => void) {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-events-'));
  const socket = join(directory, 'docker.sock');
  const asked: (string | null)[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://docker').searchParams.get('since'));
    answer(asked.length, response);
  });
  server.listen(socket);
  t.after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(directory, { recursive: true });
  });
  return { address: { socket, timeoutSeconds: 5 }, asked };
}

/** Follows until so many events have come. Returns them, and what was warned of. */
async function follow(
  address: { socket: string; timeoutSeconds: number },
  count: number,
  options: { idleMs?: number } = {},
): Promise<{ events: EngineEvent[]; warnings: string[] }> {
  const [events, warnings]: [EngineEvent[], string[]] = [[], []];
  const enough = new AbortController();
  await followEvents(
    address,
    {
      since: () => events.at(-1)?.moment ?? null,
      event: (event) => {
        events.push(event);
        if (events.length === count) enough.abort();
      },
      warn: (message) => warnings.push(message),
    },
    enough.signal,
    { firstWaitMs: 1, ...options },
  );
  return { events, warnings };
}

const begin = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
};

test('after the engine ends the connection, it is asked from the last event on', async (t) => {
  const { address, asked } = engine(t, (connection, response) => {
    begin(response);
    const [first, rest] = [told('start'), told('die', { exitCode: '1' }, '1764597601000000007')];
    response.end(connection === 1 ? `${first}\n` : `${rest}\n`);
  });
  const { events, warnings } = await follow(address, 2);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['start', 'die'],
  );
  assert.deepEqual(asked, [null, '1764597600.123456789']);
  assert.deepEqual(warnings, [], 'an engine that restarts is no news of its own');
});

test('a connection without a word for too long is replaced', async (t) => {
  const { address, asked } = engine(t, (connection, response) => {
    begin(response);
    if (connection > 1) response.write(`${told('start')}\n`);
  });
  const { events } = await follow(address, 1, { idleMs: 30 });
  assert.equal(events.length, 1);
  assert.ok(asked.length >= 2);
});

test('a refusal is said once for an outage, however long it lasts', async (t) => {
  const { address } = engine(t, (connection, response) => {
    if (connection < 4) {
      response.writeHead(500).end();
      return;
    }
    begin(response);
    response.write(`${told('start')}\n`);
  });
  const { warnings } = await follow(address, 1);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /status 500/);
});

test('property: events arrive whole, however the engine cuts them, and a line without an end harms none', async (t) => {
  const kinds = ['start', 'kill', 'die'];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }),
      async (cuts) => {
        const { address } = engine(t, (_, response) => {
          begin(response);
          let text = `${'x'.repeat(1100)}\n${kinds.map((kind) => `${told(kind)}\n`).join('')}`;
          for (const cut of cuts) {
            response.write(text.slice(0, cut));
            text = text.slice(cut);
          }
          response.write(text === '' ? '\n' : text);
        });
        const { events } = await follow(address, kinds.length);
        assert.deepEqual(
          events.map(({ kind }) => kind),
          kinds,
        );
      },
    ),
    { numRuns: 15 },
  );
});
