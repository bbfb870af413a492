import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Hono } from 'hono';
import * as v from 'valibot';
import { panels } from '../../daemon/src/panels/dashboards.ts';
import { migrate } from '../../daemon/src/record/database.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { type Path, ROUTES } from '../../daemon/src/show/api.ts';
import { createHttpApp, type HttpParts } from '../../daemon/src/show/http.ts';
import { Live } from '../../daemon/src/show/live.ts';
import { config, container, decisionOn, idOf, snapshot } from './builders.ts';

const CONFIG = config();
const PARTS: HttpParts = {
  open: () => assert.fail('no database'),
  config: CONFIG,
  nowSeconds: () => 1_800_000_010,
  assets: null,
  token: null,
};
const HOSTILE = '"><script>alert(1)</script>';

function appWith(prepare: (db: DatabaseSync) => void, parts: Partial<HttpParts> = {}) {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  prepare(db);
  // The app closes the database after each request; this handle stays open.
  const handle = new Proxy(db, {
    get: (target, key) => (key === 'close' ? () => {} : Reflect.get(target, key).bind(target)),
  });
  return createHttpApp({ ...PARTS, open: () => handle, ...parts });
}

function oneCycle(db: DatabaseSync): void {
  const now = snapshot([container(1, { name: HOSTILE })]);
  new Store(db, CONFIG).save(decisionOn(now), 1);
}

// biome-ignore lint/suspicious/noExplicitAny: a response body has no type until it is checked
const jsonOf = (answer: Response): Promise<any> => answer.json();

const ask = (app: ReturnType<typeof appWith>, path: string, host = '127.0.0.1:8080') =>
  app.request(`http://127.0.0.1:8080${path}`, { headers: { host } });

test('requests for another host name are refused', async () => {
  const app = appWith(oneCycle);
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8080', '']) {
    assert.equal((await ask(app, '/api/status', host)).status, 421, host);
  }
  for (const host of ['127.0.0.1', 'localhost:9999', '[::1]:8080']) {
    assert.equal((await ask(app, '/api/status', host)).status, 200, host);
  }
});

test('a hostile container name is escaped on the page, and the policy allows only own scripts', async () => {
  const answer = await ask(appWith(oneCycle), '/plain');
  const page = await answer.text();
  assert.ok(page.includes('&lt;script&gt;alert(1)&lt;/script&gt;'));
  assert.ok(!page.includes('<script'));
  assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/);
});

test('before the first cycle the page says what to expect', async () => {
  const answer = await ask(
    appWith(() => {}),
    '/plain',
  );
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /Todavía no hay ningún ciclo/);
});

