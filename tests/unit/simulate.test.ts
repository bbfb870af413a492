import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { configFor, runSimulation, type Summary } from '../../daemon/src/app/run-simulation.ts';
import { scenarioFromRecord } from '../../daemon/src/app/scenario-from-record.ts';
import { loadScenario, scenarioNames } from '../../daemon/src/app/scenarios.ts';
import { missedBy, percentiles, type SimulationReport } from '../../daemon/src/app/simulation-report.ts';
import { seeds } from '../../daemon/src/cli/simulate-command.ts';
import { type Config, DEFAULTS } from '../../daemon/src/model/config.ts';
import type { Row } from '../../daemon/src/record/queries.ts';
import { INVARIANTS, type Invariant } from '../../daemon/src/simulate/checks/invariants.ts';
import { ALL_FAULTS, type Faults, NO_FAULTS } from '../../daemon/src/simulate/faults.ts';
import type { Life } from '../../daemon/src/simulate/virtual-time.ts';
import { VirtualTime } from '../../daemon/src/simulate/virtual-time.ts';
import { config } from './builders.ts';
import { hasDied } from './processes.ts';

const HOUR = 1 / 24;

function run(
  scenario: string,
  seed: number,
  days: number,
  faults: Faults,
  policy = config(),
): Promise<Summary> {
  const progress = () => {};
  return runSimulation({ scenario: loadScenario(scenario), faults, days, seed, config: policy, progress });
}

const QUOTA_CHECKS: readonly Invariant[] = ['floor', 'three-and-two', 'restored'];
const SERVICE_CHECKS: readonly Invariant[] = ['owner-data', 'innocent', 'stopped-stays'];

/** Scenarios that are about something else than their quotas or owners. */
const CHECKS_OF: Readonly<Record<string, readonly Invariant[]>> = {
  floors: ['crowd'],
  runaways: ['owner-data', 'innocent'],
};

function assertHeld({ checker }: Summary, name: string, scenario = 'workload'): void {
  assert.deepEqual(checker.violations, [], name);
  const { config: own, ...model } = loadScenario(scenario);
  const wanted = own?.demo ? (CHECKS_OF[scenario] ?? QUOTA_CHECKS) : (CHECKS_OF[scenario] ?? SERVICE_CHECKS);
  for (const invariant of ['good-reading', ...wanted] as const) {
    assert.ok((checker.checks.get(invariant) ?? 0) > 20, `${name}: ${invariant} was hardly checked`);
  }
  assert.deepEqual(missedBy(model, 1, checker.checks), [], `${name}: the scenario is for these`);
}

for (const scenario of scenarioNames()) {
  test(`${scenario}: the invariants hold for hours, with all faults and without`, async () => {
    assertHeld(await run(scenario, 1, 2 * HOUR, NO_FAULTS), 'calm', scenario);
    const faulty = await run(scenario, 2, 5 * HOUR, { ...ALL_FAULTS, crashEverySeconds: 1200 });
    assertHeld(faulty, 'faulty', scenario);
    assert.ok(faulty.crashes > 3 && faulty.faults > 20, `${faulty.crashes} crashes, ${faulty.faults} faults`);
  });
}

test('a daemon that is often killed between an action and its record still releases what it throttled', async () => {
  const summary = await run('spinners', 3, 6 * HOUR, { ...NO_FAULTS, crashBeforeRecord: 0.3 });
  assert.deepEqual(summary.checker.violations, []);
  assert.ok(summary.crashes > 5 && summary.checker.limits.throttles > 3, 'it was killed, and had throttled');
  assert.ok((summary.checker.checks.get('given-back') ?? 0) > 5, 'some containers had to be released');
});

test('without trimming the surplus is kept and no invariant is broken', async () => {
  const { low, high } = config().quotas;
  const policy = config({ quotas: { low: { ...low, trim: false }, high: { ...high, trim: false } } });
  const { checker, containers } = await run('workload', 1, HOUR / 7, NO_FAULTS, policy);
  assert.deepEqual(checker.violations, []);
  assert.ok(containers > 50 && (checker.checks.get('three-and-two') ?? 0) > 5, `${containers} containers`);
});

