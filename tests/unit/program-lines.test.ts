import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commandLineOf } from '../../daemon/src/sense/command-line.ts';
import { ProgramLines } from '../../daemon/src/sense/program-lines.ts';

const textsOf = async (lines: ProgramLines, ...programs: Parameters<ProgramLines['of']>[0]) =>
  [...(await lines.of(programs))].map(([pid, { text }]) => [pid, text]);
const program = (pid: number, execId = 1, startNs = 5) => ({ pid, execId, startNs, livingThread: pid });

test('arguments are separated by spaces, and what is longer than the bound is marked', () => {
  const text = (bytes: string, max = 512) => commandLineOf(Buffer.from(bytes), max);
  assert.equal(text('sleep\x0060\0'), 'sleep 60');
  assert.equal(text('title\0\0\0\0'), 'title');
  assert.equal(text(''), '');
  assert.equal(text('abcdef', 5), 'abcde…');
  assert.equal(text('abcde', 5), 'abcde');
  assert.equal(text('abcdñ', 5), 'abcd…');
  assert.equal(text('abc€', 5), 'abc…');
  assert.equal(commandLineOf(Buffer.from([0x61, 0xff, 0x62]), 9), 'a\ufffdb');
});

test('the text of any bytes is bounded and, cut, begins like the whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 4, max: 40 }), (bytes, max) => {
      const text = commandLineOf(Buffer.from(bytes), max);
      assert.ok(text.length <= max + 1);
      assert.ok(!text.includes('\0'));
      if (bytes.length <= max) return;
      const whole = commandLineOf(Buffer.from(bytes), bytes.length);
      // What the cut has left of a character that was invalid anyway may be replaced differently.
      const same = text.slice(0, -3);
      assert.ok(text.endsWith('…') && whole.padEnd(max).startsWith(same.trimEnd()), `${text} of ${whole}`);
    }),
  );
});

test('a command line is read once for each program that a process runs', async () => {
  const asked: number[] = [];
  const lines = new ProgramLines(async (pid) => `line ${asked.push(pid)}`);
  const textOf = async (...programs: Parameters<ProgramLines['of']>[0]) =>
    (await textsOf(lines, ...programs)).map(([, text]) => text);
  assert.deepEqual(await textOf(program(1), program(2)), ['line 1', 'line 2']);
  assert.deepEqual(await textOf(program(1), program(2)), ['line 1', 'line 2']);
  assert.deepEqual(await textOf(program(1, 2), program(2)), ['line 3', 'line 2'], 'an execve()');
  assert.deepEqual(await textOf(program(1, 2, 6)), ['line 4'], 'the pid was used again');
  assert.deepEqual(await textOf(program(2)), ['line 5'], 'process 2 had been gone');
  assert.deepEqual(asked, [1, 2, 1, 1, 2]);
});

test('where the main thread has ended, another one is read', async () => {
  const lines = new ProgramLines(async (thread) => `line of ${thread}`);
  const read = await textsOf(lines, { ...program(4), livingThread: 9 });
  assert.deepEqual(read, [[4, 'line of 9']]);
});

test('a process whose memory cannot be read now does not hold up the others, and two such end the reading', async () => {
  const release: (() => void)[] = [];
  const lines = new ProgramLines((pid) => {
    if (pid < 10) return new Promise((resolve) => release.push(() => resolve('late')));
    return pid === 13 ? Promise.reject(new Error('gone')) : Promise.resolve(`${pid}`);
  }, 1);
  const first = await textsOf(lines, ...[1, 11, 13, 2, 12, 3].map((pid) => program(pid)));
  assert.deepEqual(first, [
    [1, null],
    [11, '11'],
    [13, null],
    [2, null],
  ]);
  assert.equal(release.length, 2, 'process 3 was not asked');
  for (const end of release) end();
  await new Promise(setImmediate);
  const second = await textsOf(lines, program(1), program(12));
  assert.deepEqual(second, [
    [1, 'late'],
    [12, '12'],
  ]);
});
