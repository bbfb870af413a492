import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyClassLines, classify } from '../../daemon/src/classify/classify.ts';
import { remember } from '../../daemon/src/classify/remember.ts';
import { NO_HISTORY } from '../../daemon/src/model/history.ts';
import { config, container, historyOf, SECOND_NS, snapshot, usage } from './builders.ts';

const CONFIG = config();

test('every pair of figures has a class: high when one of the two is above its line', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 400, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      (cpu, mem) => {
        const { level } = applyClassLines(cpu, mem, 'unknown', CONFIG);
        assert.equal(level, cpu > 0.09 || mem > 0.16 ? 'high' : 'low');
      },
    ),
  );
});

test('a container exactly on both lines is low; just above either line it is high', () => {
  assert.equal(applyClassLines(0.09, 0.16, 'unknown', CONFIG).level, 'low');
  assert.equal(applyClassLines(0.0901, 0.16, 'unknown', CONFIG).level, 'high');
  assert.equal(applyClassLines(0.09, 0.1601, 'unknown', CONFIG).level, 'high');
});

test('a high container stays high until it is well below both lines', () => {
  assert.equal(applyClassLines(0.08, 0.01, 'high', CONFIG).level, 'high');
  assert.equal(applyClassLines(0.08, 0.01, 'low', CONFIG).level, 'low');
  assert.equal(applyClassLines(0.072, 0.128, 'high', CONFIG).level, 'low');
});

test('the first snapshot of a container leaves it unclassified, the second classifies it', () => {
  const first = snapshot([container(1)], { tick: 1, monotonicNs: 100 * SECOND_NS });
  const classifications = classify(NO_HISTORY, first, CONFIG);
  assert.deepEqual(
    classifications.map(({ level }) => level),
    ['unknown'],
  );
  const history = remember(NO_HISTORY, first, classifications, [], CONFIG);
  const second = snapshot([container(1)], { tick: 2, monotonicNs: 120 * SECOND_NS });
  assert.deepEqual(
    classify(history, second, CONFIG).map(({ level }) => level),
    ['low'],
  );
});

test('a rate is the counter over the time between two readings of the same run', () => {
  const now = snapshot([container(1, { usage: usage({ cpuTimeNs: 900 * SECOND_NS }) })]);
  const [classification] = classify(
    historyOf(now, () => 37.5),
    now,
    CONFIG,
  );
  assert.equal(classification?.cpuPercent, 37.5);
  assert.equal(classification?.level, 'high');
});

test('a restarted container, with the same ID and another process, is unclassified again', () => {
  const now = snapshot([container(1, { usage: usage({ pid: 7, startNs: 5 }) })]);
  const history = historyOf(snapshot([container(1, { usage: usage({ pid: 6, startNs: 4 }) })]), () => 50);
  assert.equal(classify(history, now, CONFIG)[0]?.level, 'unknown');
});

test('readings less than ten seconds apart give no rate, and the rate is taken from the earlier one', () => {
  const at = (seconds: number, cpuTimeNs: number) =>
    snapshot([container(1, { usage: usage({ cpuTimeNs }) })], { monotonicNs: seconds * SECOND_NS });
  let history = NO_HISTORY;
  const levels = [0, 4, 8, 12].map((seconds) => {
    const now = at(seconds, seconds * 0.5 * SECOND_NS);
    const classifications = classify(history, now, CONFIG);
    history = remember(history, now, classifications, [], CONFIG);
    return classifications[0]?.cpuPercent;
  });
  assert.deepEqual(levels, [null, null, null, 50]);
});

test('a gap is counted from the newest reading, also where the rate is taken from an earlier one', () => {
  const at = (seconds: number, cpuTimeNs: number) =>
    snapshot([container(1, { usage: usage({ cpuTimeNs }) })], { monotonicNs: seconds * SECOND_NS });
  const reasonAfter = (seconds: number) => {
    let history = NO_HISTORY;
    for (const now of [at(0, 0), at(20, 2 * SECOND_NS), at(25, 2.5 * SECOND_NS)])
      history = remember(history, now, classify(history, now, CONFIG), [], CONFIG);
    return classify(history, at(seconds, (seconds / 10) * SECOND_NS), CONFIG)[0];
  };
  assert.equal(reasonAfter(85)?.cpuPercent, 10, 'the engine hung for 60 s');
  assert.equal(reasonAfter(86)?.because.code, 'reading-gap');
});

test('a counter that decreased gives no rate', () => {
  const now = snapshot([container(1, { usage: usage({ cpuTimeNs: 10 }) })]);
  const history = historyOf(
    snapshot([container(1, { usage: usage({ cpuTimeNs: 500 * SECOND_NS }) })]),
    () => 0,
  );
  assert.equal(classify(history, now, CONFIG)[0]?.level, 'unknown');
});

test('label, name and image do not matter: a swapped class label changes no classification', () => {
  const disguise = {
    name: 'x',
    image: 'vigia/cpu',
    labels: { 'vigia.managed': 'true', 'vigia.class': 'high' },
  };
  const plain = snapshot([container(1), container(2)]);
  const disguised = snapshot([container(1, disguise), container(2, disguise)]);
  const classified = (now: typeof plain) =>
    classify(
      historyOf(now, () => 0),
      now,
      CONFIG,
    );
  assert.deepEqual(classified(disguised), classified(plain));
});

test('a blind cycle keeps the history', () => {
  const now = snapshot([container(1)]);
  const history = historyOf(now, () => 1);
  const blind = snapshot([], {
    faults: [{ sensor: 'engine', reason: { code: 'message', text: 'down' }, blind: true }],
  });
  assert.deepEqual(remember(history, blind, [], [], CONFIG).containers, history.containers);
});

test('containers that no longer exist are removed from the history', () => {
  const history = historyOf(snapshot([container(1), container(2)]), () => 0);
  const now = snapshot([container(2)]);
  assert.deepEqual(
    [...remember(history, now, classify(history, now, CONFIG), [], CONFIG).containers.keys()],
    [container(2).id],
  );
});
