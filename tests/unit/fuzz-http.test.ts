import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { servePage } from '../../daemon/src/app/serve-page.ts';
import { panels } from '../../daemon/src/panels/dashboards.ts';
import { openForWriting } from '../../daemon/src/record/database.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { ROUTES } from '../../daemon/src/show/api.ts';
import { config, container, decisionOn, idOf, snapshot } from './builders.ts';
import { SEED } from './mutations.ts';

/** Random requests to the page's server on a real database: every one is answered, and the server never fails. */
const HOSTILE = `"><script>alert(1)</script>\u001b[2J'; DROP TABLE cycle; --`;
const ANSWER_MS = 30_000;

/**
 * An invalid request, or one without a URL, reaches no route: it is refused with an empty answer, which needs no
 * policy.
 */
const NO_REQUEST =
  /^HTTP\/1\.1 4\d\d [\w ]+\r\n(?:(?:Date|Connection|Transfer-Encoding|Content-Length: 0)\b.*\r\n)*\r\n(?:0\r\n\r\n)?$/;

const dir = mkdtempSync(join(tmpdir(), 'vigia-fuzz-http-'));

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function record(database: string): void {
  const db = openForWriting(database, (message) => assert.fail(message));
  const settings = config({ database });
  const store = new Store(db, settings);
  for (const tick of [1, 2, 3]) {
    const now = snapshot([container(1, { name: HOSTILE }), container(2)], {
      tick,
      at: (1_800_000_000 + 20 * tick) * 1000,
      monotonicNs: 20e9 * tick,
    });
    store.save(
      decisionOn(now, {
        plan: { kind: 'hold', because: { code: 'message', text: HOSTILE }, candidates: [] },
      }),
      1,
    );
  }
  db.close();
}

/** Sends a request and returns the whole answer. An event stream has no end and is cut after its head. */
function exchange(port: number, request: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1', () => socket.write(request, 'latin1'));
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk;
    if (/\r\ncontent-type: text\/event-stream[\s\S]*\r\n\r\n/i.test(answer)) socket.destroy();
  });
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no whole answer within ${ANSWER_MS} ms`)));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
  });
  socket.on('close', () => resolve(answer));
  return promise;
}

const oneOf = (list: string) => fc.constantFrom(...list.split(' '));
const often = <T>(weight: number, usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });

const methods = often(
  6,
  fc.constant('GET'),
  oneOf('HEAD POST PUT DELETE OPTIONS PATCH TRACE CONNECT QUERY get X'),
);
/** Bytes of a URL; now and then bytes that HTTP allows only in headers. */
const bytes = fc
  .array(often(300, fc.integer({ min: 0x21, max: 0x7e }), fc.integer({ min: 0x7f, max: 0xff })), {
    maxLength: 30,
  })
  .map((codes) => String.fromCharCode(...codes));
const nasty = often(
  30,
  oneOf(
    `.. %2e%2e %2f %00 % %zz %c0%ae %ff \\ // //evil.example/ :80 @ # ? & = [] ' %27%20OR%201 %0d%0aX-Evil:%201 -1 1e9 ${'9'.repeat(40)} 9007199254740993 NaN __proto__`,
  ),
  fc.constantFrom('x'.repeat(5000), 'x'.repeat(20_000)),
);
const known = fc.constantFrom(
  ...Object.keys(ROUTES).map((route) => route.replace(/\{\w+\}/, '1')),
  ...'/ /plain /plain.css /assets/x.js /panels/x /containers/x /api/live /api/openapi.json /icon.svg'.split(
    ' ',
  ),
  ...panels.map(({ id }) => `/api/panel/${id}`),
  `/api/container/${idOf(1)}`,
);
const piece = fc.oneof(nasty, bytes);
const path = often(
  15,
  fc.oneof(
    known,
    fc.tuple(known, piece).map(([route, end]) => route.replace(/\/[^/]*$/, `/${end}`)),
    fc.array(piece, { maxLength: 3 }).map((pieces) => `/${pieces.join('/')}`),
  ),
  oneOf('* http://evil.example/ http://127.0.0.1/api/status http://[ x'),
);
const values = fc.oneof(
  piece,
  oneOf(`0 1 1800000000000 8640000000000000 remove none ${idOf(1)} ${idOf(1).slice(0, 12)}`),
);
const parameter = fc.tuple(
  oneOf('limit from to kind level result text container before id __proto__ x'),
  often(2, oneOf('0 1 8640000000000000'), values),
);
const range = fc.constant('from=0&to=8640000000000000');
const query = fc
  .tuple(
    range,
    fc.array(
      parameter.map(([name, value]) => `${name}=${value}`),
      { maxLength: 3 },
    ),
  )
  .map(([always, more]) => [always, ...more].join('&'));
const header = fc.tuple(
  often(
    8,
    oneOf(
      'Accept-Encoding If-None-Match Range Authorization Origin Cookie Upgrade X-Forwarded-Host If-Modified-Since Accept',
    ),
    oneOf('Expect Content-Length Transfer-Encoding'),
  ),
  fc.oneof(piece, oneOf('gzip * bytes=0- bytes=9-1 chunked 5 websocket 100-continue W/"x"')),
);
const hosts = often(
  6,
  oneOf('127.0.0.1 localhost:8080 [::1]:1'),
  fc.oneof(piece, fc.constant('evil.example')),
);
const request = fc
  .tuple(
    methods,
    path,
    query,
    hosts,
    fc.array(header, { maxLength: 2 }),
    often(8, fc.constant(''), fc.constantFrom('hello', '0\r\n\r\n')),
  )
  .map(
    ([method, target, search, host, more, body]) =>
      `${method} ${target}?${search} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  );

test(`page: every request is answered without a failure, and every answer forbids foreign scripts (seed ${SEED})`, {
  timeout: 300_000,
}, async (t) => {
  const database = join(dir, 'vigia.db');
  record(database);
  const port = await freePort();
  const end = new AbortController();
  const serving = servePage(
    config({ database, page: { host: '127.0.0.1', port, tokenFile: null } }),
    () => {},
    end.signal,
  );
  t.after(async () => {
    end.abort();
    await serving;
    rmSync(dir, { recursive: true, force: true });
  });
  const seen: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(request, async (text) => {
      const answer = (await exchange(port, text)).replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
      const [, status = 'none'] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
      // Node closes the connection on CONNECT, for which there is no handler.
      const isNone = NO_REQUEST.test(answer) || (answer === '' && text.startsWith('CONNECT '));
      const result = isNone ? 'no request' : status;
      seen[result] = (seen[result] ?? 0) + 1;
      if (isNone) return;
      assert.match(status, /^[234]\d\d$/, answer.slice(0, 300));
      assert.match(answer, /\r\ncontent-security-policy: default-src 'none';/i, answer.slice(0, 300));
      assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/i);
      assert.doesNotMatch(answer, /\r\n(?:x-evil|access-control-allow-origin):/i);
    }),
    { seed: SEED, numRuns: 300 },
  );
  t.diagnostic(JSON.stringify(seen));
  for (const status of ['200', '400', '404', '421']) assert.ok((seen[status] ?? 0) > 5, JSON.stringify(seen));
});
