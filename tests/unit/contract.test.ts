import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { carryOutPlan } from '../../daemon/src/act/carry-out-plan.ts';
import { decide } from '../../daemon/src/decide/decide.ts';
import type { Pattern } from '../../daemon/src/model/breach.ts';
import type { Config } from '../../daemon/src/model/config.ts';
import {
  DEFAULT_REMEDIES,
  type Kind,
  REMEDIES,
  type Remedy,
} from '../../daemon/src/model/container-policy.ts';
import type { Action, Classification, Outcome } from '../../daemon/src/model/decision.ts';
import type { Cgroups, Engine, Inspected } from '../../daemon/src/model/engine.ts';
import { type ContainerMemory, type History, NO_HISTORY } from '../../daemon/src/model/history.ts';
import type { Reason } from '../../daemon/src/model/reason.ts';
import type { ContainerSample, Snapshot } from '../../daemon/src/model/snapshot.ts';
import { ACTION_KINDS } from '../../daemon/src/show/action-kinds.ts';
import {
  config,
  container,
  HOST,
  historyOf,
  idOf,
  SECOND_NS,
  snapshot,
  TOTAL_KB,
  usage,
} from './builders.ts';

/**
 * The contract: only a disposable container is ever removed, a service gets what its owner allows and nothing else, and
 * everybody else's container is not touched. Checked twice, as it is guarded twice: of whatever plan is carried out, and
 * of whatever is decided.
 */

const BECAUSE: Reason = { code: 'message', text: 'a test' };

// Containers and the configuration about them.

const NAMES = ['web', 'db', 'runner', 'vigia-grafana', 'kept', 'let-go', 'adopted', 'bound', 'a b/../c', ''];
const IMAGES = ['nginx:1', 'postgres@sha256:00', 'vigia/idle', 'corp/kept:3', 'sha256:00', ''];
const PROTECTED_NAMES = ['vigia-grafana', 'kept'];
const PROTECTED_IMAGES = ['corp/kept:3'];
const RELEASED = ['let-go'];
const ENTRIES: readonly { readonly name: string; readonly allow: readonly Remedy[] | null }[] = [
  { name: 'adopted', allow: null },
  { name: 'bound', allow: ['restart', 'kill'] },
];

const settings = (mode: Config['mode'] = 'enforce'): Config =>
  config({
    mode,
    protect: { names: PROTECTED_NAMES, images: ['corp/kept'] },
    release: { names: RELEASED },
    manage: ENTRIES.map(({ name, allow }, i) => ({
      ...{ match: { name }, allow, priority: null, cpuPercent: null, expectedMib: null },
      ...{ graceSeconds: null, dependants: [], at: `config.yaml:${i}` },
    })),
  });

/** What the design says about a container, stated anew. */
function stated({ name, image, labels }: Pick<ContainerSample, 'name' | 'image' | 'labels'>): {
  kind: Kind;
  allow: readonly Remedy[];
} {
  const of = (kind: Kind, allow: readonly Remedy[] = []) => ({ kind, allow });
  const [managed, disposable] = [labels['vigia.managed'], labels['vigia.disposable']];
  if ((labels['vigia.protected'] ?? 'false') !== 'false') return of('protected');
  if (PROTECTED_NAMES.includes(name) || PROTECTED_IMAGES.includes(image)) return of('protected');
  if (RELEASED.includes(name)) return of('foreign');
  const isSpawned = labels['vigia.spawn'] !== undefined && disposable === undefined;
  if (managed === 'true' && (disposable === 'true' || isSpawned)) return of('disposable', REMEDIES);
  if (managed !== undefined && managed !== 'true') return of('foreign');
  const entry = ENTRIES.find((one) => one.name === name);
  const isOrchestrated = ORCHESTRATORS.some((label) => labels[label] !== undefined);
  if (entry === undefined && (managed === undefined || isOrchestrated)) return of('foreign');
  const named = labels['vigia.allow']?.split(',').map((word) => word.trim());
  const byLabel = named === undefined || named[0] === 'none' ? [] : REMEDIES.filter((r) => named.includes(r));
  const byEntry = entry?.allow ?? (named === undefined ? DEFAULT_REMEDIES : REMEDIES);
  return of('service', named === undefined ? byEntry : byLabel.filter((remedy) => byEntry.includes(remedy)));
}

