import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ConfigError, parseConfig } from '../../daemon/src/app/load-config.ts';
import type { Message } from '../../daemon/src/model/notification.ts';
import { send } from '../../daemon/src/notify/channels/send.ts';
import { type Happening, happeningsOf, type RecordedCycle } from '../../daemon/src/notify/events-of.ts';
import { messageOf } from '../../daemon/src/notify/message-of.ts';
import { parcelsOf } from '../../daemon/src/notify/rules.ts';

/** Notifications: what is told, to whom, when, in which words. */

const cycle = (partial: Partial<RecordedCycle> = {}): RecordedCycle => ({
  ...{ tick: 7, at: 1_800_000_000, because: null, floors: [], actions: [], faults: [] },
  ...partial,
});

const happening = (partial: Partial<Happening> = {}): Happening => ({
  ...{ key: 'k', events: ['stopped'], severity: 'warning', at: 1_800_000_000, kind: null },
  about: { what: 'back' },
  ...partial,
});

test('a wrong channel and a rule for an unknown one are reported with their lines', () => {
  const source = `notify:
  channels:
    - { name: phone, kind: ntfy, url: "https://ntfy.example", topic: host1 }
    - { name: phone, kind: webhook }
  rules:
    - { channels: [pager] }
`;
  const wrong = (text: string) => {
    try {
      parseConfig(text, 'c.yaml');
      return '';
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message;
    }
  };
  assert.match(wrong(source), /c\.yaml:4:\d+: notify\.channels\.1: needs either url or urlFile/);
  const named = source.replace('webhook }', 'webhook, url: "http://127.0.0.1" }');
  assert.match(wrong(named), /c\.yaml:4:15: notify\.channels\.1\.name: a second channel is called phone/);
  assert.match(wrong(named), /c\.yaml:6:20: notify\.rules\.0\.channels\.0: no channel is called pager/);
});

test('what lasts is told when it begins and when it ends', () => {
  const blind = cycle({
    faults: [{ sensor: 'engine', message: { code: 'reading-too-old' }, blind: true }],
  });
  const first = happeningsOf(blind, []);
  assert.deepEqual([first.happenings.map(({ key }) => key), first.active], [['blind'], ['blind']]);
  const again = happeningsOf(blind, first.active).happenings;
  assert.deepEqual(
    again.map(({ key, isReminder }) => [key, isReminder]),
    [['blind', true]],
  );
  const over = happeningsOf(cycle(), first.active);
  assert.deepEqual([over.happenings.map(({ key }) => key), over.active], [['blind over'], []]);
});

test('quiet hours hold back what is not critical, in their time zone, and repeats are not told', () => {
  const source = `notify:
  channels: [{ name: a, kind: webhook, url: "http://127.0.0.1" }]
  rules: [{ quiet: { from: "22:00", to: "07:00", timeZone: America/Guatemala } }]
`;
  const { notify } = parseConfig(source, 'c.yaml');
  const at = Date.UTC(2027, 0, 15, 5, 30) / 1000;
  const held = (one: Happening, told: number | null = null) =>
    parcelsOf([one], notify, () => told, one.at).map(({ notBefore }) => notBefore);
  const about = { what: 'stopped', seconds: 60 } as const;
  // 23:30 there; the quiet hours end at 13:00 UTC.
  assert.deepEqual(held(happening({ at, about })), [Date.UTC(2027, 0, 15, 13, 0) / 1000]);
  assert.deepEqual(held(happening({ at, about, severity: 'critical' })), [0]);
  assert.deepEqual(held(happening({ at: at + 10 * 3600, about })), [0]);
  assert.deepEqual(held(happening({ at, about }), at - 599), []);
  assert.equal(held(happening({ at, about }), at - 600).length, 1);
});

test('names cannot forge lines of a message', () => {
  const about = {
    what: 'notice',
    reason: {
      code: 'service-needs-attention',
      name: 'a\nVigía: all is well',
      breach: { code: 'message', text: 'x\u202ey' },
    },
  } as const;
  const { title, body } = messageOf([happening({ about })], 'h', 'en');
  assert.doesNotMatch(title + body, /\nVigía|\u202e/);
});

test('a redirect is not followed, and errors do not tell the path', async (t) => {
  let requests = 0;
  const server = createServer((_, answer) => {
    requests += 1;
    answer.writeHead(302, { location: '/elsewhere' }).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/very-secret`;
  const message: Message = { title: 't', body: 'b', severity: 'info', at: 0, events: [] };
  const channel = {
    name: 'a',
    kind: 'webhook',
    template: 'json',
    url,
    urlFile: null,
    tokenFile: null,
  } as const;
  await assert.rejects(send(channel, message, '1'), (error: Error) => {
    return /answered 302$/.test(error.message) && !error.message.includes('secret');
  });
  assert.equal(requests, 1);
});
