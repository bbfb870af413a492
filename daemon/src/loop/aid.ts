import { memoryShortage, pressureReadingOf } from '../classify/memory-pressure.ts';
import { decide } from '../decide/decide.ts';
import type { Config } from '../model/config.ts';
import type { Action, Outcome, Plan } from '../model/decision.ts';
import type { Aid, Judgement, Known } from '../model/memory-watch.ts';
import type { Snapshot } from '../model/snapshot.ts';

export interface AidPorts {
  /** The same snapshot with memory read again; null when that cannot be read. */
  look(before: Snapshot): Snapshot | null;
  act(plan: Plan, known: Known, config: Config): Promise<readonly Outcome[]>;
}

/** In cycles: what is older says nothing about now. */
const MOST_CYCLES = 3;

/**
 * Acts against a shortage of memory by what the last cycle knew, as a cycle would: the culprit ends, or none. Everything
 * else, as starting its replacement, is left to the loop. null when there is nothing to do.
 */
export async function giveAid(
  ports: AidPorts,
  { config, memoryPressure }: Judgement,
  known: Known,
): Promise<Aid | null> {
  const now = ports.look(known.snapshot);
  if (now === null || !isRecent(known, now, config)) return null;
  if (memoryShortage(memoryPressure, pressureReadingOf(now), config) === null) return null;
  const history = { ...known.history, memoryPressure };
  const decided = decide(history, now, known.classifications, config);
  const actions = decided.kind === 'act' ? decided.actions.filter(isRelief) : [];
  if (actions.length === 0) return null;
  const plan = { kind: 'act', actions, candidates: decided.candidates } as const;
  const outcomes = await ports.act(plan, { ...known, history, snapshot: now }, config);
  return { now, memoryPressure, plan, outcomes };
}

const isRecent = ({ snapshot }: Known, now: Snapshot, { cycleSeconds }: Config): boolean =>
  now.monotonicNs - snapshot.monotonicNs <= MOST_CYCLES * cycleSeconds * 1e9;

const isRelief = (action: Action): boolean =>
  action.kind === 'kill' || (action.kind === 'remove' && action.urgency === 'now');