const ORCHESTRATORS = ['com.docker.swarm.task.id', 'io.kubernetes.pod.uid', 'io.kubernetes.pod.name'];

const word = fc.oneof(
  { weight: 6, arbitrary: fc.constant('true') },
  { weight: 2, arbitrary: fc.constantFrom('false', '', 'True', 'yes', '1', ' true', 'floor', 'cron') },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
);
const allowed = fc.oneof(
  fc.subarray([...REMEDIES]).map((remedies) => remedies.join(', ')),
  fc.constantFrom('none', 'all', 'remove', ',', 'stop;kill', 'KILL'),
  fc.string({ maxLength: 8 }),
);
/** One in `times` has it. */
const oneIn = <T, N>(times: number, arbitrary: fc.Arbitrary<T>, otherwise: N) =>
  fc.oneof({ weight: times - 1, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary });
/** All but one in `times` have it. */
const most = <T, N>(times: number, arbitrary: fc.Arbitrary<T>, otherwise: N) =>
  fc.oneof({ weight: times - 1, arbitrary }, { weight: 1, arbitrary: fc.constant(otherwise) });

const labels = fc
  .record({
    'vigia.managed': most(6, word, undefined),
    'vigia.disposable': oneIn(2, word, undefined),
    'vigia.spawn': oneIn(4, word, undefined),
    'vigia.protected': oneIn(10, word, undefined),
    'vigia.allow': oneIn(2, allowed, undefined),
    'vigia.class': oneIn(3, fc.constantFrom('low', 'high', 'x'), undefined),
    'vigia.priority': oneIn(5, fc.constantFrom('5', '-3', 'much'), undefined),
    'vigia.memory': oneIn(8, fc.constantFrom('4096', '64', 'all'), undefined),
    'com.docker.swarm.task.id': oneIn(9, word, undefined),
    'io.kubernetes.pod.uid': oneIn(9, word, undefined),
  })
  .map(
    (all): Record<string, string> =>
      Object.fromEntries(
        Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
      ),
  );

const STATES = [
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
  'unknown',
] as const;
const kb = fc.oneof(fc.integer({ min: 100, max: 90_000 }), fc.integer({ min: 90_000, max: TOTAL_KB }));
const limitOf = (most: number) => oneIn(6, fc.integer({ min: 1, max: most }), null);

/** One container of any kind; its number comes later. */
const specification = fc.record({
  labels,
  name: oneIn(2, fc.constantFrom(...NAMES), 'web'),
  image: oneIn(3, fc.constantFrom(...IMAGES), 'nginx:1'),
  state: oneIn(5, fc.constantFrom(...STATES), 'running' as const),
  health: fc.constantFrom(null, 'starting', 'healthy', 'unhealthy'),
  isYoung: fc.boolean(),
  isSeen: oneIn(6, fc.constant(false), true),
  usage: fc.record({
    rssKb: kb,
    memoryUsedKb: oneIn(2, kb, null),
    processCount: fc.integer({ min: 1, max: 5000 }),
    cpuLimitPercent: limitOf(400),
    isLimitOurs: fc.constantFrom(true, false, null),
    squeezedToKb: limitOf(TOTAL_KB),
    pidsLimitedTo: limitOf(1000),
    ioLimitedTo: limitOf(100),
    memoryCurrentKb: oneIn(3, kb, null),
    cgroupMemoryKb: oneIn(3, kb, null),
  }),
});
type Specification = typeof specification extends fc.Arbitrary<infer T> ? T : never;

const cgroupOf = (n: number) => `/docker/${idOf(n)}`;

function build(n: number, { isSeen, isYoung, usage: seen, ...rest }: Specification): ContainerSample {
  const isUp = isSeen && rest.state !== 'exited' && rest.state !== 'dead' && rest.state !== 'created';
  const own = usage({
    pid: 1000 + n,
    startNs: (isYoung ? 900 : 1) * SECOND_NS + n * 1e7,
    cgroup: cgroupOf(n),
    ...seen,
  });
  return container(n, { ...rest, usage: isUp ? own : null });
}

// What is carried out.

