import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageInWords, classesInForce, findings, type Vitals } from '../../daemon/src/show/health.ts';
import { config } from './builders.ts';

const NOW = 1_800_000_000;
const CYCLE = {
  at: NOW - 20,
  plan: 'hold',
  because: { code: 'quotas-met' } as const,
  low_after: 3,
  high_after: 2,
};
const HOST = { total_kb: 1000, available_kb: 500, memory_full_avg10: 0 };

function codes(vitals: Partial<Vitals>, settings = config()): string[] {
  const found = findings({ cycle: CYCLE, host: HOST, faults: [], notices: [], ...vitals }, settings, NOW);
  return found.map(({ severity, code }) => `${severity} ${code}`);
}

test('a healthy host has no findings; nor has a host before its first cycle', () => {
  assert.deepEqual(codes({}), []);
  assert.deepEqual(codes({ cycle: null }), []);
});

test('each problem has its own code and begins just beyond its limit', () => {
  assert.deepEqual(codes({ cycle: { ...CYCLE, at: NOW - 60 } }), []);
  assert.deepEqual(codes({ cycle: { ...CYCLE, at: NOW - 61 } }), ['bad stopped']);
  assert.deepEqual(codes({ cycle: { ...CYCLE, at: NOW + 60 } }), []);
  assert.deepEqual(codes({ cycle: { ...CYCLE, at: NOW + 61 } }), ['bad clock-back']);
  assert.deepEqual(codes({ cycle: { ...CYCLE, low_after: 2 } }), ['bad below-quota']);
  assert.deepEqual(codes({ cycle: { ...CYCLE, high_after: 3 } }), ['warn above-quota']);
  assert.deepEqual(codes({ host: { ...HOST, available_kb: 150 } }), []);
  assert.deepEqual(codes({ host: { ...HOST, available_kb: 149 } }), ['warn memory-tight']);
  assert.deepEqual(codes({ host: { ...HOST, available_kb: 50 } }), ['warn memory-tight']);
  assert.deepEqual(codes({ host: { ...HOST, available_kb: 49 } }), ['bad memory-short']);
  const stalled = { ...HOST, available_kb: 240 };
  assert.deepEqual(codes({ host: { ...stalled, memory_full_avg10: 40 } }), []);
  assert.deepEqual(codes({ host: { ...stalled, memory_full_avg10: 41 } }), ['bad memory-stalls']);
  assert.deepEqual(codes({ host: { ...HOST, memory_full_avg10: 41 } }), [], 'with memory to spare');
  assert.deepEqual(codes({ host: { ...HOST, memory_full_avg10: null } }), []);
  assert.deepEqual(codes({}, config({ mode: 'dry-run' })), ['warn not-enforcing']);
});

test('on a large host memory is short below an absolute figure, as the loop decides', () => {
  const large = { total_kb: 128 * 1024 ** 2, memory_full_avg10: 0 };
  const found = (availableKb: number) => codes({ host: { ...large, available_kb: availableKb } });
  assert.deepEqual(found(4 * 1024 ** 2), []);
  assert.deepEqual(found(2 * 1024 ** 2), ['warn memory-tight']);
  assert.deepEqual(found(1024 ** 2 - 1), ['bad memory-short']);
});

test('in mode observe neither the mode nor a quota is anything wrong; a host short of memory is', () => {
  const observing = config({ mode: 'observe' });
  assert.deepEqual(codes({ cycle: { ...CYCLE, low_after: 0, high_after: 9 } }, observing), []);
  assert.deepEqual(codes({ host: { ...HOST, available_kb: 10 } }, observing), ['bad memory-short']);
});

test('a class without a quota is neither short nor in surplus', () => {
  const { low, high } = config().quotas;
  const none = config({ quotas: { low, high: { ...high, keep: 0, trim: false } } });
  assert.deepEqual(codes({ cycle: { ...CYCLE, high_after: 9 } }, none), []);
  assert.deepEqual(classesInForce(none), ['low']);
  const trimmed = { ...none, quotas: { low, high: { ...high, keep: 0, trim: true } } };
  assert.deepEqual(codes({ cycle: { ...CYCLE, high_after: 9 } }, trimmed), ['warn above-quota']);
});

test('a notice is a warning with its time, and no fault of a sensor; containers set aside are named', () => {
  const message = { code: 'manage-matches-nothing', at: '/etc/vigia/config.yaml:7' } as const;
  const because = { code: 'set-aside', names: ['a', 'b', 'c', 'd', 'e', 'f'] } as const;
  const found = findings(
    {
      ...{ cycle: { ...CYCLE, because }, host: HOST, faults: [] },
      notices: [{ at: NOW - 1800, message }],
    },
    config(),
    NOW,
  );
  assert.deepEqual(
    found.map(({ severity, code, subject, reason, at }) => ({ severity, code, subject, reason, at })),
    [
      { severity: 'warn', code: 'set-aside', subject: 'a, b, c, d, e, … (6)', reason: null, at: null },
      { severity: 'warn', code: 'notice', subject: null, reason: message, at: NOW - 1800 },
    ],
  );
});

test('the age of a record from the future says that the clock went back; one second ahead does not', () => {
  const words = (age: number) => ageInWords(age, config(), 'en');
  assert.deepEqual(
    [words(20), words(61), words(-1), words(-61)],
    ['20 s ago', '61 s ago', '0 s ago', '61 s in the future (the system clock was set back)'],
  );
});

test('the most severe finding is first', () => {
  const faults = [
    { sensor: 'host', message: { code: 'message', text: 'no PSI' } as const, blind: 0 },
    { sensor: 'continfo', message: { code: 'file-empty' } as const, blind: 1 },
  ];
  assert.deepEqual(codes({ faults, cycle: { ...CYCLE, high_after: 3 } }), [
    'bad blind',
    'warn fault',
    'warn above-quota',
  ]);
});
