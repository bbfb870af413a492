import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Circumstances, deathOf, judgeDeath, judgeOom } from '../../daemon/src/classify/death.ts';
import type { EngineEvent, EngineEventKind, OomEvidence } from '../../daemon/src/model/engine-event.ts';
import { render } from '../../daemon/src/words/language.ts';

const ID = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const DIED_AT = 1_000_000;

const event = (kind: EngineEventKind, more: Partial<EngineEvent> = {}): EngineEvent => ({
  ...{ kind, moment: `${more.at ?? DIED_AT}.0`, at: DIED_AT, id: ID, name: 'web', image: 'shop/web:1' },
  ...{ exitCode: null, signal: null, health: null },
  ...more,
});
const dies = (exitCode: number): EngineEvent => event('die', { exitCode });
const NOTHING: Circumstances = { events: [], evidence: [], ours: [], isAnotherOom: false };
const SEEN: OomEvidence = {
  ...{
    cgroupVersion: 2,
    ownHits: null,
    aroundHits: 0,
    hostKills: 0,
    limitKb: null,
    availableKb: null,
    held: [],
  },
};
const judged = (die: EngineEvent, known: Partial<Circumstances> = {}): string =>
  judgeDeath(die, { ...NOTHING, ...known }).code;
const sentence = (die: EngineEvent, known: Partial<Circumstances>): string =>
  render(judgeDeath(die, { ...NOTHING, ...known }), 'en');

test('without a stop, a code tells a crash from a good end and from a signal', () => {
  assert.equal(judged(dies(0)), 'ended-by-itself-well');
  assert.equal(judged(dies(1)), 'crashed');
  assert.equal(judged(dies(125)), 'crashed');
  assert.equal(judged(dies(139)), 'died-of-signal');
  assert.equal(judged(dies(255)), 'crashed');
  assert.equal(sentence(dies(1), {}), 'it crashed with exit code 1');
});

test('its owner ended it: docker stop, restart, kill and rm', () => {
  const asked = event('kill', { signal: 15, at: DIED_AT - 9000 });
  assert.equal(judged(dies(0), { events: [asked] }), 'ended-by-owner');
  assert.equal(judged(dies(143), { events: [asked] }), 'ended-by-owner');
  const forced = [asked, event('kill', { signal: 9, at: DIED_AT - 10 }), event('stop', { at: DIED_AT + 3 })];
  assert.equal(judged(dies(137), { events: forced }), 'ended-by-owner');
  // A stop signal of the image's own choice: only `stop` tells.
  const own = [event('kill', { signal: 37, at: DIED_AT - 900 }), event('stop', { at: DIED_AT + 3 })];
  assert.equal(judged(dies(0), { events: own }), 'ended-by-owner');
});

test('a signal that ends nothing explains no crash, nor does one of an earlier run', () => {
  const reload = event('kill', { signal: 1, at: DIED_AT - 500 });
  assert.equal(judged(dies(1), { events: [reload] }), 'crashed');
  const earlier = [event('kill', { signal: 9, at: DIED_AT - 900 }), event('start', { at: DIED_AT - 800 })];
  assert.equal(judged(dies(1), { events: earlier }), 'crashed');
  const longAgo = event('kill', { signal: 15, at: DIED_AT - 3_600_000 });
  assert.equal(judged(dies(1), { events: [longAgo] }), 'crashed');
});

test('the limit of its own: the counter of its cgroup, or of the one around it when that is gone', () => {
  const oom = event('oom', { at: DIED_AT - 40 });
  const limitKb = 256 * 1024;
  const own = { events: [oom], evidence: [{ ...SEEN, ownHits: 1, hostKills: 1, limitKb }] };
  assert.equal(sentence(dies(137), own), "the kernel's OOM killer killed it at its own limit of 256 MiB");
  const gone = { ...own, evidence: [{ ...SEEN, aroundHits: 1, hostKills: 1, limitKb }] };
  assert.equal(judged(dies(137), gone), 'oom-own-limit');
  // The engine tells them in either order.
  assert.equal(judged(dies(137), { ...own, events: [{ ...oom, at: DIED_AT + 200 }] }), 'oom-own-limit');
  // A program that ends with a code of its own after the kernel killed a child of it.
  assert.equal(judged(dies(1), own), 'oom-own-limit');
});

test('the host ran out: no limit was hit, and the kernel killed', () => {
  const held = [{ name: 'eater', kb: 3000 * 1024 }];
  const evidence = [{ ...SEEN, ownHits: 0, hostKills: 2, availableKb: 40 * 1024, held }];
  const known = { events: [event('oom')], evidence };
  assert.equal(
    sentence(dies(137), known),
    "the host ran out of memory (40 MiB available), and the kernel's OOM killer killed it; most was held by eater (3000 MiB)",
  );
});

test('cgroup v1 tells an OOM of its own limit only; one of the host shows in the kernel counter', () => {
  const v1: OomEvidence = { ...SEEN, cgroupVersion: 1, aroundHits: null, hostKills: 1 };
  assert.equal(judged(dies(137), { events: [event('oom')], evidence: [v1] }), 'oom-own-limit');
  assert.equal(judged(dies(137), { evidence: [v1] }), 'oom-host');
  // The kernel killed for another container's limit: that says nothing about this one.
  assert.equal(judged(dies(137), { evidence: [v1], isAnotherOom: true }), 'died-of-signal');
  assert.equal(judged(dies(1), { evidence: [v1] }), 'crashed');
});

