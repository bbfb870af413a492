import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../daemon/src/app/load-config.ts';
import { type NotifierPorts, runNotifier } from '../../daemon/src/app/run-notifier.ts';
import type { Channel, Message } from '../../daemon/src/model/notification.ts';
import { send } from '../../daemon/src/notify/channels/send.ts';
import { openForWriting } from '../../daemon/src/record/database.ts';
import { saveEngineEvents } from '../../daemon/src/record/engine-events.ts';
import { Outbox, readOutbox } from '../../daemon/src/record/outbox.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { config, container, decisionOn, idOf, snapshot } from './builders.ts';

/** The notifier: a real record, real processes that are killed, real receivers on loopback. */

const VIGIA = join(import.meta.dirname, '../../daemon/src/cli/vigia.ts');

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-notify-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!condition()) {
    assert.ok(performance.now() < end, `not within 60 s: ${what}`);
    await sleep(20);
  }
}

/** A record in which each cycle kills a container of its own, in a cycle of the present. */
class KillingRecord {
  readonly database: string;
  readonly #store: Store;
  readonly #db: DatabaseSync;
  /** Two cycles within one second are one in the record. */
  readonly #begin = Date.now() - 200_000;
  #tick = 0;

  constructor(t: TestContext, dir: string) {
    this.database = join(dir, 'vigia.db');
    const db = openForWriting(this.database, assert.fail);
    t.after(() => db.close());
    this.#store = new Store(db, config());
    this.#db = db;
  }

