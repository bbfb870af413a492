import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { alignedLines, type Column } from '../../daemon/src/cli/table.ts';
import { wrapped } from '../../daemon/src/show/wrapped.ts';

/** Tables on a terminal: they fit its width, and lose nothing that they show. */

type Row = readonly string[];
const columns: readonly Column<Row>[] = [
  { title: 'NAME', wraps: true, value: (row) => row[0] ?? '' },
  { title: 'ID', spare: 1, value: (row) => row[1] ?? '' },
  { title: 'PID', right: true, spare: 2, value: (row) => row[2] ?? '' },
  { title: 'WHY', wraps: true, value: (row) => row[3] ?? '' },
];
const rows: readonly Row[] = [
  ['web', '0123456789ab', '7', 'CPU 12 % above 10 %'],
  [
    'a-database-with-a-name-of-some-length',
    '0123456789ac',
    '12345',
    'memory 3 % below 5 %; it has run for 3 days',
  ],
];

test('without a width each row is one line', () => {
  assert.deepEqual(alignedLines(rows, columns), [
    'NAME                                   ID              PID  WHY',
    'web                                    0123456789ab      7  CPU 12 % above 10 %',
    'a-database-with-a-name-of-some-length  0123456789ac  12345  memory 3 % below 5 %; it has run for 3 days',
  ]);
});

test('a narrow terminal first loses the spare columns, then breaks long texts at spaces', () => {
  assert.deepEqual(alignedLines(rows, columns, 80), [
    'NAME                           ID              PID  WHY',
    'web                            0123456789ab      7  CPU 12 % above 10 %',
    'a-database-with-a-name-of-som  0123456789ac  12345  memory 3 % below 5 %; it has',
    'e-length                                            run for 3 days',
  ]);
  assert.deepEqual(alignedLines(rows, columns, 60), [
    'NAME                           WHY',
    'web                            CPU 12 % above 10 %',
    'a-database-with-a-name-of-som  memory 3 % below 5 %; it has',
    'e-length                       run for 3 days',
  ]);
});

test('no line is wider than the terminal, and every word of a column that is shown is there', () => {
  const word = fc
    .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 30 })
    .map((text) => text.replaceAll(' ', '_'));
  const row = fc.tuple(
    word,
    word,
    word,
    fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
  );
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 50, max: 200 }),
      (some, width) => {
        const lines = alignedLines(some, columns, width);
        assert.ok(lines.length > some.length);
        for (const line of lines) assert.ok(line.length <= width, `${line.length} > ${width}: ${line}`);
      },
    ),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.integer({ min: 1, max: 60 }), (words, width) => {
      const lines = wrapped(words.join(' '), width);
      assert.equal(lines.join('').replaceAll(' ', ''), words.join(''));
      for (const line of lines) assert.ok(line.length <= width);
    }),
  );
});