test('an OOM that came without counters is left open', () => {
  assert.equal(judged(dies(137), { events: [event('oom')] }), 'oom-unclear');
  assert.equal(judgeOom({ evidence: [] }).code, 'oom-unclear');
});

test('our own act is ours, whatever else was told', () => {
  const ours = [{ kind: 'kill', tick: 7, at: DIED_AT - 300 }];
  const loud = { events: [event('oom'), event('kill', { signal: 9, at: DIED_AT - 100 })], ours };
  assert.deepEqual(judgeDeath(dies(137), { ...NOTHING, ...loud }), {
    code: 'ended-by-us',
    kind: 'kill',
    tick: 7,
  });
  assert.equal(judged(dies(1), { ours: [{ kind: 'stop', tick: 7, at: DIED_AT + 1 }] }), 'crashed');
  // It was started again since.
  assert.equal(judged(dies(1), { ours, events: [event('start', { at: DIED_AT - 200 })] }), 'crashed');
});

test('an OOM before a kill by its owner does not take the blame', () => {
  const known = {
    events: [event('oom', { at: DIED_AT - 3000 }), event('kill', { signal: 9, at: DIED_AT - 10 })],
    evidence: [{ ...SEEN, ownHits: 1 }],
  };
  assert.equal(judged(dies(137), known), 'ended-by-owner');
});

test('an oom belongs to a death of the same container nearby', () => {
  const oom = event('oom');
  const near = event('die', { at: DIED_AT + 400 });
  assert.equal(deathOf(oom, [near]), near);
  assert.equal(deathOf(oom, [{ ...near, id: OTHER }]), null);
  assert.equal(deathOf(oom, [event('die', { at: DIED_AT + 60_000 })]), null);
});

test('what the kernel killed may end late, where nobody else sent SIGKILL', () => {
  const oom = event('oom', { at: DIED_AT - 9000 });
  const known = { events: [oom], evidence: [{ ...SEEN, hostKills: 1 }] };
  assert.equal(judged(dies(137), known), 'oom-host');
  assert.equal(judged(dies(1), known), 'crashed');
  assert.equal(deathOf(oom, [dies(137)])?.exitCode, 137);
  assert.equal(deathOf(oom, [dies(1)]), null);
});

const anyEvent = fc.record({
  kind: fc.constantFrom<EngineEventKind>('start', 'die', 'stop', 'kill', 'oom', 'health_status'),
  at: fc.integer({ min: DIED_AT - 100_000, max: DIED_AT + 10_000 }),
  id: fc.constantFrom(ID, OTHER),
  signal: fc.option(fc.integer({ min: 1, max: 64 })),
});
const anyEvents = fc.array(
  anyEvent.map(({ kind, ...more }) => event(kind, more)),
  { maxLength: 12 },
);
const count = fc.option(fc.integer({ min: 0, max: 3 }));
const anyEvidence = fc.array(
  fc.record<OomEvidence>({
    ...{ cgroupVersion: fc.constantFrom(1, 2), ownHits: count, aroundHits: count, hostKills: count },
    ...{ limitKb: fc.option(fc.nat()), availableKb: fc.option(fc.nat()), held: fc.constant([]) },
  }),
  { maxLength: 3 },
);
const anyCircumstances = fc.record({ events: anyEvents, evidence: anyEvidence, isAnotherOom: fc.boolean() });
const anyCode = fc.integer({ min: 0, max: 255 });

test('property: the order in which events arrive, and those of other containers, change nothing', () => {
  fc.assert(
    fc.property(anyCode, anyCircumstances, (exitCode, known) => {
      const verdict = judgeDeath(dies(exitCode), { ...known, ours: [] });
      const turned = { ...known, events: known.events.toReversed(), ours: [] };
      assert.deepEqual(judgeDeath(dies(exitCode), turned), verdict);
      const own = { ...known, events: known.events.filter(({ id }) => id === ID), ours: [] };
      assert.deepEqual(judgeDeath(dies(exitCode), own), verdict);
    }),
  );
});

test('property: nobody is blamed without a trace', () => {
  fc.assert(
    fc.property(anyCode, anyCircumstances, (exitCode, known) => {
      const { code } = judgeDeath(dies(exitCode), { ...known, ours: [] });
      const has = (...kinds: EngineEventKind[]) =>
        known.events.some(({ kind, id }) => id === ID && kinds.includes(kind));
      assert.notEqual(code, 'ended-by-us');
      if (code === 'ended-by-owner') assert.ok(has('kill', 'stop'));
      if (code.startsWith('oom-')) assert.ok(has('oom') || exitCode === 137);
      if (code === 'oom-host') assert.ok(known.evidence.some(({ hostKills }) => (hostKills ?? 0) > 0));
      if (code === 'ended-by-itself-well') assert.equal(exitCode, 0);
      if (code === 'crashed') assert.notEqual(exitCode, 0);
    }),
  );
});

test('property: an own limit that was hit is never told as the host’s', () => {
  fc.assert(
    fc.property(anyCode, anyCircumstances, (exitCode, known) => {
      const evidence = [...known.evidence, { ...SEEN, ownHits: 1 }];
      assert.notEqual(judgeDeath(dies(exitCode), { ...known, evidence, ours: [] }).code, 'oom-host');
    }),
  );
});
