import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { carryOutPlan } from '../../daemon/src/act/carry-out-plan.ts';
import { whyForbidden } from '../../daemon/src/act/recheck.ts';
import { startContainer } from '../../daemon/src/act/start-container.ts';
import { giveOrders } from '../../daemon/src/app/give-orders.ts';
import { publishInForce, readInForce } from '../../daemon/src/app/in-force.ts';
import { LiveConfig } from '../../daemon/src/app/live-config.ts';
import { parseConfig } from '../../daemon/src/app/load-config.ts';
import { planUndo, withUndos } from '../../daemon/src/app/plan-undo.ts';
import { ordersAt, ordersFileOf, readOrders } from '../../daemon/src/app/standing-orders.ts';
import { classify } from '../../daemon/src/classify/classify.ts';
import { decide, isVetoed } from '../../daemon/src/decide/decide.ts';
import { buildContext } from '../../daemon/src/decide/decision-context.ts';
import { publishLoopState } from '../../daemon/src/host/loop-state.ts';
import { composeAddress, isMeant } from '../../daemon/src/model/compose.ts';
import type { Action } from '../../daemon/src/model/decision.ts';
import { NO_HISTORY } from '../../daemon/src/model/history.ts';
import { NO_ORDERS, type Orders, type Pause } from '../../daemon/src/model/orders.ts';
import { waitingReplicas } from '../../daemon/src/policy/replicas.ts';
import type { ActionRow } from '../../daemon/src/record/queries.ts';
import { config, container, historyOf, idOf, snapshot, usage } from './builders.ts';

/** Pauses, maintenance windows, undo, and replicas of Compose services. */

const SERVICE = { 'vigia.managed': 'true', 'vigia.allow': 'throttle,squeeze,restart,stop,kill' };
const COMPOSE = (project: string, service: string) => ({
  'com.docker.compose.project': project,
  'com.docker.compose.service': service,
});
const pause = (partial: Partial<Pause> = {}): Pause => ({
  ...{ targets: [], until: '2026-12-01 14:30', why: 'deployment', all: false },
  ...partial,
});
const ordered = (orders: Partial<Orders>) => config({ orders: { ...NO_ORDERS, ...orders } });

const KINDS = ['throttle', 'squeeze', 'limit-pids', 'limit-io', 'restart', 'stop'] as const;
function action(kind: Action['kind'], n: number): Action {
  const target = { id: idOf(n), name: `c-${n}`, level: null, pid: 1000 + n };
  const because = { code: 'message', text: 'test' } as const;
  switch (kind) {
    case 'start':
      return { kind, level: 'low', image: 'vigia/idle', because };
    case 'release':
      return { kind, limit: 'cpu', ...target, because };
    case 'remove':
      return { kind, ...target, urgency: 'grace', isThrottled: false, isReplaced: false, because };
    case 'kill':
      return { kind, ...target, startNs: 1, cgroup: '/x', isEngineSilent: false, because };
    case 'restart':
      return { kind, ...target, urgency: 'grace', isThrottled: false, because };
    case 'stop':
      return { kind, ...target, because };
    default:
      return { kind, ...target, to: 50, because };
  }
}

test('property: rules and executing side refuse every action on what is paused, but not an emergency', () => {
  const targets = fc.constantFrom<readonly string[]>(
    [],
    ['c-1'],
    ['shop'],
    ['shop/'],
    ['shop/db'],
    [idOf(1).slice(0, 12)],
  );
  const kinds = fc.constantFrom<Action['kind']>(...KINDS, 'remove', 'kill', 'release', 'start');
  fc.assert(
    fc.property(targets, kinds, fc.boolean(), fc.boolean(), (to, kind, all, isUrgent) => {
      const isDisposable = kind === 'remove';
      const labels = isDisposable ? { 'vigia.managed': 'true', 'vigia.disposable': 'true' } : SERVICE;
      const one = container(1, { name: 'c-1', labels: { ...labels, ...COMPOSE('shop', 'db') } });
      const settings = ordered({ pauses: [pause({ targets: to, all })] });
      const now = snapshot([one]);
      const plain = action(kind, 1);
      const asked = plain.kind === 'remove' && isUrgent ? ({ ...plain, urgency: 'now' } as const) : plain;
      const isEmergency = kind === 'kill' || (kind === 'remove' && isUrgent);
      const isRefused = kind === 'start' ? to.length === 0 : kind !== 'release' && (all || !isEmergency);
      const context = buildContext(NO_HISTORY, now, [], settings);
      assert.equal(isVetoed(asked, context), isRefused, 'rules');
      if (kind === 'start') return;
      const inspected = {
        ...{ id: one.id, name: one.name, image: one.image, labels: one.labels, running: true, pid: 1001 },
        ...{ hasCpuLimit: false, isCpuLimitOurs: false, restartCount: 0, stopSeconds: null },
      };
      assert.equal(whyForbidden(inspected, asked, settings)?.code === 'paused', isRefused, 'executing side');
      // Another container is not concerned.
      if (to.length === 0) return;
      const other = container(2, { name: 'c-2', labels: { ...labels, ...COMPOSE('blog', 'db') } });
      const free = buildContext(NO_HISTORY, snapshot([other]), [], settings);
      assert.equal(isVetoed({ ...asked, id: other.id } as Action, free), false);
    }),
  );
});

