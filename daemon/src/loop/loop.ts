import { classify } from '../classify/classify.ts';
import { followDisks } from '../classify/disk-trend.ts';
import { observe } from '../classify/learn-baseline.ts';
import { pressureReadingOf, updateMemoryPressure } from '../classify/memory-pressure.ts';
import { remember } from '../classify/remember.ts';
import { followRuns } from '../classify/runs.ts';
import { countsAfter } from '../decide/counts-after.ts';
import { decideWithNotices } from '../decide/decide.ts';
import { countClasses, expectedClasses, quotaContainers } from '../decide/decision-context.ts';
import type { Notice } from '../decide/notices.ts';
import { staleReading } from '../decide/stale-reading.ts';
import { unconfirmedRemovals } from '../decide/unconfirmed-removals.ts';
import type { Config } from '../model/config.ts';
import type { Classification, Outcome, Plan } from '../model/decision.ts';
import type { History } from '../model/history.ts';
import type { Ports } from '../model/ports.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { watch } from './watch.ts';

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
    const beganNs = ports.clock.monotonicNs();
    history = await cycle(ports, config, history);
    if (history.memoryPressure.isPreempted) continue;
    const untilNs = beganNs + config.cycleSeconds * 1e9;
    const { memoryPressure, alarm } = await watch(ports, config, history.memoryPressure, untilNs, signal);
    history = { ...history, memoryPressure: { ...memoryPressure, isPreempted: alarm !== null } };
  }
}

/** Runs one cycle and returns the history for the next one. */
export async function cycle(ports: Ports, config: Config, before: History): Promise<History> {
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
    ...{ history, snapshot: withNotices(snapshot, begun), classifications, plan, outcomes },
    ...{ before: counts, after, observations, cost },
  };
  ports.record(decision);
  ports.report(decision);
  const next = remember(history, snapshot, classifications, outcomes, config);
  const isBlind = snapshot.faults.some(({ blind }) => blind);
  return {
    ...next,
    memoryPressure: { ...next.memoryPressure, isPreempted },
    notices: isBlind ? before.notices : new Set(notices.map(({ key }) => key)),
  };
}

/**
 * Takes the cycle's reading while watching memory: an engine that hangs must not hold up an emergency. When memory runs
 * out, the engine is no longer awaited.
 */
async function senseUnderWatch(
  ports: Ports,
  config: Config,
  { tick, memoryPressure }: History,
): Promise<Snapshot> {
  const [done, urgent] = [new AbortController(), new AbortController()];
  const watching = watch(ports, config, memoryPressure, Number.POSITIVE_INFINITY, done.signal).then(
    ({ alarm }) => {
      if (alarm !== null) urgent.abort('memory is running out');
    },
  );
  const snapshot = await ports.sense(tick + 1, urgent.signal);
  done.abort('sensed');
  await watching;
  return snapshot;
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
 * out in that time. Then the plan is cut short and `isPreempted` is true.
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
  const [done, urgent] = [new AbortController(), new AbortController()];
  // A plan that relieves memory is not watched: the alarm that caused it would cut it short.
  const watching = isUrgent
    ? null
    : watch(ports, config, memoryPressure, Number.POSITIVE_INFINITY, done.signal).then(({ alarm }) => {
        if (alarm !== null) urgent.abort();
      });
  const outcomes = await ports.act(plan, snapshot, classifications, urgent.signal);
  // abort() without a reason builds a DOMException with a stack; a string is cheaper.
  done.abort('carried out');
  await watching;
  return { outcomes, isPreempted: urgent.signal.aborted };
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