/** An action against the `target`th container, as sloppy as no rule would plan it. */
const sloppy = fc.record({
  kind: fc.constantFrom(...ACTION_KINDS),
  target: fc.nat({ max: 5 }),
  /** The process and the cgroup that a kill names: its own, or those of another container. */
  other: oneIn(3, fc.nat({ max: 5 }), null),
  pid: fc.constantFrom<'own' | 'any' | 7 | null>('own', 'own', 'own', 'any', null, 7),
  level: fc.constantFrom('low', 'high', null),
  urgency: fc.constantFrom('grace', 'now'),
  isReplaced: fc.boolean(),
  isThrottled: fc.boolean(),
  isEngineSilent: fc.boolean(),
  limit: fc.constantFrom('cpu', 'memory', 'pids', 'io'),
  to: fc.integer({ min: 1, max: 1000 }),
});
type Sloppy = typeof sloppy extends fc.Arbitrary<infer T> ? T : never;

function plan(seen: readonly ContainerSample[], draft: Sloppy): Action | null {
  const target = seen[draft.target];
  const { kind, level, urgency, isReplaced, isThrottled, isEngineSilent, limit, to } = draft;
  if (kind === 'start') return { kind, level: level ?? 'low', image: 'vigia/idle', because: BECAUSE };
  if (target === undefined) return null;
  const { id, name } = target;
  const own = target.usage?.pid ?? 0;
  const number = draft.pid === 'own' ? own : typeof draft.pid === 'number' ? draft.pid : own;
  const common = { id, name, level, because: BECAUSE };
  switch (kind) {
    case 'remove': {
      const pid = draft.pid === 'own' ? (target.usage?.pid ?? null) : draft.pid;
      return { ...common, kind, pid, urgency, isThrottled, isReplaced };
    }
    case 'restart':
      return { ...common, kind, pid: number, urgency, isThrottled };
    case 'stop':
      return { ...common, kind, pid: draft.pid === 'any' ? 'any' : number };
    case 'kill': {
      const run = (draft.other === null ? target : (seen[draft.other] ?? target)).usage;
      const { pid = number, startNs = 0, cgroup = '/docker/none' } = run ?? {};
      return { ...common, kind, pid, startNs, cgroup, isEngineSilent };
    }
    case 'release':
      return { ...common, kind, limit, pid: number };
    default:
      return { ...common, kind, to, pid: number };
  }
}

interface Call {
  readonly call: keyof Engine | 'cgroup kill' | 'cgroup limit';
  /** The container, by ID or by its cgroup; '' for a start. */
  readonly id: string;
  readonly value: unknown;
}

/** An engine and cgroups that record what they are asked to change. Containers are as `now` has them. */
function recordingHost(now: readonly ContainerSample[], { isBroken, stopSeconds }: HostState) {
  const calls: Call[] = [];
  const [gone, killed, restarted] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const find = (id: string) => now.find((one) => one.id === id && !gone.has(id));
  const owner = (path: string) => now.find(({ id }) => path === `/docker/${id}`)?.id ?? path;
  const ask = async () => {
    if (isBroken) throw new Error('the engine is silent');
  };
  const change = async (call: Call['call'], id: string, value: unknown = null) => {
    calls.push({ call, id, value });
    await ask();
  };
  const engine: Engine = {
    list: async () => {
      await ask();
      return now.filter(({ id }) => !gone.has(id));
    },
    inspect: async (id): Promise<Inspected | null> => {
      await ask();
      const found = find(id);
      if (found === undefined) return null;
      const pid = (found.usage?.pid ?? 0) + (restarted.has(id) ? 5000 : 0);
      return {
        ...{ id, name: found.name, image: found.image, labels: found.labels, running: pid > 0, pid },
        ...{ hasCpuLimit: found.usage?.cpuLimitPercent != null, restartCount: 0, stopSeconds },
        isCpuLimitOurs: found.usage?.cpuLimitPercent != null && found.usage.isLimitOurs === true,
      };
    },
    stop: (id, graceSeconds) => change('stop', id, graceSeconds),
    restart: async (id, graceSeconds) => {
      await change('restart', id, graceSeconds);
      restarted.add(id);
    },
    limitCpu: (id, percent) => change('limitCpu', id, percent),
    remove: async (id) => {
      await change('remove', id);
      gone.add(id);
      killed.add(id);
    },
    start: async (made) => {
      await change('start', '', made.labels);
      return idOf(99);
    },
  };
  const cgroups: Cgroups = {
    exists: (path) => !killed.has(owner(path)),
    holdsAnother: () => false,
    isRun: (path, { pid, startNs }) => {
      const run = now.find(({ usage: one }) => one?.cgroup === path)?.usage;
      return run?.pid === pid && run.startNs === startNs && !killed.has(owner(path));
    },
    kill: async (path) => {
      calls.push({ call: 'cgroup kill', id: owner(path), value: null });
      killed.add(owner(path));
      return true;
    },
    limit: (path, limit, value) => {
      calls.push({ call: 'cgroup limit', id: owner(path), value: value === null ? null : limit });
      return true;
    },
  };
  return { calls, engine, cgroups };
}

