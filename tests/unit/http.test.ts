import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { classify } from '../../daemon/src/classify/classify.ts';
import { NO_HISTORY } from '../../daemon/src/model/history.ts';
import { migrate } from '../../daemon/src/record/database.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { createHttpApp } from '../../daemon/src/show/http.ts';
import { config, container, snapshot } from './builders.ts';

const CONFIG = config();
const HOSTILE = '"><script>alert(1)</script>';

function appWith(prepare: (db: DatabaseSync) => void) {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  prepare(db);
  // The app closes what it opens: it gets a handle that stays.
  const handle = new Proxy(db, {
    get: (target, key) => (key === 'close' ? () => {} : Reflect.get(target, key).bind(target)),
  });
  return createHttpApp(
    () => handle,
    CONFIG,
    () => 1_800_000_010,
  );
}

function oneCycle(db: DatabaseSync): void {
  const now = snapshot([container(1, { name: HOSTILE })]);
  new Store(db, CONFIG).save(
    {
      history: NO_HISTORY,
      snapshot: now,
      verdicts: classify(NO_HISTORY, now, CONFIG),
      plan: { kind: 'hold', because: 'nothing to do', candidates: [] },
      outcomes: [],
      before: { low: 0, high: 0, unknown: 1 },
      after: { low: 0, high: 0, unknown: 1 },
      observations: [],
      cost: { senseMs: 1, decideMs: 1, actMs: 1 },
    },
    1,
  );
}

const ask = (app: ReturnType<typeof appWith>, path: string, host = '127.0.0.1:8080') =>
  app.request(`http://127.0.0.1:8080${path}`, { headers: { host } });

test('another host name is turned away, whatever it asks for', async () => {
  const app = appWith(oneCycle);
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8080', '']) {
    assert.equal((await ask(app, '/api/status', host)).status, 421, host);
  }
  for (const host of ['127.0.0.1', 'localhost:9999', '[::1]:8080']) {
    assert.equal((await ask(app, '/api/status', host)).status, 200, host);
  }
});

test('a hostile container name is text on the page, and the page allows no script at all', async () => {
  const answer = await ask(appWith(oneCycle), '/');
  const page = await answer.text();
  assert.ok(page.includes('&lt;script&gt;alert(1)&lt;/script&gt;'));
  assert.ok(!page.includes('<script'));
  assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/);
});

test('before the first cycle the page says what to expect', async () => {
  const answer = await ask(
    appWith(() => {}),
    '/',
  );
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /Todavía no hay ningún ciclo/);
});

test('a database that cannot be read is a 503 with the reason', async () => {
  const app = createHttpApp(
    () => {
      throw new Error('cannot read /x: no such file');
    },
    CONFIG,
    () => 0,
  );
  const answer = await ask(app, '/api/status');
  assert.equal(answer.status, 503);
  assert.match(await answer.text(), /cannot read \/x/);
});

test('wrong limits are refused, unknown paths are 404, nothing changes state', async () => {
  const app = appWith(oneCycle);
  for (const limit of ['0', '-1', '1.5', 'x', '1001', '1e9']) {
    assert.equal((await ask(app, `/api/events?limit=${limit}`)).status, 400, limit);
  }
  assert.equal((await ask(app, '/api/events?limit=1000')).status, 200);
  assert.equal((await ask(app, '/../etc/passwd')).status, 404);
  const posted = await app.request('http://127.0.0.1/api/status', {
    method: 'POST',
    headers: { host: '127.0.0.1' },
  });
  assert.equal(posted.status, 404);
});
