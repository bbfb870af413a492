import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Key, pressKey } from '../../daemon/src/cli/top-keys.ts';
import type { Reason } from '../../daemon/src/model/reason.ts';
import type { FaultRow, Row } from '../../daemon/src/record/queries.ts';
import { bar, fit, fitMiddle, type Paint, sparkline } from '../../daemon/src/show/spans.ts';
import { renderTop, type Size, type TopView } from '../../daemon/src/show/top.ts';
import { FIRST_STATE, type TopState, withinTable } from '../../daemon/src/show/top-state.ts';
import { arrange } from '../../daemon/src/show/top-table.ts';
import { AT, actionRow, containerRow, topView } from './top-view.ts';

/** Approved screens. After an intended change run with VIGIA_GOLDEN=write and review the difference. */
const GOLDEN = join(import.meta.dirname, 'samples/top');
const plain: Paint = (_, text) => text;
const marked: Paint = (style, text) => `<${style}:${text}>`;

function assertGolden(name: string, lines: readonly string[]): void {
  const file = join(GOLDEN, `${name}.txt`);
  const text = `${lines.join('\n')}\n`;
  if (process.env['VIGIA_GOLDEN'] === 'write') {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(file, text);
  }
  assert.equal(text, readFileSync(file, 'utf8'), name);
}

const SMALL: Size = { columns: 80, rows: 24 };
const state = (more: Partial<TopState> = {}): TopState => ({ ...FIRST_STATE, ...more });

const busy = (): TopView => {
  const view = topView({}, { low_after: 1, high_after: 6, unknown_after: 5 });
  const more = Array.from({ length: 40 }, (_, i) => containerRow(20 + i, { cpu_percent: i / 10 }));
  return { ...view, status: { ...view.status, containers: [...view.status.containers, ...more] } };
};
const hostile = (): TopView => {
  const name = '\u001b[31m\u0007x\r\n\u009b2J\u202e界🔥e\u0301<b>';
  const view = topView();
  const quoted: Reason = { code: 'recorded-text', text: name };
  const fault: FaultRow = Object.assign<Row, { message: Reason }>(
    { at: AT, sensor: 'continfo', blind: 1 },
    { message: { code: 'message', text: `torn: ${name}` } },
  );
  return {
    ...view,
    problem: `cannot read ${name}`,
    status: {
      ...view.status,
      containers: [containerRow(1, { name, image: name }, quoted)],
      actions: [actionRow(1, { name, result: 'failed' }, { because: quoted, detail: quoted })],
      faults: [fault],
    },
  };
};

const EXPLANATION = [
  'vigia-cpu-4 (000000000004), image vigia/cpu, is disposable: it may be removed and replaced.',
  'A sentence that is so long that a terminal of eighty columns has to break it into two lines, \u001b[31m and is inert.',
];

const SCREENS: Readonly<Record<string, [TopView, TopState, Size, Paint?]>> = {
  '80x24': [topView(), state(), SMALL],
  '80x24-colours': [topView({ isNew: true }), state(), SMALL, marked],
  '120x40': [topView(), state(), { columns: 120, rows: 40 }],
  '60x16': [topView(), state(), { columns: 60, rows: 16 }],
  'too-many-too-few': [busy(), state({ sort: 'cpu', cursor: 12 }), SMALL],
  filtered: [busy(), state({ filter: 'Vigia-C', sort: 'memory' }), SMALL],
  typing: [topView(), state({ filter: 'post', isTyping: true, sort: 'name', reversed: true }), SMALL],
  help: [topView(), state({ isHelp: true }), SMALL],
  explained: [topView({ explanation: EXPLANATION }), state({ explained: 1 }), SMALL],
  stopped: [topView({ now: new Date((AT + 300) * 1000) }), state(), SMALL],
  hostile: [hostile(), state(), SMALL],
  empty: [
    topView({
      status: { cycle: null, host: null, disks: [], containers: [], actions: [], faults: [], notices: [] },
      trend: [],
    }),
    state(),
    SMALL,
  ],
  once: [topView(), state(), { columns: 100, rows: null }],
  'es-80x24': [topView({ language: 'es' }), state(), SMALL],
  'es-120x40': [topView({ language: 'es' }), state(), { columns: 120, rows: 40 }],
  'es-too-many-too-few': [{ ...busy(), language: 'es' }, state({ sort: 'cpu', cursor: 12 }), SMALL],
  'es-filtered': [{ ...busy(), language: 'es' }, state({ filter: 'Vigia-C', sort: 'memory' }), SMALL],
  'es-typing': [topView({ language: 'es' }), state({ filter: 'post', isTyping: true }), SMALL],
  'es-help': [topView({ language: 'es' }), state({ isHelp: true }), SMALL],
  'es-stopped': [topView({ language: 'es', now: new Date((AT - 300) * 1000) }), state(), SMALL],
};