test('the scenario decides whether there are quotas; the configuration decides which', () => {
  const quotasOf = (demo: boolean | undefined, policy: Config) => {
    const scenario = { ...loadScenario('workload'), config: demo === undefined ? {} : { demo } };
    const { mode, quotas } = configFor(scenario, policy);
    assert.equal(mode, 'enforce');
    return [quotas.low.keep, quotas.high.keep];
  };
  const { low, high } = config().quotas;
  const four = config({ quotas: { low: { ...low, keep: 4 }, high } });
  assert.deepEqual(quotasOf(true, DEFAULTS), [3, 2]);
  assert.deepEqual(quotasOf(true, four), [4, 2]);
  assert.deepEqual(quotasOf(false, four), [0, 0]);
  assert.deepEqual(quotasOf(undefined, four), [4, 2]);
  assert.deepEqual(quotasOf(undefined, DEFAULTS), [0, 0]);
});

test('a check that the scenario is for and that never ran is missed, except in a short run', () => {
  const scenario = { ...loadScenario('workload'), reaches: ['floor', 'no-oom'] } as const;
  const checks = new Map<Invariant, number>([['floor', 3]]);
  assert.deepEqual(missedBy(scenario, 1, checks), ['no-oom']);
  assert.deepEqual(missedBy(scenario, 0.01, checks), []);
});

test('an engine that stops containers late, or changes by an outsider, take no class below its floor', async () => {
  for (const faults of [
    { ...NO_FAULTS, lateStop: 0.05 },
    { ...NO_FAULTS, outsider: 0.3 },
  ])
    for (const seed of [1, 2, 3])
      assertHeld(await run('workload', seed, HOUR, faults), JSON.stringify(faults));
});

test('the same seed gives the same run, another seed a different one', async () => {
  const figures = async (seed: number) => {
    const { checker, containers, faults } = await run('workload', seed, HOUR, ALL_FAULTS);
    return [checker.quotas.removals, checker.quotas.restoredAfterMs, containers, faults];
  };
  assert.deepEqual(await figures(5), await figures(5));
  assert.notDeepEqual(await figures(5), await figures(6));
});

test('virtual time wakes sleepers in order, ends an aborted sleep early, and never wakes a dead process', async () => {
  const time = new VirtualTime();
  const [alive, dead]: [Life, Life] = [{ dead: false }, { dead: true }];
  const clock = time.clockOf(alive, () => 0);
  const never = new AbortController();
  const aborted = new AbortController();
  const woken: string[] = [];
  const sleep = async (name: string, ms: number, signal = never.signal, of = clock) => {
    await of.sleep(ms, signal);
    woken.push(`${name} at ${time.nowMs}`);
  };
  void sleep('late', 30);
  void sleep('first', 10);
  void sleep('second', 10).then(() => aborted.abort());
  void sleep('aborted', 99, aborted.signal);
  void sleep(
    'dead',
    5,
    never.signal,
    time.clockOf(dead, () => 0),
  );
  await time.run(1000, () => false);
  assert.deepEqual(woken, ['first at 10', 'second at 10', 'aborted at 10', 'late at 30']);
  assert.equal(time.nowMs, 1000);
});

test('the error for an unknown scenario lists the known ones', () => {
  assert.throws(() => loadScenario('nowhere'), /no scenario nowhere \(there are .*workload/);
});

test('several seeds give one report each, in order', async () => {
  const program = join(import.meta.dirname, '../../daemon/src/cli/vigia.ts');
  const args = ['simulate', '--days', '0.01', '--seeds', '2..3', '--faults', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args]);
  const reports = JSON.parse(stdout) as SimulationReport[];
  assert.deepEqual(
    reports.map(({ seed, scenario, faultsOn }) => [seed, scenario, faultsOn]),
    [
      [2, 'workload', true],
      [3, 'workload', true],
    ],
  );
  for (const { cycles, invariants } of reports) {
    assert.ok(cycles > 40);
    assert.deepEqual(
      invariants.map(({ name }) => name),
      Object.keys(INVARIANTS),
    );
    assert.ok(invariants.every(({ violations }) => violations.length === 0));
  }
});