test('while the host is paused nothing is started, by the cron job neither, and the cycle says why', async (t) => {
  const settings = ordered({ pauses: [pause()] });
  const now = snapshot([]);
  assert.deepEqual(decide(NO_HISTORY, now, [], settings), {
    ...{ kind: 'hold', candidates: [] },
    because: { code: 'paused', until: '2026-12-01 14:30', why: 'deployment' },
  });
  assert.equal(decide(NO_HISTORY, now, [], config()).kind, 'act');
  const refused = await startContainer({ config: settings } as never, {
    kind: 'start',
    level: 'low',
    image: 'vigia/idle',
    because: { code: 'quotas-met' },
  });
  assert.equal(refused.result, 'skipped');
  const file = join(folder(t), 'state');
  const { readFileSync } = await import('node:fs');
  publishLoopState(settings, file);
  assert.equal(readFileSync(file, 'utf8'), 'paused\n');
  publishLoopState(config(), file);
  assert.equal(readFileSync(file, 'utf8'), 'enforce workload\n');
});

test('a surplus is trimmed around what is paused', () => {
  const many = [1, 2, 3, 4, 5].map((n) => container(n, { usage: usage({ pid: 1000 + n }) }));
  const now = snapshot(many);
  const history = historyOf(now, () => 0);
  const settings = ordered({ pauses: [pause({ targets: ['vigia-idle-1', 'vigia-idle-2'] })] });
  const plan = decide(history, now, classify(history, now, settings), settings);
  const removed = plan.kind === 'act' ? plan.actions.filter(({ kind }) => kind === 'remove') : [];
  assert.equal(removed.length, 2);
  assert.ok(
    removed.every((one) => one.kind === 'remove' && !['vigia-idle-1', 'vigia-idle-2'].includes(one.name)),
  );
});

test('an undone remedy is barred for that container only, and lifts the limit', () => {
  const labels = SERVICE;
  const limited = usage({ pid: 1001, cpuLimitPercent: 90, isLimitOurs: true });
  const [one, two] = [container(1, { labels, usage: limited }), container(2, { labels })];
  const settings = ordered({ bars: [{ id: one.id, kind: 'throttle', until: '2026-12-01 15:30' }] });
  const now = snapshot([one, two]);
  const context = buildContext(NO_HISTORY, now, [], settings);
  assert.equal(isVetoed(action('throttle', 1), context), true);
  assert.equal(isVetoed(action('squeeze', 1), context), false);
  assert.equal(isVetoed(action('throttle', 2), context), false);
  const plan = decide(NO_HISTORY, now, classify(NO_HISTORY, now, settings), settings);
  const actions = plan.kind === 'act' ? plan.actions : [];
  const found = actions.filter((each) => each.kind === 'release').map(({ because }) => because);
  assert.deepEqual(found, [{ code: 'message', text: 'vigia undo' }]);
});

test('what Vigía stopped is started again once, and only a service that does not run', () => {
  const stopped = container(1, { labels: SERVICE, state: 'exited', usage: null });
  const running = container(2, { labels: SERVICE });
  const foreign = container(3, { labels: {}, state: 'exited', usage: null });
  const settings = ordered({ starts: [stopped.id, running.id, foreign.id] });
  const plan = decide(NO_HISTORY, snapshot([stopped, running, foreign]), [], {
    ...settings,
    quotas: { low: { keep: 0, trim: false, images: [] }, high: { keep: 0, trim: false, images: [] } },
  });
  const actions = plan.kind === 'act' ? plan.actions : [];
  assert.deepEqual(
    actions.map((one) => one.kind === 'restart' && [one.id, one.pid]),
    [[stopped.id, 'stopped']],
  );
});