interface HostState {
  readonly isBroken: boolean;
  readonly stopSeconds: number | null;
}

function testClock() {
  let nowNs = 1000 * SECOND_NS;
  return {
    now: () => 0,
    monotonicNs: () => nowNs,
    /** After whatever the engine answers at once. */
    sleep: async (ms: number) => {
      await new Promise(setImmediate);
      nowNs += ms * 1e6;
    },
  };
}

/** Why this call breaks the contract with the container as it is now; null when it keeps it. */
function breach({ call, id, value }: Call, now: readonly ContainerSample[]): string | null {
  if (call === 'start') {
    const { kind } = stated({ name: '', image: '', labels: value as Record<string, string> });
    return kind === 'disposable' ? null : `started a ${kind} container`;
  }
  const target = now.find((one) => one.id === id);
  if (target === undefined) return `${call} on what is no container: ${id}`;
  const { kind, allow } = stated(target);
  const needs = (remedy: Remedy) =>
    allow.includes(remedy) ? null : `${call} on a ${kind}, without ${remedy}`;
  const isOwnLimit = target.usage?.cpuLimitPercent != null && target.usage.isLimitOurs !== true;
  switch (call) {
    case 'remove':
      return kind === 'disposable' ? null : `removed a ${kind}`;
    case 'stop':
      return kind === 'service' && value !== null ? 'stopped a service with another grace' : needs('stop');
    case 'restart':
      return kind === 'service' && value !== null ? 'restarted it with another grace' : needs('restart');
    case 'limitCpu':
      // On a disposable that is about to be removed no limit matters any more.
      if (isOwnLimit && kind !== 'disposable') return 'changed a CPU limit of its owner';
      return value === null ? null : needs('throttle');
    case 'cgroup kill':
      return needs('kill');
    case 'cgroup limit':
      return value === null ? null : needs(value === 'memory' ? 'squeeze' : 'throttle');
    default:
      return `unexpected ${call}`;
  }
}

const changed = fc.record({ labels, name: fc.constantFrom(...NAMES) });

