import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Config } from '../../daemon/src/model/config.ts';
import {
  DEFAULT_REMEDIES,
  type Kind,
  type ManageEntry,
  REMEDIES,
  type Remedy,
} from '../../daemon/src/model/container-policy.ts';
import type { Action } from '../../daemon/src/model/decision.ts';
import type { Reason } from '../../daemon/src/model/reason.ts';
import { forbids } from '../../daemon/src/policy/contract.ts';
import { manageWarnings, matches, policyOf } from '../../daemon/src/policy/resolve-policy.ts';
import { config } from './builders.ts';

type Labels = Readonly<Record<string, string>>;

const MANAGED = { 'vigia.managed': 'true' };
const DISPOSABLE = { ...MANAGED, 'vigia.disposable': 'true' };
const SWARM = { 'com.docker.swarm.task.id': 'x1' };
const POD = { 'io.kubernetes.pod.uid': 'x1' };
const AT = '/etc/vigia/config.yaml:7';

const one = (labels: Labels, name = 'web', image = 'nginx:1') => ({ name, image, labels });

const entry = (match: ManageEntry['match'], partial: Partial<ManageEntry> = {}): ManageEntry => ({
  match,
  ...{ allow: null, priority: null, cpuPercent: null, expectedMib: null, graceSeconds: null, dependants: [] },
  at: AT,
  ...partial,
});

const manage = (...entries: readonly ManageEntry[]): Config => config({ manage: entries });
const ADOPTED = manage(entry({ name: 'web' }));
const RELEASED = config({ release: { names: ['web'] } });

test('labels and configuration give the kind, and the reason names what decided', () => {
  const byLabel = (label: string): Reason => ({ code: 'kind-by-label', label });
  const cases: readonly (readonly [Labels, Config, Kind, Reason])[] = [
    [{}, config(), 'foreign', { code: 'not-managed' }],
    [MANAGED, config(), 'service', byLabel('vigia.managed')],
    [DISPOSABLE, config(), 'disposable', byLabel('vigia.disposable')],
    // Neither of the two labels is enough without vigia.managed.
    [{ 'vigia.disposable': 'true' }, config(), 'foreign', { code: 'not-managed' }],
    [{ 'vigia.spawn': 'floor' }, config(), 'foreign', { code: 'not-managed' }],
    [{ ...MANAGED, 'vigia.disposable': 'false' }, config(), 'service', byLabel('vigia.managed')],
    [{ 'vigia.managed': 'false', 'vigia.disposable': 'true' }, config(), 'foreign', byLabel('vigia.managed')],
    // What earlier versions started.
    [{ ...MANAGED, 'vigia.spawn': 'cron' }, config(), 'disposable', byLabel('vigia.spawn')],
    [
      { ...MANAGED, 'vigia.spawn': 'cron', 'vigia.disposable': 'false' },
      config(),
      'service',
      byLabel('vigia.managed'),
    ],
    // The configuration adopts, and makes nothing disposable.
    [{}, ADOPTED, 'service', { code: 'managed-by-config', at: AT }],
    [MANAGED, ADOPTED, 'service', { code: 'managed-by-config', at: AT }],
    [{ 'vigia.disposable': 'true' }, ADOPTED, 'service', { code: 'managed-by-config', at: AT }],
    [{ 'vigia.spawn': 'floor' }, ADOPTED, 'service', { code: 'managed-by-config', at: AT }],
    // A label can forbid what the configuration allows.
    [{ 'vigia.managed': 'false' }, ADOPTED, 'foreign', byLabel('vigia.managed')],
    // The configuration lets go, whatever the labels say.
    [{}, RELEASED, 'foreign', { code: 'released-by-config', name: 'web' }],
    [MANAGED, RELEASED, 'foreign', { code: 'released-by-config', name: 'web' }],
    [DISPOSABLE, RELEASED, 'foreign', { code: 'released-by-config', name: 'web' }],
    [
      MANAGED,
      { ...ADOPTED, release: { names: ['web'] } },
      'foreign',
      { code: 'released-by-config', name: 'web' },
    ],
    // An orchestrator looks after its own, unless the configuration adopts them.
    [SWARM, config(), 'foreign', { code: 'orchestrated', label: 'com.docker.swarm.task.id' }],
    [
      { ...SWARM, ...MANAGED },
      config(),
      'foreign',
      { code: 'orchestrated', label: 'com.docker.swarm.task.id' },
    ],
    [{ ...POD, ...MANAGED }, config(), 'foreign', { code: 'orchestrated', label: 'io.kubernetes.pod.uid' }],
    [
      { 'io.kubernetes.pod.name': 'p' },
      config(),
      'foreign',
      { code: 'orchestrated', label: 'io.kubernetes.pod.name' },
    ],
    [{ ...SWARM, ...MANAGED }, ADOPTED, 'service', { code: 'managed-by-config', at: AT }],
    [POD, ADOPTED, 'service', { code: 'managed-by-config', at: AT }],
  ];
  for (const [labels, settings, kind, because] of cases) {
    const policy = policyOf(one(labels), settings);
    assert.deepEqual([policy.kind, policy.because], [kind, because], JSON.stringify(labels));
    assert.deepEqual(policy.warnings, [], JSON.stringify(labels));
    assert.deepEqual(
      policy.allow,
      { disposable: REMEDIES, service: DEFAULT_REMEDIES, foreign: [], protected: [] }[kind],
    );
  }
});