test('when one of several seeds fails all end, and the message names it', async () => {
  const program = join(import.meta.dirname, '../../daemon/src/cli/vigia.ts');
  const run = spawn(process.execPath, [program, 'simulate', '--days', '1000', '--seeds', '1..2'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  run.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const ended = once(run, 'close');
  const children = () =>
    readFileSync(`/proc/${run.pid}/task/${run.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  while (children().length < Math.min(2, availableParallelism())) await setTimeout(20);
  const [first = 0, ...others] = children();
  process.kill(first, 'SIGKILL');
  assert.equal((await ended)[0], 1);
  assert.match(output, /vigia simulate .*--seed 1 ended with SIGKILL/);
  for (const other of others) assert.ok(await hasDied(other));
});

test('seeds are a number, a range or a list; percentiles are observed values', () => {
  assert.deepEqual(seeds('3'), [1, 2, 3]);
  assert.deepEqual(seeds('5..7,9,6'), [5, 6, 7, 9]);
  for (const wrong of ['', '0', '3..1', 'x', '1..100000', '-2']) assert.throws(() => seeds(wrong), wrong);
  assert.deepEqual(percentiles([]), { p50: null, p95: null, p99: null, max: null, n: 0 });
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual(percentiles(hundred), { p50: 50, p95: 95, p99: 99, max: 100, n: 100 });
});

test('a scenario made from a record has kinds by image, residents, arrivals with their rate, and lifetimes', () => {
  const UNMEASURED = { cpu_percent: null, rss_kb: null, process_count: null };
  const row = (name: string, image: string, first: number, more: Row = {}) => ({
    ...{ name, image, managed: 1, protected: 0, first_seen: first, last_seen: first + 40 },
    ...{ removed_because_code: null, cpu_percent: 1, rss_kb: 500, process_count: 1, ...more },
  });
  const observedFor = (seconds: number) => ({
    ...{
      host: { cpus: 2, total_kb: 4_000_000, system_kb: 600_000.4 },
      firstAt: 1000,
      lastAt: 1000 + seconds,
    },
    ...{
      containers: [
        row('vigia-grafana', 'grafana/grafana:13', 1000, { managed: 0, protected: 1 }),
        row('there', 'vigia/idle', 1000),
        row('late-1', 'vigia/idle', 1020, { cpu_percent: 3, rss_kb: 700 }),
        row('late-2', 'vigia/idle', 1080),
        row('newest', 'vigia/idle', 1100, UNMEASURED),
        row('never measured', 'acme/unknown', 1100, UNMEASURED),
        row('brief-1', 'acme/brief:2', 1040, {
          removed_because_code: '{"code":"ended","state":"exited"}',
          process_count: 3,
        }),
        row('brief-2', 'acme/brief:2', 1040, { removed_because_code: '{"code":"ended","state":"exited"}' }),
        row('vigia-idle-floor-0123abcd', 'vigia/idle', 1060),
      ],
    },
  });
  const scenario = scenarioFromRecord(observedFor(120), 'a test');
  assert.deepEqual(scenario.host, { cpus: 2, totalKb: 4_000_000, systemKb: 600_000 });
  assert.deepEqual(scenario.kinds['idle'], {
    image: 'vigia/idle',
    cpuPercent: [1, 3],
    rssKb: [500, 700],
  });
  assert.deepEqual(scenario.kinds['brief']?.livesSeconds, [40, 40]);
  assert.deepEqual(scenario.kinds['brief']?.processes, [1, 3]);
  assert.deepEqual(
    scenario.residents.map(({ name, nature }) => [name, nature]),
    [
      ['vigia-grafana', 'foreign'],
      ['there', undefined],
    ],
  );
  assert.deepEqual(scenario.arrivals, [{ everySeconds: 60, count: 3, kinds: { idle: 3, brief: 2 } }]);
  const [rare] = scenarioFromRecord(observedFor(1200), 'a test').arrivals;
  assert.deepEqual([rare?.everySeconds, rare?.count], [240, 1]);
  const empty = { host: null, firstAt: 0, lastAt: 0, containers: [] };
  assert.throws(() => scenarioFromRecord(empty, ''), /no measured container/);
});