test('whatever the plan, nothing is done to a container that its kind and its owner do not allow', async () => {
  let generated = 0;
  const done = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(specification, { minLength: 6, maxLength: 6 }),
      // What some of them have become since the snapshot.
      fc.array(oneIn(3, changed, null), { minLength: 6, maxLength: 6 }),
      fc.array(sloppy, { minLength: 1, maxLength: 12 }),
      fc.constantFrom('enforce', 'enforce', 'enforce', 'dry-run', 'observe'),
      fc.record({
        isBroken: oneIn(6, fc.constant(true), false),
        stopSeconds: fc.constantFrom(null, 1, 600),
      }),
      async (specifications, changes, drafts, mode, state) => {
        const seen = specifications.map((one, i) => build(i + 1, one));
        const now = seen.map((one, i) => ({ ...one, ...changes[i] }));
        generated += specifications.length + changes.filter((one) => one !== null).length;
        const actions = drafts.flatMap((draft) => plan(seen, draft) ?? []);
        const host = recordingHost(now, state);
        const context = {
          engine: host.engine,
          cgroups: host.cgroups,
          clock: testClock(),
          config: settings(mode),
        };
        const outcomes = await carryOutPlan(
          context,
          { kind: 'act', actions, candidates: [] },
          snapshot(seen),
          [],
        );

        for (const call of host.calls) {
          // A kill for which the engine is not asked, or does not answer, goes by the last good reading.
          const isUnasked = actions.some(
            (action) =>
              action.kind === 'kill' && action.id === call.id && (state.isBroken || action.isEngineSilent),
          );
          const why = [breach(call, now)];
          if (call.call === 'cgroup kill' && isUnasked) why.push(breach(call, seen));
          assert.ok(why.includes(null), `${why[0]}: ${JSON.stringify(call)}`);
          if (mode !== 'enforce') assert.equal(call.value, null, `mode ${mode}: ${JSON.stringify(call)}`);
          if (mode !== 'enforce') assert.match(call.call, /limit/i);
          if (state.isBroken) assert.match(call.call, /^(?:cgroup kill|start)$/);
        }
        assert.equal(outcomes.length, actions.length);
        for (const { action, result } of outcomes) if (result === 'done') done.add(action.kind);
        if (!state.isBroken) for (const outcome of outcomes) assertReleased(outcome, seen, now, outcomes);
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(generated >= 10_000, `${generated} containers`);
  assert.deepEqual([...done].sort(), [...ACTION_KINDS].sort(), 'every kind of action was carried out');
});

/** Lifting a limit of ours is always allowed, in every mode and on a container of any kind. */
function assertReleased(
  { action, result, detail }: Outcome,
  seen: readonly ContainerSample[],
  now: readonly ContainerSample[],
  outcomes: readonly Outcome[],
): void {
  if (action.kind !== 'release') return;
  const target = now.find(({ id }) => id === action.id);
  const isSameRun = target?.usage != null && target.usage.pid === action.pid;
  const isRemoved = outcomes.some(
    (one) => one.id === action.id && ['remove', 'kill', 'restart'].includes(one.action.kind),
  );
  const isOwn = target?.usage?.cpuLimitPercent != null && target.usage.isLimitOurs !== true;
  if (!isSameRun || isRemoved || (action.limit === 'cpu' && isOwn)) return;
  if (seen.find(({ id }) => id === action.id)?.usage == null) return;
  assert.equal(result, 'done', JSON.stringify(detail));
}

// What is decided.

const PATTERNS: readonly Pattern[] = ['spin', 'hoard', 'leak', 'fork-storm', 'io-storm'];

const circumstances = fc.record({
  level: fc.constantFrom('low', 'high', 'unknown'),
  cpuPercent: fc.option(fc.double({ min: 0, max: 400, noNaN: true }), { nil: null }),
  breaches: fc.subarray([...PATTERNS], { maxLength: 2 }),
  failures: oneIn(3, fc.constantFrom(1, 3), null),
  restarts: fc.constantFrom(0, 0, 9),
  futile: fc.constantFrom(0, 0, 2),
  isLimitRecorded: fc.boolean(),
  isGrown: fc.boolean(),
  restartedSecondsAgo: fc.constantFrom(null, null, 100, 9000),
});
type Circumstances = typeof circumstances extends fc.Arbitrary<infer T> ? T : never;

const hostReading = fc.record({
  availableKb: fc.constantFrom(3_000_000, 400_000, 400_000, 300_000, 100_000),
  cgroupVersion: oneIn(5, fc.constant(1 as const), 2 as const),
  ioFullAvg10: fc.constantFrom(0, 50),
});

const ago = (seconds: number) => (1000 - seconds) * SECOND_NS;

function classificationOf(
  { id }: ContainerSample,
  { level, cpuPercent, breaches }: Circumstances,
): Classification {
  return {
    ...{ id, level, nextLevel: level, cpuPercent, memPercent: 1, because: BECAUSE },
    breaches: breaches.map((pattern) => ({ pattern, sinceNs: ago(500), because: BECAUSE })),
  };
}

function historyFor(now: Snapshot, all: readonly Circumstances[], isIdle: boolean): History {
  const base = historyOf(now, () => 0);
  const each = <T>(value: (one: Circumstances) => T | null): Map<string, T> =>
    new Map(
      now.containers.flatMap(({ id }, i): [string, T][] => {
        const found = all[i] === undefined ? null : value(all[i]);
        return found === null ? [] : [[id, found]];
      }),
    );
  const memories = each((one) => one);
  const eased = { sinceNs: ago(900), usedBefore: 0, easedSinceNs: ago(800) };
  const containers = [...base.containers].map(([id, memory]): [string, ContainerMemory] => {
    const one = memories.get(id);
    const restartedNs = one?.restartedSecondsAgo == null ? null : ago(one.restartedSecondsAgo);
    const limits = one?.isLimitRecorded ? { cpu: eased, memory: eased, pids: eased, io: eased } : {};
    return [id, { ...memory, limits, restartedNs, level: one?.level ?? 'unknown' }];
  });
  return {
    ...NO_HISTORY,
    tick: 1,
    containers: new Map(containers),
    removalFailures: each(({ failures }) =>
      failures === null
        ? null
        : { count: failures, asideUntilNs: failures > 2 ? ago(-60) : 0, hasBegun: failures > 1 },
    ),
    runs: each(({ restarts }) => ({ restartCount: restarts, restartTimesNs: Array(restarts).fill(ago(10)) })),
    held: new Map(
      [...each(({ isGrown }) => (isGrown ? [{ monotonicNs: ago(500), heldKb: 0 }] : null))].map(
        ([id, points]) => [`container:${id}`, points],
      ),
    ),
    futile: each(({ futile }) => (futile === 0 ? null : futile)),
    host: [{ monotonicNs: ago(20), availableKb: 3_000_000, cpuBusyNs: isIdle ? 0 : -40 * SECOND_NS }],
  };
}

test('whatever the readings and the past, nothing is planned that the contract forbids', () => {
  const planned = new Map<string, number>();
  let generated = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(specification, circumstances), { minLength: 1, maxLength: 8 }),
      hostReading,
      fc.boolean(),
      fc.oneof(
        { weight: 4, arbitrary: fc.constant('enforce' as const) },
        fc.constantFrom('dry-run', 'observe'),
      ),
      // The engine is silent: the containers are known from its last listing.
      oneIn(6, fc.constant(true), false),
      (drawn, reading, isIdle, mode, isSilent) => {
        const all = drawn.map(([specified], i) => build(i + 1, specified));
        generated += all.length;
        const host = { ...HOST, ...reading };
        const fault = { sensor: 'engine', reason: BECAUSE, blind: true } as const;
        const now = snapshot(isSilent ? [] : all, {
          ...{ host, lastKnown: isSilent ? all : [], faults: isSilent ? [fault] : [] },
        });
        const history = historyFor(
          { ...now, containers: all },
          drawn.map(([, one]) => one),
          isIdle,
        );
        const classifications = drawn.map(([, one], i) => classificationOf(all[i] as ContainerSample, one));
        const decided = decide(history, now, classifications, settings(mode));
        const actions = decided.kind === 'act' ? decided.actions : [];
        for (const action of actions) {
          planned.set(action.kind, (planned.get(action.kind) ?? 0) + 1);
          const why = forbidden(action, all, mode);
          assert.equal(why, null, `${why}: ${JSON.stringify(action)}`);
          if (isSilent) assert.ok(action.kind === 'kill' && action.isEngineSilent, action.kind);
        }
      },
    ),
    { numRuns: 6000 },
  );
  assert.ok(generated >= 10_000, `${generated} containers`);
  assert.deepEqual([...planned.keys()].sort(), [...ACTION_KINDS].sort(), 'every kind of action was planned');
});

const NEEDED: Readonly<Partial<Record<Action['kind'], Remedy>>> = {
  ...{ restart: 'restart', stop: 'stop', kill: 'kill', throttle: 'throttle', squeeze: 'squeeze' },
  ...{ 'limit-pids': 'throttle', 'limit-io': 'throttle' },
};

function forbidden(action: Action, all: readonly ContainerSample[], mode: Config['mode']): string | null {
  if (mode === 'observe' && action.kind !== 'release') return 'planned while observing';
  if (action.kind === 'start') return null;
  const target = all.find(({ id }) => id === action.id);
  if (target === undefined) return 'planned on what is no container';
  if (target.state === 'unknown') return 'planned on a container in an unknown state';
  if (action.kind === 'release') return null;
  const { kind, allow } = stated(target);
  if (kind === 'foreign' || kind === 'protected') return `planned on a ${kind} container`;
  if (action.kind === 'remove') return kind === 'disposable' ? null : `removal of a ${kind} planned`;
  const needed = NEEDED[action.kind];
  return needed !== undefined && allow.includes(needed) ? null : `not allowed: ${needed}`;
}
