import { classify } from '../classify/classify.ts';
import { remember } from '../classify/remember.ts';
import { decide } from '../decide/decide.ts';
import { expectedOf, standingOf } from '../decide/scene.ts';
import { staleReading } from '../decide/stale.ts';
import { standingAfter } from '../decide/standing-after.ts';
import { unconfirmedRemovals } from '../decide/unconfirmed.ts';
import type { Config } from '../model/config.ts';
import type { History } from '../model/history.ts';
import type { Ports } from '../model/ports.ts';

/** sense → classify → decide → act → record → show, until the signal aborts; a cycle that has begun is finished. */
export async function loop(ports: Ports, config: Config, start: History, signal: AbortSignal): Promise<void> {
  let history = start;
  while (!signal.aborted) {
    const beganNs = ports.clock.monotonicNs();
    history = await cycle(ports, config, history);
    const tookMs = (ports.clock.monotonicNs() - beganNs) / 1e6;
    await ports.clock.sleep(config.cycleSeconds * 1000 - tookMs, signal);
  }
}

export async function cycle(ports: Ports, config: Config, history: History): Promise<History> {
  const stopwatch = startStopwatch(ports);
  const sensed = await ports.sense(history.tick + 1);
  const doubts = [...staleReading(history, sensed), ...unconfirmedRemovals(history, sensed)];
  const snapshot = { ...sensed, faults: [...sensed.faults, ...doubts] };
  const senseMs = stopwatch.lap();
  const verdicts = classify(history, snapshot, config);
  const plan = decide(history, snapshot, verdicts, config);
  const decideMs = stopwatch.lap();
  const outcomes = await ports.act(plan, snapshot, verdicts);
  const actMs = stopwatch.lap();

  const before = standingOf(snapshot.containers, verdicts);
  const after = standingAfter(before, expectedOf(snapshot.containers, verdicts), outcomes);
  const cost = { senseMs, decideMs, actMs };
  const decision = { snapshot, verdicts, plan, outcomes, before, after, cost };
  ports.record(decision);
  ports.report(decision);
  return remember(history, snapshot, verdicts, outcomes, config);
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
