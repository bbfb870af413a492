import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Live } from '../../daemon/src/show/live.ts';
import { Served } from '../browser/served.ts';

/** The stream of new cycles over real HTTP: viewers that connect and disconnect. */

const CHECK_MS = 1000;
const PATIENCE_MS = 60_000;

async function served() {
  let checks = 0;
  const live = new Live(
    () => {
      checks += 1;
      return 'unchanged';
    },
    () => ({ tick: 1, at: 10 }),
  );
  const server = serve({ fetch: new Hono().get('/', (context) => live.serve(context)).fetch, port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, server, checks: () => checks };
}

test('HEAD gets the headers of the stream and does not count as a viewer', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { url, server, checks } = await served();
  t.after(() => server.close());
  const answer = await fetch(url, { method: 'HEAD' });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'text/event-stream');
  t.mock.timers.tick(5 * CHECK_MS);
  assert.equal(checks(), 0);
});

test('after the last viewer has gone the files are no longer checked', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { url, server, checks } = await served();
  t.after(() => server.close());
  const isChecking = (): boolean => {
    const before = checks();
    t.mock.timers.tick(CHECK_MS);
    return checks() > before;
  };
  const leave = new AbortController();
  const answers = await Promise.all([1, 2].map(() => fetch(url, { signal: leave.signal })));
  assert.equal(answers[0]?.headers.get('content-type'), 'text/event-stream');
  assert.equal(isChecking(), true);
  leave.abort();
  const until = performance.now() + PATIENCE_MS;
  while (isChecking()) {
    assert.ok(performance.now() < until, 'a viewer is still counted');
    await turn();
  }
});

test('serve ends on SIGTERM with a viewer, and after a HEAD', async () => {
  await using page = new Served();
  await page.start();
  const viewer = request(`${page.url}/api/live`).end();
  const [answer] = await once(viewer, 'response');
  assert.equal((await fetch(`${page.url}/api/live`, { method: 'HEAD' })).status, 200);
  const cut = new Promise<void>((resolve) =>
    answer
      .on('error', () => {})
      .on('close', resolve)
      .resume(),
  );
  // A server that does not end would block this test for ever.
  const { pid } = page;
  const hangs = setTimeout(() => process.kill(pid, 'SIGKILL'), PATIENCE_MS);
  assert.equal(await page.stop(), 0);
  clearTimeout(hangs);
  await cut;
});