describe('the screen', () => {
  for (const [name, [view, ui, size, paint]] of Object.entries(SCREENS)) {
    it(`${name} is as approved`, () => assertGolden(name, renderTop(view, ui, size, paint ?? plain)));
  }

  it('fits any terminal size and contains no control characters, with any names', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const property = fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 0, max: 60 }),
      text,
      text,
      fc.integer({ min: 0, max: 9 }),
      fc.boolean(),
      (columns, rows, count, name, filter, counts, isTyping) => {
        const view = topView({ problem: name }, { low_after: counts, high_after: counts });
        const quoted: Reason = { code: 'recorded-text', text: name };
        const containers = Array.from({ length: count }, (_, i) => containerRow(i, { name }, quoted));
        const lines = renderTop(
          {
            ...view,
            language: isTyping ? 'es' : 'en',
            status: { ...view.status, containers, actions: [actionRow(1, { name }, { because: quoted })] },
          },
          state({ filter, isTyping, cursor: count }),
          { columns, rows },
          plain,
        );
        assert.equal(lines.length, rows);
        for (const line of lines) {
          assert.ok(line.length <= columns, `${line.length} > ${columns}: ${line}`);
          assert.match(line, /^[\u0020-\u007e\u00a1-\u024f\u2013-\u2265\u2581-\u2591▲▼█]*$/);
        }
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('counts the kinds where no quota is in force, and shows notices with their time', () => {
    const view = topView();
    const none = { keep: 0, trim: false };
    const { low, high } = view.config.quotas;
    const message: Reason = { code: 'manage-matches-nothing', at: 'config.yaml:7' };
    const row: Row = { at: AT - 60, sensor: 'policy', blind: 0 };
    const notice = Object.assign(row, { message });
    const lines = renderTop(
      {
        ...view,
        config: {
          ...view.config,
          ...{ mode: 'observe', quotas: { low: { ...low, ...none }, high: { ...high, ...none } } },
        },
        status: {
          ...view.status,
          notices: [notice],
          containers: [...view.status.containers, containerRow(9, { kind: 'service', name: 'shop-db' })],
        },
      },
      state(),
      { columns: 100, rows: null },
      plain,
    ).join('\n');
    assert.match(lines, /^Vigía .* sensor kernel, observing /m);
    assert.match(lines, /^notice \d\d:04:06: config\.yaml:7: this entry of manage matches no container/m);
    assert.match(lines, /^KIND +6 disposable, 1 service, 1 foreign, 1 protected$/m);
    assert.match(lines, /^service +shop-db /m);
    assert.doesNotMatch(lines, /0\/0|^LOW/m);
  });

  it('has the same text with and without colours', () => {
    for (const [view, ui, size] of Object.values(SCREENS)) {
      const stripped = renderTop(view, ui, size, (_, text) => `{${text}}`).map((line) =>
        line.replaceAll(/[{}]/g, '').trimEnd(),
      );
      assert.deepEqual(
        stripped,
        renderTop(view, ui, size, plain).map((line) => line.trimEnd()),
      );
    }
  });
});

describe('the containers', () => {
  const rows = [
    containerRow(1, { cpu_percent: 5, rss_kb: 10, first_seen: 30 }),
    containerRow(2, { cpu_percent: null, rss_kb: 30, first_seen: 10, level: 'unknown' }),
    containerRow(3, { cpu_percent: 9, rss_kb: 20, first_seen: 20, level: 'high', image: 'special/one' }),
  ];
  const order = (more: Partial<TopState>) =>
    arrange(rows, state(more), 'en').map((row) => Number(row['pid']) - 4000);

  it('are sorted by each key, the largest first, or reversed', () => {
    assert.deepEqual(order({ sort: 'cpu' }), [3, 1, 2]);
    assert.deepEqual(order({ sort: 'cpu', reversed: true }), [2, 1, 3]);
    assert.deepEqual(order({ sort: 'memory' }), [2, 3, 1]);
    assert.deepEqual(order({ sort: 'age' }), [1, 3, 2]);
    assert.deepEqual(order({ sort: 'class' }), [3, 1, 2]);
    assert.deepEqual(order({ sort: 'name' }), [1, 2, 3]);
  });

  it('are filtered by name, ID, image, class and reason, ignoring case', () => {
    assert.deepEqual(order({ filter: '-1111-2' }), [2]);
    assert.deepEqual(order({ filter: '003003' }), [3]);
    assert.deepEqual(order({ filter: 'SPECIAL' }), [3]);
    assert.deepEqual(order({ filter: 'high' }), [3]);
    assert.deepEqual(
      arrange(rows, state({ filter: 'ALTO' }), 'es').map((row) => row['pid']),
      [4003],
    );
    assert.deepEqual(order({ filter: 'no such' }), []);
  });
});