test('protected beats every other label and every entry of the configuration', () => {
  const byName = config({ protect: { names: ['web'], images: [] } });
  const byImage = config({ protect: { names: [], images: ['docker.io/library/nginx:2'] } });
  const label: Reason = { code: 'protected-label', label: 'vigia.protected' };
  const name: Reason = { code: 'protected-name', name: 'web' };
  const image: Reason = { code: 'protected-image', image: 'nginx' };
  const ways: readonly (readonly [Config, Labels, Reason])[] = [
    [config(), { 'vigia.protected': 'true' }, label],
    // Anything but `false` protects.
    [config(), { 'vigia.protected': 'no' }, label],
    [config(), { 'vigia.protected': '' }, label],
    [byName, {}, name],
    [byName, { 'vigia.protected': 'false' }, name],
    [byImage, {}, image],
  ];
  for (const labels of [{}, MANAGED, DISPOSABLE, { ...MANAGED, 'vigia.spawn': 'floor' }, SWARM])
    for (const more of [{}, { manage: ADOPTED.manage }, { release: RELEASED.release }])
      for (const [settings, extra, because] of ways) {
        const policy = policyOf(one({ ...labels, ...extra }), { ...settings, ...more });
        assert.deepEqual([policy.kind, policy.because, policy.allow], ['protected', because, []]);
      }
  assert.equal(policyOf(one({ ...DISPOSABLE, 'vigia.protected': 'false' }), config()).kind, 'disposable');
  assert.equal(policyOf(one({}, 'vigia-grafana'), config()).kind, 'protected');
  assert.equal(policyOf(one({}, 'g', 'grafana/grafana:13'), ADOPTED).kind, 'protected');
});

test('a label that makes no sense is read in the stricter way, and said', () => {
  const warned = (label: string, value: string): Reason => ({ code: 'label-not-understood', label, value });
  for (const value of ['True', 'TRUE', 'yes', '1', '', ' true', 'true ', '0', 'nein']) {
    const managed = policyOf(one({ ...DISPOSABLE, 'vigia.managed': value }), ADOPTED);
    assert.deepEqual([managed.kind, managed.warnings], ['foreign', [warned('vigia.managed', value)]]);
    const disposable = policyOf(one({ ...MANAGED, 'vigia.disposable': value }), config());
    assert.deepEqual(
      [disposable.kind, disposable.warnings],
      ['service', [warned('vigia.disposable', value)]],
    );
    // Not even for what an earlier version started.
    const spawned = { ...MANAGED, 'vigia.spawn': 'floor', 'vigia.disposable': value };
    assert.equal(policyOf(one(spawned), config()).kind, 'service');
  }
  for (const value of ['', 'all', 'restart;stop', 'Restart', 'none,restart', '*', 'remove', '-kill']) {
    const { allow, warnings } = policyOf(one({ ...MANAGED, 'vigia.allow': value }), config());
    assert.deepEqual(warnings, [warned('vigia.allow', value)]);
    assert.deepEqual(allow, value === 'none,restart' ? ['restart'] : []);
  }
  for (const [label, field, values] of [
    ['vigia.priority', 'priority', ['', 'high', '1e3', '0x10', '5 ', '1,5', 'NaN', 'Infinity', '9999999999']],
    ['vigia.cpu', 'cpuPercent', ['', '0', '-5', '90%', '1e2', '200000']],
    ['vigia.memory', 'expectedKb', ['', '0', '-1', '512m', '1GiB']],
    ['vigia.grace', 'graceSeconds', ['', '-1', '30s', '100000']],
  ] as const)
    for (const value of values) {
      const policy = policyOf(one({ ...MANAGED, [label]: value }), config());
      assert.equal(policy[field], field === 'priority' ? 0 : null, `${label}=${value}`);
      assert.deepEqual(policy.warnings, [warned(label, value)]);
    }
});

