import { observe } from '../classify/baseline.ts';
import { classify } from '../classify/classify.ts';
import { remember } from '../classify/remember.ts';
import { followRuns } from '../classify/runs.ts';
import { followStrain, pressureOf } from '../classify/strain.ts';
import { decide } from '../decide/decide.ts';
import { awaitedIn, standingOf } from '../decide/scene.ts';
import { staleReading } from '../decide/stale.ts';
import { standingAfter } from '../decide/standing-after.ts';
import { unconfirmedRemovals } from '../decide/unconfirmed.ts';
import type { Config } from '../model/config.ts';
import type { Outcome, Plan, Verdict } from '../model/decision.ts';
import type { History } from '../model/history.ts';
import type { Ports } from '../model/ports.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { watch } from './watch.ts';

/**
 * sense → classify → decide → act → record → show, until the signal aborts; a cycle that has begun is finished. Between
 * cycles, and while a plan is carried out, memory is watched: when it runs out, the next cycle begins at once.
 */
export async function loop(ports: Ports, config: Config, start: History, signal: AbortSignal): Promise<void> {
  let history = start;
  while (!signal.aborted) {
    const beganNs = ports.clock.monotonicNs();
    history = await cycle(ports, config, history);
    if (history.strain.isCut) continue;
    const untilNs = beganNs + config.cycleSeconds * 1e9;
    const { strain, alarm } = await watch(ports, config, history.strain, untilNs, signal);
    history = { ...history, strain: { ...strain, isCut: alarm !== null } };
  }
}

export async function cycle(ports: Ports, config: Config, before: History): Promise<History> {
  const stopwatch = startStopwatch(ports);
  const askedNs = ports.clock.monotonicNs();
  const sensed = await ports.sense(before.tick + 1);
  const doubts = [...staleReading(sensed, askedNs), ...unconfirmedRemovals(before, sensed)];
  const snapshot = { ...sensed, faults: [...sensed.faults, ...doubts] };
  const history = {
    ...before,
    strain: followStrain(before.strain, pressureOf(snapshot), config),
    runs: followRuns(before.runs, snapshot, config),
  };
  const senseMs = stopwatch.lap();
  const verdicts = classify(history, snapshot, config);
  const plan = decide(history, snapshot, verdicts, config);
  const decideMs = stopwatch.lap();
  const { outcomes, isCut } = await actUnderWatch(ports, config, history, plan, snapshot, verdicts);
  const actMs = stopwatch.lap();

  const standing = standingOf(snapshot.containers, verdicts);
  const awaited = awaitedIn(history, snapshot.containers, verdicts);
  const after = standingAfter(standing, awaited, verdicts, outcomes);
  const observations = observe(history, snapshot, verdicts);
  const cost = { senseMs, decideMs, actMs };
  const decision = {
    ...{ history, snapshot, verdicts, plan, outcomes },
    ...{ before: standing, after, observations, cost },
  };
  ports.record(decision);
  ports.report(decision);
  const next = remember(history, snapshot, verdicts, outcomes, config);
  return { ...next, strain: { ...next.strain, isCut } };
}

/** A plan may wait ten seconds for a container to stop: memory does not. */
async function actUnderWatch(
  ports: Ports,
  config: Config,
  { strain }: History,
  plan: Plan,
  snapshot: Snapshot,
  verdicts: readonly Verdict[],
): Promise<{ outcomes: readonly Outcome[]; isCut: boolean }> {
  const isUrgent =
    plan.kind === 'act' &&
    plan.actions.some((action) => action.kind === 'remove' && action.urgency === 'now');
  const [done, urgent] = [new AbortController(), new AbortController()];
  // What relieves memory is not cut short by the same alarm.
  const watching = isUrgent
    ? null
    : watch(ports, config, strain, Number.POSITIVE_INFINITY, done.signal).then(({ alarm }) => {
        if (alarm !== null) urgent.abort();
      });
  const outcomes = await ports.act(plan, snapshot, verdicts, urgent.signal);
  // With a reason of its own: without one it would be made an exception, stack and all.
  done.abort('carried out');
  await watching;
  return { outcomes, isCut: urgent.signal.aborted };
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