describe('the keys', () => {
  const press = (from: TopState, ...keys: (string | Partial<Key>)[]): TopState | null =>
    keys.reduce<TopState | null>(
      (now, key) =>
        now && pressKey(now, typeof key === 'string' ? { name: key, text: key } : { text: '', ...key }),
      from,
    );

  it('sort, and reverse the order when pressed twice', () => {
    assert.equal(press(FIRST_STATE, 'c')?.sort, 'cpu');
    assert.equal(press(FIRST_STATE, 'c', 'c')?.reversed, true);
    assert.equal(press(FIRST_STATE, 'c', 'c', 'm')?.reversed, false);
    assert.equal(press(FIRST_STATE, 'r')?.reversed, true);
  });

  it('type a filter, in which letters are not commands', () => {
    const typed = press(FIRST_STATE, '/', 'q', 'c', '?');
    assert.deepEqual([typed?.filter, typed?.isTyping], ['qc?', true]);
    assert.equal(press(FIRST_STATE, '/', 'q', { name: 'backspace' })?.filter, '');
    assert.deepEqual(press(FIRST_STATE, '/', 'q', { name: 'return' }), { ...FIRST_STATE, filter: 'q' });
    assert.deepEqual(press(FIRST_STATE, '/', 'q', { name: 'escape' }), FIRST_STATE);
    assert.deepEqual(
      press(FIRST_STATE, '/', 'q', { name: 'return' }, { name: 'escape', meta: true }),
      FIRST_STATE,
    );
  });

  it('quit', () => {
    assert.equal(press(FIRST_STATE, 'q'), null);
    for (const from of [FIRST_STATE, state({ isTyping: true }), state({ isHelp: true })])
      assert.equal(press(from, { name: 'c', ctrl: true, text: '\u0003' }), null);
  });

  it('show the help, and close it with any key', () => {
    assert.equal(press(FIRST_STATE, '?')?.isHelp, true);
    assert.deepEqual(press(FIRST_STATE, '?', 'c'), FIRST_STATE);
  });

  it('move the cursor, never above the first line', () => {
    assert.equal(press(FIRST_STATE, { name: 'up' })?.cursor, 0);
    assert.equal(press(FIRST_STATE, { name: 'pagedown' }, { name: 'down' }, { name: 'up' })?.cursor, 10);
    assert.equal(press(FIRST_STATE, { name: 'pagedown' }, { name: 'home' })?.cursor, 0);
    const last = press(FIRST_STATE, { name: 'end' }) ?? FIRST_STATE;
    assert.equal(withinTable(last, 7).cursor, 6);
    assert.equal(withinTable(last, 0).cursor, 0);
  });

  it('explain the chosen container, scroll the text, and go back; q there does not quit', () => {
    const open = press(FIRST_STATE, { name: 'down' }, { name: 'return' });
    assert.deepEqual([open?.cursor, open?.explained], [1, 0]);
    assert.equal(
      press(open ?? FIRST_STATE, { name: 'down' }, { name: 'down' }, { name: 'up' })?.explained,
      1,
    );
    for (const key of [{ name: 'escape' }, { name: 'return' }, { text: 'q' }])
      assert.equal(press(open ?? FIRST_STATE, key)?.explained, null);
    assert.equal(press(open ?? FIRST_STATE, { name: 'c', ctrl: true }), null);
  });

  it('keep control characters and long texts out of the filter', () => {
    const typed = press(
      FIRST_STATE,
      '/',
      { text: '\u001b[31m' },
      { text: '\u0000' },
      { text: 'ñ' },
      { text: 'x', ctrl: true },
    );
    assert.equal(typed?.filter, 'ñ');
    const long = press(FIRST_STATE, '/', ...Array.from({ length: 200 }, () => 'a'));
    assert.equal(long?.filter.length, 64);
  });
});

describe('the pieces of a line', () => {
  it('have exactly the requested width', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 50 }), fc.double(), (text, width, share) => {
        assert.equal(fit(text, width).length, width);
        assert.equal(fit(text, width, 'right').length, width);
        assert.equal(fitMiddle(text, width).length, width);
        assert.equal(bar(Number.isNaN(share) ? 0 : share, width).length, width);
        assert.equal(sparkline([share, null, 0, 1], width).length, width);
      }),
    );
  });

  it('a bar and a sparkline show the share', () => {
    assert.equal(bar(0.5, 10), '█████░░░░░');
    assert.equal(sparkline([0, null, 0.5, 1], 5), ' ▁ ▅█');
  });
});
