import { classify } from '../classify/classify.ts';
import { observe } from '../classify/learn-baseline.ts';
import { pressureReadingOf, updateMemoryPressure } from '../classify/memory-pressure.ts';
import { remember } from '../classify/remember.ts';
import { followRuns } from '../classify/runs.ts';
import { countsAfter } from '../decide/counts-after.ts';
import { decide } from '../decide/decide.ts';
import { countClasses, expectedClasses } from '../decide/decision-context.ts';
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
 * at once.
 */
export async function loop(ports: Ports, config: Config, start: History, signal: AbortSignal): Promise<void> {
  let history = start;
  while (!signal.aborted) {
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
  const sensed = await ports.sense(before.tick + 1);
  const verifyFaults = [...staleReading(sensed, askedNs), ...unconfirmedRemovals(before, sensed)];
  const snapshot = { ...sensed, faults: [...sensed.faults, ...verifyFaults] };
  const history = {
    ...before,
    memoryPressure: updateMemoryPressure(before.memoryPressure, pressureReadingOf(snapshot), config),
    runs: followRuns(before.runs, snapshot, config),
  };
  const senseMs = stopwatch.lap();
  const classifications = classify(history, snapshot, config);
  const plan = decide(history, snapshot, classifications, config);
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

  const counts = countClasses(snapshot.containers, classifications);
  const expectedClass = expectedClasses(history, snapshot.containers, classifications);
  const after = countsAfter(counts, expectedClass, classifications, outcomes);
  const observations = observe(history, snapshot, classifications);
  const cost = { senseMs, decideMs, actMs };
  const decision = {
    ...{ history, snapshot, classifications, plan, outcomes },
    ...{ before: counts, after, observations, cost },
  };
  ports.record(decision);
  ports.report(decision);
  const next = remember(history, snapshot, classifications, outcomes, config);
  return { ...next, memoryPressure: { ...next.memoryPressure, isPreempted } };
}

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
    plan.actions.some((action) => action.kind === 'remove' && action.urgency === 'now');
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