  /** The kernel kills this container at its own limit. */
  oom(name: string, at: number): void {
    const event = { kind: 'die', at, moment: `${at / 1000}.0`, id: 'e'.repeat(64), name } as const;
    const rest = { image: 'i', exitCode: 137, signal: null, health: null };
    const because = { code: 'oom-own-limit', limitMib: 32, died: true } as const;
    saveEngineEvents(this.#db, [{ event: { ...event, ...rest }, because, evidence: null }]);
  }

  /** The name of the container that is killed. */
  add(at?: number): string {
    this.#tick += 1;
    const victim = container(this.#tick, { labels: { 'vigia.managed': 'true' } });
    const now = snapshot([victim], { tick: this.#tick, at: at ?? this.#begin + this.#tick * 1000 });
    const { id, name } = victim;
    const because = { code: 'message', text: 'it holds all of the memory' } as const;
    const target = { id, name, level: 'high', pid: 1000, because } as const;
    const action = { kind: 'kill', ...target, startNs: 1, cgroup: '/x', isEngineSilent: false } as const;
    const detail = { code: 'processes-killed' } as const;
    this.#store.save(
      decisionOn(now, {
        plan: { kind: 'act', actions: [action], candidates: [] },
        outcomes: [{ action, result: 'done', detail, id: idOf(this.#tick), tookMs: 5 }],
      }),
      1,
    );
    return name;
  }
}

test('killed at any moment, the notifier loses nothing, and what it sends twice says so', async (t) => {
  const dir = folder(t);
  const record = new KillingRecord(t, dir);
  const received: string[] = [];
  let requests = 0;
  const server = createServer(async (request, answer) => {
    const { body } = JSON.parse(await text(request)) as Message;
    requests += 1;
    // Now and then the receiver is down.
    if (requests % 7 === 3) return answer.writeHead(503).end();
    received.push(body);
    answer.writeHead(200).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const file = join(dir, 'config.yaml');
  const state = join(dir, 'notify.db');
  writeFileSync(
    file,
    `database: ${record.database}
cycleSeconds: 300
notify:
  state: ${state}
  ratePerMinute: 600
  channels: [{ name: hook, kind: webhook, url: "http://127.0.0.1:${port}/" }]
`,
  );
  const start = (): ChildProcess => {
    const child = spawn(process.execPath, [VIGIA, '--config', file, 'notify', 'run'], {
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    return child;
  };
  const end = async (child: ChildProcess, signal: NodeJS.Signals) => {
    child.kill(signal);
    await once(child, 'exit');
  };
  const isRead = () => (readOutbox(state)?.position ?? null) !== null;

  const first = start();
  await until('it has begun', isRead);
  await end(first, 'SIGKILL');
  const names: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    for (let n = 0; n < 4; n += 1) names.push(record.add());
    const before = received.length;
    const child = start();
    // Each round it is killed somewhat later after the first delivery, and in some before it.
    const latest = performance.now() + 900;
    while (received.length <= before + (round % 4) && performance.now() < latest) await sleep(5);
    await end(child, 'SIGKILL');
  }
  const last = start();
  const isTold = (name: string) => received.some((body) => body.startsWith(`${name}:`));
  await until('all are told', () => names.every(isTold));
  await until('nothing waits', () => Number(readOutbox(state)?.channels.get('hook')?.['waiting']) === 0);
  assert.equal(readOutbox(state)?.isRunning, true);
  await end(last, 'SIGTERM');
  assert.equal(readOutbox(state)?.isRunning, false);
  for (const name of names) {
    const [, ...again] = received.filter((body) => body.startsWith(`${name}:`));
    for (const body of again) assert.match(body, /you may have received it before/, name);
  }
  t.diagnostic(`${names.length} told in ${received.length} messages, over 7 kills`);
});

test('a notifier that starts while its state is read waits for the reader', async (t) => {
  const state = join(folder(t), 'notify.db');
  new Outbox(state)[Symbol.dispose]();
  // It reads both files, and ends on its own: the constructor below blocks this process.
  const reader = spawn(
    process.execPath,
    [
      '--eval',
      `const { DatabaseSync } = require('node:sqlite');
       const all = ['', '.lock'].map((end) => new DatabaseSync(${JSON.stringify(state)} + end, { readOnly: true }));
       for (const db of all) db.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
       process.stdout.write('reads');
       setTimeout(() => process.exit(), 500);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(reader.stdout, 'data');
  using _outbox = new Outbox(state);
  assert.equal(readOutbox(state)?.isRunning, true);
});

test('a state that the notifier has not filled yet is none', (t) => {
  const state = join(folder(t), 'notify.db');
  writeFileSync(state, '');
  assert.equal(readOutbox(state), null);
});

/** Runs the notifier with these ports until `isDone`, on a clock that the test moves. */
async function runWith(
  t: TestContext,
  settings: string,
  sending: (channel: Channel, message: Message, now: number) => void,
  perTurn: (record: KillingRecord, now: number) => void,
  turns: number,
) {
  const dir = folder(t);
  const record = new KillingRecord(t, dir);
  const file = join(dir, 'config.yaml');
  const state = join(dir, 'notify.db');
  writeFileSync(
    file,
    `database: ${record.database}\ncycleSeconds: 300\nnotify:\n  state: ${state}\n${settings}\n`,
  );
  let now = 1_800_000_000;
  record.add(now * 1000);
  const stop = new AbortController();
  let turn = 0;
  const ports: NotifierPorts = {
    now: () => now,
    sleep: async () => {
      turn += 1;
      if (turn > turns) return stop.abort();
      now += 5;
      perTurn(record, now);
    },
    random: () => 0.5,
    send: async (channel, message) => sending(channel, message, now),
    warn: () => {},
  };
  await runNotifier(loadConfig(file), ports, stop.signal);
  return readOutbox(state);
}

const HOOK = '  channels: [{ name: hook, kind: webhook, url: "http://127.0.0.1:1/" }]';

test('a receiver that is down is tried more and more rarely; after giveUpSeconds a message is given up', async (t) => {
  const tries: number[] = [];
  const outbox = await runWith(
    t,
    `${HOOK}\n  giveUpSeconds: 600`,
    (_channel, _message, now) => {
      tries.push(now);
      throw new Error('down');
    },
    (record, now) => {
      if (now === 1_800_000_005) record.add(now * 1000);
    },
    200,
  );
  const waits = tries.slice(1).map((at, i) => at - (tries[i] ?? 0));
  assert.deepEqual(waits.slice(0, 6), [5, 10, 15, 30, 60, 120]);
  assert.equal(outbox?.channels.get('hook')?.['given_up'], 1);
  assert.match(String(outbox?.channels.get('hook')?.['error']), /down/);
});

test('a container that the kernel killed for memory is told once, with its cause', async (t) => {
  const bodies: string[] = [];
  const events: string[] = [];
  await runWith(
    t,
    HOOK,
    (_channel, message) => {
      bodies.push(message.body);
      events.push(...message.events.flatMap((one) => (one as { events: string[] }).events));
    },
    (record, now) => {
      if (now === 1_800_000_010) record.oom('shop-db', now * 1000);
    },
    20,
  );
  assert.deepEqual(bodies, [
    "shop-db: the kernel's OOM killer killed it at its own limit of 32 MiB\nmore: vigia explain shop-db",
  ]);
  assert.deepEqual(events, ['oom']);
});

test('no more messages than the rate allows are sent, and all are sent in the end', async (t) => {
  const at: number[] = [];
  await runWith(
    t,
    `${HOOK}\n  ratePerMinute: 3`,
    (_channel, _message, now) => at.push(now),
    (record, now) => {
      if (now <= 1_800_000_060) record.add(now * 1000);
    },
    100,
  );
  assert.equal(at.length, 12);
  for (const time of at) assert.ok(at.filter((one) => one > time - 60 && one <= time).length <= 3);
});

test('a daemon that is silent for three cycles has stopped, and is back with its next cycle', async (t) => {
  const titles: string[] = [];
  await runWith(
    t,
    HOOK,
    (_channel, { title }) => titles.push(title.replace(/^Vigía \S+: /, '')),
    (record, now) => {
      if (now === 1_800_002_000) record.add(now * 1000);
    },
    450,
  );
  assert.deepEqual(
    titles.map((title) => title.replace(/[\d.]+ min.*/, 'N min')),
    ['no cycle recorded for N min', 'vigia-idle-2: kill, done (+2)'],
  );
});

/** What SMTP's own server received, or null where the receiver printed nothing yet. */
async function smtpServer(t: TestContext) {
  const probe = createTcpServer();
  await once(probe.listen(0, '127.0.0.1'), 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  const server = spawn(
    '/usr/bin/python3',
    ['-u', '-m', 'aiosmtpd', '-n', '-l', `127.0.0.1:${port}`, '-c', 'aiosmtpd.handlers.Debugging', 'stdout'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  t.after(() => server.kill('SIGKILL'));
  let output = '';
  server.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  return { port, output: () => output };
}

test('e-mail is delivered to a real SMTP server (Debian: python3-aiosmtpd)', async (t) => {
  const { port, output } = await smtpServer(t);
  const channel: Channel = {
    ...{ name: 'mail', kind: 'email', host: '127.0.0.1', port, security: 'none' },
    ...{ user: null, passwordFile: null, from: 'vigia@host.example', to: ['ops@host.example'] },
  };
  const message: Message = {
    ...{ title: 'Vigía h: db: restart, done', body: 'línea uno\n.\nlínea tres', severity: 'warning' },
    ...{ at: 1_800_000_000, events: [] },
  };
  // The server needs a moment to listen.
  const end = performance.now() + 30_000;
  for (;;) {
    try {
      await send(channel, message, 'vigia-h-1-1');
      break;
    } catch (error) {
      assert.ok(performance.now() < end, String(error));
      await sleep(50);
    }
  }
  await until('it is printed', () => output().includes('END MESSAGE'));
  const mail = output();
  assert.match(mail, /^From: vigia@host\.example$/m);
  assert.match(mail, /^To: ops@host\.example$/m);
  assert.match(mail, /^Message-ID: <vigia-h-1-1@vigia>$/m);
  t.diagnostic(mail);
});

interface Posted {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
}

/** A recorded fake: it answers 200 to everything, as the receivers do whose services cannot be run here. */
async function fake(t: TestContext) {
  const posts: Posted[] = [];
  const server = createServer(async (request, answer) => {
    const { method = '', url = '', headers } = request;
    posts.push({ method, path: url, headers, body: JSON.parse(await text(request)) });
    answer.writeHead(200).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  return { posts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('each template and service gets the body that its documentation asks for (a recorded fake)', async (t) => {
  const { posts, url } = await fake(t);
  const secretFile = join(folder(t), 'secret');
  writeFileSync(secretFile, 'top-secret\n');
  const message: Message = {
    ...{ title: 'Vigía h: <db>', body: 'x & y @everyone', severity: 'critical', at: 1, events: [{ a: 1 }] },
  };
  const webhook = { name: 'w', kind: 'webhook', url, urlFile: null, tokenFile: secretFile } as const;
  for (const template of ['json', 'slack', 'discord', 'gotify', 'matrix'] as const)
    await send({ ...webhook, template }, message, 'id/1');
  await send({ name: 'n', kind: 'ntfy', url, topic: 'host1', tokenFile: secretFile }, message, 'id');
  await send({ name: 't', kind: 'telegram', url, chat: '42', tokenFile: secretFile }, message, 'id');
  const [json, slack, discord, gotify, matrix, ntfy, telegram] = posts;
  const whole = 'Vigía h: <db>\n\nx & y @everyone';
  assert.deepEqual(json?.body, message);
  assert.deepEqual(slack?.body, { text: 'Vigía h: &lt;db&gt;\n\nx &amp; y @everyone' });
  assert.deepEqual(discord?.body, { content: whole, allowed_mentions: { parse: [] } });
  assert.deepEqual(gotify?.body, { title: message.title, message: message.body, priority: 8 });
  assert.equal(gotify?.headers['x-gotify-key'], 'top-secret');
  assert.deepEqual([matrix?.method, matrix?.path], ['PUT', '/id%2F1']);
  assert.deepEqual(matrix?.body, { msgtype: 'm.text', body: whole });
  assert.equal(matrix?.headers.authorization, 'Bearer top-secret');
  assert.deepEqual(ntfy?.body, {
    ...{ topic: 'host1', title: message.title, message: message.body, priority: 5 },
  });
  assert.equal(telegram?.path, '/bottop-secret/sendMessage');
  assert.deepEqual(telegram?.body, { chat_id: '42', text: whole });
});