test('what a warning quotes is short, and a label of megabytes is neither copied nor read to its end', () => {
  const long = 'x'.repeat(5_000_000);
  for (const label of ['vigia.managed', 'vigia.allow', 'vigia.priority'])
    for (const { warnings } of [policyOf(one({ ...MANAGED, [label]: long }), config())]) {
      assert.equal(warnings.length, 1);
      assert.ok(JSON.stringify(warnings).length < 200);
    }
  const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`).join(',');
  const { dependants } = policyOf(one({ ...MANAGED, 'vigia.dependants': names }), config());
  assert.equal(dependants.length, 50);
  assert.deepEqual(dependants.slice(0, 2), ['c0', 'c1']);
});

test('labels set what the owner knows: priority, CPU, memory, grace, dependants', () => {
  const labels = {
    ...{ ...MANAGED, 'vigia.priority': '-7', 'vigia.cpu': '350.5', 'vigia.memory': '2048' },
    ...{ 'vigia.grace': '0', 'vigia.dependants': ' api , ,worker' },
  };
  const { priority, cpuPercent, expectedKb, graceSeconds, dependants, warnings } = policyOf(
    one(labels),
    config(),
  );
  assert.deepEqual([priority, cpuPercent, expectedKb, graceSeconds], [-7, 350.5, 2048 * 1024, 0]);
  assert.deepEqual([dependants, warnings], [['api', 'worker'], []]);

  // The entry beats the labels; its zeros are values too.
  const own = { priority: 0, cpuPercent: 80, expectedMib: 10, graceSeconds: 0, dependants: ['db'] };
  const settings = manage(entry({ name: 'web' }, own));
  const policy = policyOf(one({ ...labels, 'vigia.grace': '9' }), settings);
  assert.deepEqual(
    [policy.priority, policy.cpuPercent, policy.expectedKb, policy.graceSeconds, policy.dependants],
    [0, 80, 10 * 1024, 0, ['db', 'api', 'worker']],
  );
});

test('a service allows what its entry and its label both allow', () => {
  const cases: readonly (readonly [string | undefined, readonly Remedy[] | null, readonly Remedy[]])[] = [
    [undefined, null, DEFAULT_REMEDIES],
    [undefined, [], []],
    [undefined, ['stop'], ['stop']],
    ['none', null, []],
    ['none', ['restart', 'kill'], []],
    ['stop', null, ['stop']],
    ['throttle, squeeze ,restart,stop,kill', null, REMEDIES],
    ['kill,restart', ['restart', 'stop'], ['restart']],
    ['restart', ['stop'], []],
    ['restart', [], []],
  ];
  for (const [label, allow, expected] of cases) {
    const labels = label === undefined ? MANAGED : { ...MANAGED, 'vigia.allow': label };
    const settings = allow === null ? config() : manage(entry({ name: 'web' }, { allow }));
    const policy = policyOf(one(labels), settings);
    assert.deepEqual([policy.allow, policy.warnings], [expected, []], `${label} ${allow}`);
  }
});

test('whatever its label says, a service never allows more than its entry', () => {
  const token = fc.oneof(fc.constantFrom<string>(...REMEDIES, 'none', 'all', ''), fc.string());
  fc.assert(
    fc.property(
      fc.array(token).map((tokens) => tokens.join(',')),
      fc.subarray([...REMEDIES]),
      (label, allow) => {
        const settings = manage(entry({ name: 'web' }, { allow }));
        const policy = policyOf(one({ 'vigia.allow': label }), settings);
        assert.equal(policy.kind, 'service');
        for (const remedy of policy.allow)
          assert.ok(allow.includes(remedy) && label.includes(remedy), `${label}: ${remedy}`);
      },
    ),
  );
});

test('an entry of manage matches when every field that it gives does; the first that matches counts', () => {
  const labels = {
    ...{ 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'api', tier: 'gold' },
  };
  const container = one(labels, 'shop-api-1', 'registry:5000/corp/api:2@sha256:00');
  for (const [match, expected] of [
    [{ name: 'shop-api-1' }, true],
    [{ name: 'shop-api' }, false],
    [{ image: 'registry:5000/corp/api' }, true],
    [{ image: 'registry:5000/corp/api:9' }, true],
    [{ image: 'corp/api' }, false],
    [{ label: 'tier' }, true],
    [{ label: 'tier=gold' }, true],
    [{ label: 'tier=' }, false],
    [{ label: 'tie' }, false],
    [{ project: 'shop' }, true],
    [{ service: 'api' }, true],
    [{ project: 'shop', service: 'web' }, false],
    [{ project: 'shop', service: 'api', name: 'shop-api-1', label: 'tier=gold' }, true],
  ] as const)
    assert.equal(matches(entry(match), container), expected, JSON.stringify(match));
  const settings = manage(
    entry({ name: 'other' }, { priority: 1 }),
    entry({ project: 'shop' }, { priority: 2 }),
    entry({ name: 'shop-api-1' }, { priority: 3 }),
  );
  assert.equal(policyOf(container, settings).priority, 2);
});

test('an entry of manage that matches nothing, or what is protected, is reported', () => {
  const [web, database] = [one({}), one({ 'vigia.protected': 'true' }, 'db')];
  const settings = manage(entry({ name: 'web' }), entry({ name: 'gone' }), entry({ name: 'db' }));
  assert.deepEqual(manageWarnings([web, database], settings), [
    { code: 'manage-matches-nothing', at: AT },
    { code: 'manage-matches-protected', at: AT, name: 'db' },
  ]);
});

const TARGET = { id: 'x', name: 'web', level: null, pid: 1, because: { code: 'gone' } } as const;
const ACTIONS: Readonly<Record<Exclude<Action['kind'], 'start'>, Action>> = {
  remove: { ...TARGET, kind: 'remove', urgency: 'now', isThrottled: false, isReplaced: false },
  restart: { ...TARGET, kind: 'restart', urgency: 'grace', isThrottled: false },
  stop: { ...TARGET, kind: 'stop' },
  kill: { ...TARGET, kind: 'kill', startNs: 1, cgroup: '/x', isEngineSilent: false },
  throttle: { ...TARGET, kind: 'throttle', to: 1 },
  squeeze: { ...TARGET, kind: 'squeeze', to: 1 },
  'limit-pids': { ...TARGET, kind: 'limit-pids', to: 1 },
  'limit-io': { ...TARGET, kind: 'limit-io', to: 1 },
  release: { ...TARGET, kind: 'release', limit: 'cpu' },
};

test('the contract: what each kind may have done to it, and the remedy that a service must allow', () => {
  const permitted = (labels: Labels, settings = config()) =>
    Object.values(ACTIONS).flatMap((action) =>
      forbids(policyOf(one(labels), settings), action) === null ? [action.kind] : [],
    );
  assert.deepEqual(permitted(DISPOSABLE), Object.keys(ACTIONS));
  assert.deepEqual(permitted({}), ['release']);
  assert.deepEqual(permitted({ ...DISPOSABLE, 'vigia.protected': 'true' }), ['release']);
  for (const [allow, kinds] of [
    ['none', []],
    ['throttle', ['throttle', 'limit-pids', 'limit-io']],
    ['squeeze', ['squeeze']],
    ['restart', ['restart']],
    ['stop', ['stop']],
    ['kill', ['kill']],
  ] as const)
    assert.deepEqual(permitted({ ...MANAGED, 'vigia.allow': allow }), [...kinds, 'release']);
  const refusal = (labels: Labels, action: Action) => forbids(policyOf(one(labels), config()), action)?.code;
  const all = { ...MANAGED, 'vigia.allow': REMEDIES.join(',') };
  assert.equal(refusal(all, ACTIONS.remove), 'service-never-removed');
  assert.equal(refusal(MANAGED, ACTIONS.stop), 'not-allowed');
  assert.equal(refusal({}, ACTIONS.throttle), 'no-longer-managed');
  assert.equal(refusal({ 'vigia.protected': '' }, ACTIONS.throttle), 'protected-now');
});
