import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { describeCycle } from '../../daemon/src/app/describe-cycle.ts';
import { fieldsOf, JournalSender, writesToJournal } from '../../daemon/src/host/journal.ts';
import { type JournalEntry, MESSAGE_IDS } from '../../daemon/src/model/journal-entry.ts';
import { container, decisionOn, idOf, snapshot } from './builders.ts';

const ENTRY: JournalEntry = {
  ...{ kind: 'death', priority: 4, message: 'web: [crashed] it crashed with exit code 1', code: 'crashed' },
  ...{ tick: 7, container: { id: idOf(1), name: 'web' } },
};

test('an entry has its fields, a line each', () => {
  assert.deepEqual(fieldsOf(ENTRY).trimEnd().split('\n'), [
    'MESSAGE=web: [crashed] it crashed with exit code 1',
    `MESSAGE_ID=${MESSAGE_IDS.death}`,
    'PRIORITY=4',
    'SYSLOG_IDENTIFIER=vigia',
    'VIGIA_CODE=crashed',
    'VIGIA_DECISION=7',
    `VIGIA_CONTAINER=${idOf(1)}`,
    'VIGIA_CONTAINER_NAME=web',
    `OBJECT_PID=${process.pid}`,
  ]);
  const bare = fieldsOf({ ...ENTRY, tick: null, container: null });
  assert.doesNotMatch(bare, /VIGIA_DECISION|VIGIA_CONTAINER/);
});

test('property: no text of a container or a process begins a field of its own', () => {
  const names = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split('=')[0]);
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: 'binary' }), (message, name) => {
      const entry = {
        ...ENTRY,
        message: `${message}\nPRIORITY=0`,
        container: { id: null, name: `${name}\r\nX=1` },
      };
      assert.deepEqual(
        names(fieldsOf(entry)),
        names(fieldsOf(ENTRY)).filter((field) => field !== 'VIGIA_CONTAINER'),
      );
    }),
  );
});

/** A program in the place of logger(1) that keeps what it reads. */
function stand(t: TestContext, script: string) {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-journal-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const [program, kept] = [join(directory, 'logger'), join(directory, 'kept')];
  writeFileSync(kept, '');
  writeFileSync(program, `#!/bin/sh\n${script.replaceAll('KEPT', kept)}\n`);
  chmodSync(program, 0o755);
  return { program, read: () => readFileSync(kept, 'utf8') };
}

/** Waits until it is true; the test's own time limit ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('entries are sent one after the other, each whole', { timeout: 20_000 }, async (t) => {
  const { program, read } = stand(t, 'cat >>KEPT; echo == >>KEPT');
  const journal = new JournalSender(true, assert.fail, program);
  for (const tick of [1, 2, 3]) assert.ok(journal.send({ ...ENTRY, tick }));
  await until(() => read().split('==\n').length === 4);
  const decisions = read()
    .split('==\n')
    .flatMap((one) => /VIGIA_DECISION=(\d)/.exec(one)?.[1] ?? []);
  assert.deepEqual(decisions, ['1', '2', '3']);
});

test('a failure is said once, what was not sent is told otherwise, and nothing is sent any more', {
  timeout: 20_000,
}, async (t) => {
  const { program } = stand(t, 'exit 3');
  const said: string[] = [];
  const journal = new JournalSender(true, (problem) => said.push(problem), program);
  journal.send({ ...ENTRY, message: 'first' });
  journal.send({ ...ENTRY, message: 'second' });
  await until(() => said.length === 3);
  assert.match(said[0] ?? '', /logger --journald ended with 3/);
  assert.deepEqual(said.slice(1), ['first', 'second']);
  assert.equal(journal.send(ENTRY), false);
});

test('without logger(1), entries come as plain lines', { timeout: 20_000 }, async () => {
  const said: string[] = [];
  const journal = new JournalSender(true, (problem) => said.push(problem), '/nonexistent/logger');
  journal.send(ENTRY);
  await until(() => said.length === 2);
  assert.match(said[0] ?? '', /ENOENT/);
});

test('a slow journal holds nothing up: beyond 64 entries they come as lines', {
  timeout: 20_000,
}, async (t) => {
  const { program, read } = stand(t, 'cat >>KEPT');
  const journal = new JournalSender(true, () => undefined, program);
  const taken = Array.from({ length: 100 }, () => journal.send(ENTRY)).filter(Boolean).length;
  assert.equal(taken, 65, 'one is being sent');
  await until(() => read().split('MESSAGE_ID').length === 66);
});

test('the journal is ours where systemd says so and it is there', (t) => {
  const { program } = stand(t, '');
  const descriptor = openSync(program, 'r');
  t.after(() => closeSync(descriptor));
  const { dev, ino } = fstatSync(descriptor);
  const ours = { JOURNAL_STREAM: `${dev}:${ino}` };
  assert.ok(writesToJournal(ours, program, descriptor));
  assert.ok(!writesToJournal({}, program, descriptor), 'no systemd');
  assert.ok(!writesToJournal({ JOURNAL_STREAM: '1:2' }, program, descriptor), 'output goes elsewhere');
  assert.ok(!writesToJournal(ours, '/nonexistent', descriptor), 'no socket');
});

test('a cycle goes to the journal with its code, or as the lines it always was', () => {
  const now = snapshot([container(1)], {
    faults: [{ sensor: 'engine', reason: { code: 'engine-not-awaited' }, blind: true }],
  });
  const because = { code: 'shortage', count: 1, level: 'low', keep: 3 } as const;
  const decision = decisionOn(now, {
    outcomes: [
      {
        action: { kind: 'start', level: 'low', image: 'vigia/idle', because },
        ...{ result: 'failed', detail: { code: 'gone' }, id: null, tookMs: 12 },
      },
    ],
  });
  const [lines, entries]: [string[], JournalEntry[]] = [[], []];
  const logger = { info: (line: string) => lines.push(line), warn: (line: string) => lines.push(line) };
  describeCycle(decision, logger, { send: (entry) => entries.push(entry) > 0 });
  assert.deepEqual(
    entries.map(({ kind, code, tick, priority }) => [kind, code, tick, priority]),
    [
      ['fault', 'engine-not-awaited', now.tick, 4],
      ['action', 'shortage', now.tick, 4],
    ],
  );
  assert.equal(lines.length, 1);
  describeCycle(decision, logger, { send: () => false });
  assert.match(lines.at(-2) ?? '', /^engine: \[engine-not-awaited\] /);
  assert.match(lines.at(-1) ?? '', /^ {2}start vigia\/idle: \[shortage\] /);
});