test('a scraper gets the text format that it asks for', async () => {
  const app = appWith(oneCycle);
  const plain = await ask(app, '/metrics');
  assert.equal(plain.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.match(await plain.text(), /^vigia_cycles_total 1$/m);
  const open = await app.request('http://127.0.0.1:8080/metrics', {
    headers: { host: '127.0.0.1:8080', accept: 'application/openmetrics-text;version=1.0.0' },
  });
  assert.match(open.headers.get('content-type') ?? '', /^application\/openmetrics-text; version=1\.0\.0/);
  assert.ok((await open.text()).endsWith('# EOF\n'));
});

test('a database that cannot be read is a 503 with the reason', async () => {
  const app = createHttpApp({
    ...PARTS,
    open: () => {
      throw new Error('cannot read /x: no such file');
    },
  });
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

const RANGE = 'from=1799999000000&to=1800000100000';
const EXAMPLES: { readonly [P in Path]: string } = {
  '/api/status': '/api/status',
  '/api/health': '/api/health',
  '/api/containers': '/api/containers',
  '/api/events':
    '/api/events?limit=5&kind=remove&level=none&result=done&text=x&container=c&before=9&tick=2&from=0&to=9',
  '/api/panels': '/api/panels',
  '/api/panel/{id}': `/api/panel/ram-over-time?${RANGE}`,
  '/api/marks': `/api/marks?${RANGE}`,
  '/api/processes': '/api/processes',
  '/api/container/{id}': `/api/container/${idOf(1)}`,
};

test('every route answers as its schema promises', async () => {
  const app = appWith(oneCycle);
  for (const [path, example] of Object.entries(EXAMPLES) as [Path, string][]) {
    const answer = await ask(app, example);
    assert.equal(answer.status, 200, path);
    v.parse(ROUTES[path].answers as v.GenericSchema, await answer.json());
  }
});

test('every panel answers over any range, with columns even when there are no rows', async () => {
  const app = appWith(oneCycle);
  const listed = (await jsonOf(await ask(app, '/api/panels'))).panels;
  assert.deepEqual(listed.map(({ id }: { id: string }) => id).sort(), panels.map(({ id }) => id).sort());
  for (const { id, container } of listed) {
    for (const range of [RANGE, 'from=0&to=0', 'from=0&to=8640000000000000']) {
      const answer = await ask(app, `/api/panel/${id}?${range}${container ? `&container=${idOf(1)}` : ''}`);
      const { columns, rows } = await jsonOf(answer);
      assert.equal(answer.status, 200, `${id} ${range}`);
      assert.ok(columns.length > 0 && rows.every((row: unknown[]) => row.length === columns.length));
    }
  }
});

test('a wrong parameter is named with the allowed values; SQL is refused', async () => {
  const app = appWith(oneCycle);
  const wrong: readonly [string, number, RegExp][] = [
    ['/api/panel/ram-over-time', 400, /from: is missing; to: is missing/],
    ['/api/panel/ram-over-time?from=1&to=x', 400, /to: a whole number/],
    ['/api/panel/ram-over-time?from=2&to=1', 400, /to: must not be before from/],
    [`/api/panel/ram-over-time?${RANGE}%27`, 400, /to: a whole number/],
    [`/api/panel/no-such-panel?${RANGE}`, 404, /no panel no-such-panel: \/api\/panels lists them/],
    [`/api/panel/${encodeURIComponent('x; DROP TABLE cycle')}?${RANGE}`, 400, /id: an id from \/api\/panels/],
    [
      `/api/panel/ram-over-time?${RANGE}&container=${encodeURIComponent("' OR 1")}`,
      400,
      /container: a container's ID/,
    ],
    [
      '/api/events?kind=drop',
      400,
      /kind: one of remove, start, restart, stop, kill, throttle, squeeze, limit-pids, limit-io, release/,
    ],
    [`/api/events?text=${'x'.repeat(201)}`, 400, /text: at most 200 characters/],
    [`/api/container/${idOf(77)}`, 404, /no container 00000000004d was ever seen/],
    ['/api/nothing', 404, /there is no such page/],
  ];
  for (const [path, status, words] of wrong) {
    const answer = await ask(app, path);
    const { error } = await jsonOf(answer);
    assert.equal(answer.status, status, path);
    assert.match(error, words);
  }
});

test('the OpenAPI document names every route and every parameter of it', async () => {
  const document = await jsonOf(await ask(appWith(oneCycle), '/api/openapi.json'));
  assert.equal(document.openapi, '3.1.0');
  assert.deepEqual(Object.keys(document.paths).sort(), ['/api/live', ...Object.keys(ROUTES)].sort());
  const { parameters, responses } = document.paths['/api/panel/{id}'].get;
  assert.deepEqual(
    parameters.map((one: { name: string; in: string; required: boolean }) => [
      one.name,
      one.in,
      one.required,
    ]),
    [
      ['id', 'path', true],
      ['from', 'query', true],
      ['to', 'query', true],
      ['language', 'query', false],
      ['container', 'query', false],
    ],
  );
  assert.deepEqual(responses['200'].content['application/json'].schema.required, ['columns', 'rows']);
});

test('answers are compressed, and an unchanged one is not sent again', async () => {
  const app = appWith(oneCycle);
  const headers = { host: '127.0.0.1', 'accept-encoding': 'gzip' };
  const first = await app.request('http://127.0.0.1/api/panels', { headers });
  assert.equal(first.headers.get('content-encoding'), 'gzip');
  const etag = first.headers.get('etag');
  assert.ok(etag);
  const again = await app.request('http://127.0.0.1/api/panels', {
    headers: { ...headers, 'if-none-match': etag },
  });
  assert.equal(again.status, 304);
});

test('with a token configured every request without it is refused, for any host name', async () => {
  const app = appWith(oneCycle, { token: 'a-long-enough-secret' });
  const as = (password: string) => `Basic ${Buffer.from(`vigia:${password}`).toString('base64')}`;
  for (const path of [
    '/',
    '/plain',
    '/api/status',
    '/api/live',
    '/api/openapi.json',
    '/metrics',
    '/assets/x.js',
    '/nothing',
  ]) {
    for (const authorization of [
      undefined,
      as(''),
      as('a-long-enough-secre'),
      'Bearer a-long-enough-secret',
    ]) {
      const answer = await app.request(`http://vigia.lan:8080${path}`, {
        headers: { host: 'vigia.lan:8080', ...(authorization && { authorization }) },
      });
      assert.equal(answer.status, 401, `${path} ${authorization}`);
    }
  }
  const answer = await app.request('http://vigia.lan:8080/api/status', {
    headers: { host: 'vigia.lan:8080', authorization: as('a-long-enough-secret') },
  });
  assert.equal(answer.status, 200);
});

test('a new cycle is sent to every listener; the database is read only when its files change', async (t) => {
  let [checks, reads] = [0, 0];
  // The files change before the third check.
  const live = new Live(
    () => {
      checks += 1;
      return checks < 3 ? 'unchanged' : 'changed';
    },
    () => {
      reads += 1;
      return checks < 3 ? { tick: 1, at: 10 } : { tick: 2, at: 30 };
    },
  );
  const app = new Hono().get('/', (context) => live.serve(context));
  assert.equal(checks, 0);
  const reader = (await app.request('/')).body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader);
  t.after(() => reader.cancel());
  const nextEvent = async (): Promise<unknown> => {
    let text = '';
    while (!text.includes('\n\n')) text += (await reader.read()).value ?? '';
    return JSON.parse(/data: (.*)/.exec(text)?.[1] ?? 'null');
  };
  assert.deepEqual(await nextEvent(), { tick: 1, at: 10 });
  assert.deepEqual(await nextEvent(), { tick: 2, at: 30 });
  assert.equal(reads, 2, 'nothing is read while the files do not change');
});