test('property: of the replicas that serve one is always left alone, and they are restarted one at a time', () => {
  const replica = fc.record({
    service: fc.constantFrom('web', 'db'),
    up: fc.boolean(),
    health: fc.constantFrom(null, 'starting', 'healthy', 'unhealthy'),
  });
  const acts = fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.nat(7)), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(replica, { minLength: 1, maxLength: 8 }), acts, (replicas, planned) => {
      const containers = replicas.map(({ service, up, health }, i) =>
        container(i, {
          labels: { ...SERVICE, ...COMPOSE('shop', service) },
          state: up ? 'running' : 'exited',
          health: health as never,
        }),
      );
      const plan = planned.filter(([, n]) => n < containers.length).map(([kind, n]) => action(kind, n));
      const waiting = waitingReplicas(plan, containers, { kindOf: () => 'service' });
      const done = plan.filter((one) => !waiting.has(one));
      for (const service of ['web', 'db']) {
        const own = containers.filter(({ labels }) => composeAddress(labels) === `shop/${service}`);
        if (own.length < 2) continue;
        const on = done.filter((one) => one.kind !== 'start' && own.some(({ id }) => id === one.id));
        const touched = new Set(on.map((one) => (one.kind === 'start' ? '' : one.id)));
        const serving = own.filter(
          ({ state, health }) => state === 'running' && (health === null || health === 'healthy'),
        );
        assert.ok(serving.length === 0 || serving.some(({ id }) => !touched.has(id)));
        assert.ok(on.filter(({ kind }) => kind === 'restart' || kind === 'stop').length <= 1);
      }
    }),
  );
});

test('the executing side does not trust a plan that takes all replicas', async () => {
  const replicas = [1, 2].map((n) => container(n, { labels: { ...SERVICE, ...COMPOSE('shop', 'web') } }));
  const plan = {
    kind: 'act',
    actions: [action('throttle', 1), action('throttle', 2)],
    candidates: [],
  } as const;
  const limited: string[] = [];
  const engine = {
    inspect: async (id: string) => ({
      ...replicas.find((one) => one.id === id),
      ...{ running: true, pid: 1000 + replicas.findIndex((one) => one.id === id) + 1 },
      ...{ hasCpuLimit: false, isCpuLimitOurs: false, restartCount: 0, stopSeconds: null },
    }),
    limitCpu: async (id: string) => void limited.push(id),
  };
  const clock = { now: () => 0, monotonicNs: () => 0, sleep: async () => {} };
  const context = { engine, clock, config: config(), cgroups: {} } as never;
  const outcomes = await carryOutPlan(context, plan, snapshot(replicas), []);
  assert.deepEqual(limited, [idOf(1)]);
  assert.deepEqual(
    outcomes.map(({ result, detail }) => [result, detail.code]),
    [
      ['skipped', 'one-at-a-time'],
      ['done', 'cpu-limited'],
    ],
  );
});

test('targets: a name, the beginning of an ID, a project, an address', () => {
  const one = { id: 'abcdef012345', name: 'shop-db-1', labels: COMPOSE('shop', 'db') };
  for (const target of ['shop-db-1', 'abcdef', 'shop', 'shop/', 'shop/db'])
    assert.ok(isMeant(target, one), target);
  for (const target of ['shop-db', 'abcde', 'db', 'sho', 'shop/d', 'blog/', '/db', 'bcdef0'])
    assert.ok(!isMeant(target, one), target);
});

test('a maintenance window opens and closes in its own time zone, also when clocks change', () => {
  const { maintenance } = parseConfig(
    'maintenance:\n  - at: "30 3 * * SUN"\n    minutes: 120\n    timeZone: Europe/Madrid\n    targets: [shop/]\n',
    'x.yaml',
  );
  const isOpen = (at: string) =>
    ordersAt({ revision: 0, pauses: [], bars: [], starts: [] }, maintenance, Date.parse(at)).pauses.length ===
    1;
  // Winter: UTC+1. Summer: UTC+2, since 2026-03-29 at 2:00.
  for (const at of [
    '2026-12-06T02:30:00Z',
    '2026-12-06T04:29:59Z',
    '2026-03-29T01:30:00Z',
    '2026-07-05T01:30:00Z',
  ])
    assert.ok(isOpen(at), at);
  for (const at of [
    '2026-12-06T02:29:59Z',
    '2026-12-06T04:30:00Z',
    '2026-12-07T03:00:00Z',
    '2026-07-05T03:30:00Z',
  ])
    assert.ok(!isOpen(at), at);
});

