import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageInWords, findings, type Vitals } from '../../daemon/src/show/health.ts';
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
  assert.deepEqual(codes({ host: { ...HOST, memory_full_avg10: 40 } }), []);
  assert.deepEqual(codes({ host: { ...HOST, memory_full_avg10: 41 } }), ['bad memory-stalls']);
  assert.deepEqual(codes({ host: { ...HOST, memory_full_avg10: null } }), []);
  assert.deepEqual(codes({}, config({ mode: 'observe' })), ['warn not-enforcing']);
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
