import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse, Sysinfo } from '../../daemon/src/sense/contract.ts';
import { SensorError } from '../../daemon/src/sense/reading.ts';
import { SysinfoText } from '../../daemon/src/sense/sysinfo-text.ts';

const SYSINFO = readFileSync(
  join(import.meta.dirname, '../../contract/samples/sysinfo-docker-host.json'),
  'utf8',
);
const LINES = SYSINFO.slice(SYSINFO.indexOf('[\n') + 2, SYSINFO.lastIndexOf('\n]')).split(',\n');

const textOf = (lines: readonly string[]): string =>
  SYSINFO.replace(LINES.join(',\n'), () => lines.join(',\n'));
const parser = () => new SysinfoText((row) => row);

test('the capture has one process per line', () => {
  assert.equal(LINES.length, JSON.parse(SYSINFO).processes.length);
  assert.ok(LINES.length > 30);
});

test('a text is read the same after any other text', () => {
  const name = fc.constantFrom('"', '\\', '],\n', '{"pid":1}', 'processes', '…');
  const line = fc
    .tuple(fc.constantFrom(...LINES), fc.option(name))
    .map(([text, named]) => (named === null ? text : JSON.stringify({ ...JSON.parse(text), name: named })));
  const lines = fc.array(line, { maxLength: 20 });
  fc.assert(
    fc.property(lines, lines, (before, now) => {
      const used = parser();
      used.parse(textOf(before));
      const read = used.parse(textOf(now));
      assert.deepEqual(read, parser().parse(textOf(now)));
      assert.deepEqual(
        read.processes.map(({ pid, name }) => [pid, name]),
        now.map((text) => JSON.parse(text)).map(({ pid, name }) => [pid, name]),
      );
    }),
  );
});

test('a process whose line has not changed is the same object as before', () => {
  const read = parser();
  const [first, second] = LINES as [string, string];
  const before = read.parse(textOf([first, second])).processes;
  const other = JSON.stringify({ ...JSON.parse(second), threads: 77 });
  const now = read.parse(textOf([first, other])).processes;
  assert.equal(now[0], before[0]);
  assert.equal(now[1]?.threads, 77);
});

test('a wrong line is refused every time with its position; the next text is read', () => {
  const read = parser();
  const wrong = JSON.stringify({ ...JSON.parse(LINES[1] ?? ''), threads: -1 });
  for (let i = 0; i < 2; i += 1) {
    assert.throws(
      () => read.parse(textOf([LINES[0] ?? '', wrong])),
      (error) => error instanceof SensorError && error.message.includes('processes.1.threads'),
    );
  }
  assert.equal(read.parse(SYSINFO).processes.length, LINES.length);
});

test('a text that is truncated anywhere is refused, even when every line is cached', () => {
  const read = parser();
  read.parse(SYSINFO);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: SYSINFO.trimEnd().length - 1 }), (length) => {
      assert.throws(() => read.parse(SYSINFO.slice(0, length)), SensorError);
    }),
  );
});

const PIECES = ['', ',', '\n', ',\n', '}', '{', '"', ' ', '7', LINES[1] ?? '', `,\n${LINES[2]}`];

/**
 * Asserts that a parser which has cached every line of SYSINFO reads a text as JSON and the contract do, or refuses it.
 */
function assertReadAsContract(text: string): void {
  const read = parser();
  read.parse(SYSINFO);
  let whole: Sysinfo;
  try {
    whole = parse('sysinfo', text, Sysinfo);
  } catch {
    assert.throws(() => read.parse(text), SensorError, text);
    return;
  }
  assert.deepEqual(read.parse(text), whole);
}

test('a text with any change is read as JSON and the contract do, even when every line is cached', () => {
  const place = fc.integer({ min: 0, max: SYSINFO.length });
  fc.assert(
    fc.property(place, fc.integer({ min: 0, max: 2 }), fc.constantFrom(...PIECES), (at, removed, added) => {
      assertReadAsContract(SYSINFO.slice(0, at) + added + SYSINFO.slice(at + removed));
    }),
  );
});

test('so is a text with any change at the borders of the first and the last process', () => {
  const [first, last] = [LINES[0] ?? '', LINES.at(-1) ?? ''];
  const few = textOf([first, LINES[1] ?? '', last]);
  for (const line of [first, last])
    for (const border of [few.indexOf(line), few.indexOf(line) + line.length])
      for (let at = border - 3; at <= border + 3; at += 1)
        for (const removed of [0, 1, 2])
          for (const added of PIECES)
            assertReadAsContract(few.slice(0, at) + added + few.slice(at + removed));
});

test('the same content in another layout is read too', () => {
  const spread = JSON.stringify(JSON.parse(SYSINFO), null, 2);
  assert.deepEqual(parser().parse(spread), parser().parse(SYSINFO));
});
