import { classify } from '../classify/classify.ts';
import { followDisks } from '../classify/disk-trend.ts';
import { observe } from '../classify/learn-baseline.ts';
import { pressureReadingOf, updateMemoryPressure } from '../classify/memory-pressure.ts';
import { remember, rememberAid } from '../classify/remember.ts';
import { followRuns } from '../classify/runs.ts';
import { countsAfter } from '../decide/counts-after.ts';
import { decideWithNotices } from '../decide/decide.ts';
import { countClasses, expectedClasses, quotaContainers } from '../decide/decision-context.ts';
import type { Notice } from '../decide/notices.ts';
import { staleReading } from '../decide/stale-reading.ts';
import { unconfirmedRemovals } from '../decide/unconfirmed-removals.ts';
import type { Config } from '../model/config.ts';
import type { Classification, Decision, Outcome, Plan } from '../model/decision.ts';
import type { History } from '../model/history.ts';
import type { Aid } from '../model/memory-watch.ts';
import type { Ports } from '../model/ports.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Nanoseconds } from '../model/units.ts';

/**
 * Runs cycles (sense → classify → decide → act → record → show) until the signal aborts; a cycle that has begun is
 * finished. Memory is watched between cycles and while a plan is carried out: when it runs out, the next cycle begins
 * at once. `settings` may be a function, which is asked at the beginning of each cycle.
 */
export async function loop(
  ports: Ports,
  settings: Config | (() => Config),
  start: History,
  signal: AbortSignal,
): Promise<void> {
  let history = start;
  while (!signal.aborted) {
    const config = typeof settings === 'function' ? settings() : settings;
    const untilNs = ports.clock.monotonicNs() + config.cycleSeconds * 1e9;
    history = await cycle(ports, config, history);
    ports.watch.judge(config, history.memoryPressure);
    if (history.memoryPressure.isPreempted) continue;
    await waitUnlessAlarmed(ports, untilNs, signal);
    const { memoryPressure, alarm } = ports.watch;
    history = { ...history, memoryPressure: { ...memoryPressure, isPreempted: alarm.aborted } };
  }
}

/** Waits until `untilNs`, until the signal aborts, or until memory runs out. */
async function waitUnlessAlarmed(
  { clock, watch: { alarm } }: Ports,
  untilNs: Nanoseconds,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort('over');
  for (const each of [alarm, signal]) each.addEventListener('abort', end);
  if (alarm.aborted || signal.aborted) end();
  await clock.sleep(Math.max(0, (untilNs - clock.monotonicNs()) / 1e6), over.signal);
  for (const each of [alarm, signal]) each.removeEventListener('abort', end);
}

/** Runs one cycle and returns the history for the next one. */
export async function cycle(ports: Ports, config: Config, last: History): Promise<History> {
  const aids = ports.watch.begin();
  const before = aids.reduce((history, aid) => rememberAid(history, aid, config), last);
  const stopwatch = startStopwatch(ports);
  const askedNs = ports.clock.monotonicNs();
  const sensed = await senseUnderWatch(ports, config, before);
  const verifyFaults = [...staleReading(sensed, askedNs), ...unconfirmedRemovals(before, sensed)];
  const snapshot = { ...sensed, faults: [...sensed.faults, ...verifyFaults] };
  const history = {
    ...before,
    memoryPressure: updateMemoryPressure(before.memoryPressure, pressureReadingOf(snapshot), config),
    runs: followRuns(before.runs, snapshot, config),
    disks: followDisks(before.disks, snapshot),
  };
  const senseMs = stopwatch.lap();
  const classifications = classify(history, snapshot, config);
  const { plan, notices } = decideWithNotices(history, snapshot, classifications, config);
  const begun = notices.filter(({ key }) => !before.notices.has(key));
  const decideMs = stopwatch.lap();
  const { outcomes, isPreempted } = await actUnderWatch(
    ports,
    config,
    history,
    plan,
    snapshot,
    classifications,
  );
  const actMs = stopwatch.lap();

  const counts = countClasses(snapshot.containers, classifications, config);
  const counted = quotaContainers(snapshot.containers, config);
  const expectedClass = expectedClasses(history, counted, classifications);
  const after = countsAfter(counts, expectedClass, classifications, outcomes);
  const observations = observe(history, snapshot, classifications, config);
  const cost = { senseMs, decideMs, actMs };
  const decision = {
    ...{
      history,
      snapshot: withNotices(snapshot, begun),
      classifications,
      ...withAids(plan, outcomes, aids),
    },
    ...{ before: counts, after, observations, cost },
  };
  ports.record(decision);
  ports.report(decision);
  const next = remember(history, snapshot, classifications, outcomes, config);
  const isBlind = snapshot.faults.some(({ blind }) => blind);
  const known = {
    ...next,
    memoryPressure: { ...next.memoryPressure, isPreempted },
    notices: isBlind ? before.notices : new Set(notices.map(({ key }) => key)),
  };
  ports.watch.prepare({ history: known, snapshot, classifications });
  return known;
}