test('a window that makes no sense is reported with its line', () => {
  const wrong = (entry: string) => () => parseConfig(`mode: enforce\nmaintenance:\n  - ${entry}\n`, 'x.yaml');
  assert.throws(
    wrong('{at: "61 3 * * *", minutes: 5}'),
    /x\.yaml:3:\d+: maintenance\.0\.at: must be a cron expression/,
  );
  assert.throws(wrong('{at: "0 3 * * *", minutes: 0}'), /x\.yaml:3:\d+: maintenance\.0\.minutes/);
  assert.throws(
    wrong('{at: "0 3 * * *", minutes: 5, timeZone: Europe/Madird}'),
    /x\.yaml:3:\d+: maintenance\.0\.timeZone: must be the name of a time zone/,
  );
  assert.throws(wrong('{at: "0 3 * * *", minute: 5}'), /x\.yaml:3:/);
});

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-orders-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('a running loop follows the orders, forgets what has ended, and keeps them when the file is damaged', async (t) => {
  const dir = folder(t);
  mkdirSync(join(dir, 'data'));
  const database = join(dir, 'data/vigia.db');
  writeFileSync(join(dir, 'config.yaml'), `database: ${database}\nmode: enforce\n`);
  const log: string[] = [];
  const logger = { info: () => {}, warn: (text: string) => void log.push(text) };
  let now = Date.now();
  const live = new LiveConfig(join(dir, 'config.yaml'), logger, { environment: {}, now: () => now });
  assert.equal(live.current().orders, undefined);
  const from = Math.floor(now / 1000);
  const revision = await giveOrders({ database }, (orders) => ({
    ...orders,
    pauses: [{ targets: [], from, until: from + 60, why: 'x', all: false }],
  }));
  assert.equal(live.current().orders?.pauses.length, 1);
  assert.deepEqual([live.revision, live.current()], [revision, live.current()]);
  writeFileSync(ordersFileOf(database), '{"pauses": 3}');
  assert.equal(live.current().orders?.pauses.length, 1);
  assert.equal(live.current().orders?.pauses.length, 1);
  assert.equal(log.length, 1);
  now += 61_000;
  assert.equal(live.current().orders?.pauses.length, 0);
});

test('commands that give orders at once lose none', async (t) => {
  const database = join(folder(t), 'vigia.db');
  const pause = (names: readonly string[]) => `
    import { giveOrders } from '${join(import.meta.dirname, '../../daemon/src/app/give-orders.ts')}';
    const from = Math.floor(Date.now() / 1000);
    for (const name of ${JSON.stringify(names)})
      await giveOrders({ database: '${database}' }, (orders) => ({
        ...orders,
        pauses: [...orders.pauses, { targets: [name], from, until: from + 60, why: 'x', all: false }],
      }));`;
  const commands = ['a', 'b', 'c'].map((letter) => Array.from({ length: 20 }, (_, n) => `${letter}-${n}`));
  const execute = promisify(execFile);
  await Promise.all(
    commands.map((names) => execute(process.execPath, ['--input-type=module', '--eval', pause(names)])),
  );
  const { pauses, revision } = readOrders(ordersFileOf(database));
  assert.equal(revision, 60);
  assert.deepEqual(pauses.flatMap(({ targets }) => targets).toSorted(), commands.flat().toSorted());
});

test('a pause that is longer than a week is no valid order', (t) => {
  const file = join(folder(t), 'orders.json');
  const one = { targets: [], from: 0, until: 8 * 86_400, why: 'x', all: false };
  writeFileSync(file, JSON.stringify({ revision: 1, pauses: [one], bars: [], starts: [] }));
  assert.throws(() => readOrders(file), /longer than a week/);
});

test('what a loop follows is told while it runs', (t) => {
  const settings = config({ database: join(folder(t), 'vigia.db') });
  assert.equal(readInForce(settings.database), null);
  publishInForce(settings, 7);
  const inForce = readInForce(settings.database);
  assert.deepEqual([inForce?.revision, inForce?.settings['soft.cpuPercent']], [7, 90]);
  const file = join(settings.database, '../in-force.json');
  writeFileSync(file, JSON.stringify({ ...inForce, started: 'earlier' }));
  assert.equal(readInForce(settings.database), null);
});

test('undo: limits are lifted, stops are reversed, what is over is barred, a removal is not undone', () => {
  const row = (kind: string, n: number, detail: object = { code: 'gone' }) =>
    ({
      ...{ kind, container_id: idOf(n), name: `c-${n}`, result: 'done', detail },
      because: { code: 'quotas-met' },
    }) as unknown as ActionRow;
  const actions = [
    row('release', 2, { code: 'cpu-limit-lifted' }),
    row('throttle', 1),
    row('throttle', 2),
    row('stop', 3),
    row('restart', 1),
    row('remove', 4),
  ];
  const samples = [
    { id: idOf(1), name: 'c-1', squeezed_to_kb: 5 },
    { id: idOf(2), name: 'c-2' },
  ];
  const undos = planUndo(actions, samples, ({ id }) => id === idOf(1));
  assert.deepEqual(
    undos.map(({ name, kind, how }) => [name, kind, how]),
    [
      ['c-1', 'throttle', 'lift'],
      ['c-2', 'throttle', 'bar'],
      ['c-3', 'stop', 'start'],
      ['c-1', 'restart', 'bar'],
      ['c-4', 'remove', 'impossible'],
      ['c-1', 'squeeze', 'lift'],
    ],
  );
  const orders = withUndos({ revision: 0, pauses: [], bars: [], starts: [] }, undos, 1000);
  assert.equal(orders.bars.length, 5);
  assert.deepEqual(orders.starts, [{ id: idOf(3), until: 1300 }]);
});