/** The record of a cycle also has what the watch did before it. */
function withAids(
  plan: Plan,
  outcomes: readonly Outcome[],
  aids: readonly Aid[],
): Pick<Decision, 'plan' | 'outcomes'> {
  if (aids.length === 0) return { plan, outcomes };
  const actions = aids.flatMap((aid) => aid.plan.actions);
  return {
    plan: {
      ...{ kind: 'act', actions: plan.kind === 'act' ? [...actions, ...plan.actions] : actions },
      candidates: plan.candidates.length > 0 ? plan.candidates : (aids.at(-1)?.plan.candidates ?? []),
    },
    outcomes: [...aids.flatMap((aid) => aid.outcomes), ...outcomes],
  };
}

/**
 * Takes the cycle's reading while watching memory: an engine that hangs must not hold up an emergency. When memory runs
 * out, the engine is no longer awaited.
 */
function senseUnderWatch(ports: Ports, config: Config, { tick, memoryPressure }: History): Promise<Snapshot> {
  ports.watch.judge(config, memoryPressure);
  return ports.sense(tick + 1, ports.watch.alarm);
}

/** Notices are recorded beside the faults, each when it begins. */
const withNotices = (snapshot: Snapshot, notices: readonly Notice[]): Snapshot => ({
  ...snapshot,
  faults: [
    ...snapshot.faults,
    ...notices.map(({ reason }) => ({ sensor: 'policy', reason, blind: false }) as const),
  ],
});

/**
 * Carries out the plan while watching memory: a plan may wait ten seconds for a container to stop, and memory may run
 * out in that time. Then the plan is cut short and `isPreempted` is true; so it is when the watch has acted itself on
 * what the plan is about.
 */
async function actUnderWatch(
  ports: Ports,
  config: Config,
  { memoryPressure }: History,
  plan: Plan,
  snapshot: Snapshot,
  classifications: readonly Classification[],
): Promise<{ outcomes: readonly Outcome[]; isPreempted: boolean }> {
  const isUrgent =
    plan.kind === 'act' &&
    plan.actions.some(
      (action) => action.kind === 'kill' || (action.kind === 'remove' && action.urgency === 'now'),
    );
  const { watch } = ports;
  watch.judge(config, memoryPressure);
  if (!isUrgent) {
    const { alarm } = watch;
    const outcomes = await ports.act(plan, snapshot, classifications, alarm);
    return { outcomes, isPreempted: alarm.aborted };
  }
  // A plan that relieves memory is not watched: the alarm that caused it would cut it short.
  const mayAct = watch.claim();
  const outrun = new AbortController();
  if (!mayAct) outrun.abort('the watch has acted');
  const outcomes = await ports.act(plan, snapshot, classifications, outrun.signal);
  if (mayAct) watch.release();
  return { outcomes, isPreempted: !mayAct };
}

function startStopwatch({ clock }: Ports): { lap(): number } {
  let last = clock.monotonicNs();
  return {
    lap() {
      const now = clock.monotonicNs();
      const ms = (now - last) / 1e6;
      last = now;
      return ms;
    },
  };
}
