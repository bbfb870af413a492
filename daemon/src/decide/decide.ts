import { type Config, surplusOf } from '../model/config.ts';
import type { Action, Classification, Plan } from '../model/decision.ts';
import type { Breaker, History } from '../model/history.ts';
import { protectedBy } from '../model/ownership.ts';
import type { Reason } from '../model/reason.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { buildContext, type DecisionContext, LEVELS, membersOf } from './decision-context.ts';
import { evictOnlyFirst, rankForEviction } from './rank-for-eviction.ts';
import { rankAll } from './rank-for-trimming.ts';
import { climbLadder } from './rules/climb-ladder.ts';
import { fillShortage } from './rules/fill-shortage.ts';
import { releaseEased } from './rules/release-eased.ts';
import { memoryEmergency, relieveMemory } from './rules/relieve-memory.ts';
import { removeEnded } from './rules/remove-ended.ts';
import { removeFlapping } from './rules/remove-flapping.ts';
import { trimSurplus } from './rules/trim-surplus.ts';
import { sourceDisagreement } from './source-disagreement.ts';

/** Each rule sees what the ones before it have planned. */
type Rule = (context: DecisionContext, planned: readonly Action[]) => readonly Action[];

/**
 * In this order: remove ended and restart-looping containers, trim the surplus, lift limits that are no longer needed,
 * apply the next remedy to misbehaving containers, start what a class lacks.
 */
const CALM: readonly Rule[] = [
  removeEnded,
  removeFlapping,
  trimSurplus,
  releaseEased,
  climbLadder,
  fillShortage,
];

/** Only what cannot wait: evict the culprit and refill its class. */
const EMERGENCY: readonly Rule[] = [relieveMemory, fillShortage];

/** One cycle's plan. Pure: the same history, snapshot and classifications always give the same plan. */
export function decide(
  history: History,
  now: Snapshot,
  classifications: readonly Classification[],
  config: Config,
): Plan {
  const context = buildContext(history, now, classifications, config);
  const pressing = memoryEmergency(context);
  const candidates = pressing === null ? rankAll(context) : evictOnlyFirst(rankForEviction(context));
  const because = reasonToHold(now, config);
  if (because !== null) return { kind: 'hold', because, candidates };
  const actions: Action[] = [];
  for (const rule of pressing === null ? CALM : EMERGENCY) {
    actions.push(...rule(context, actions).filter((action) => !isVetoed(action, context)));
  }
  if (actions.length > 0) return { kind: 'act', actions, candidates };
  return { kind: 'hold', because: reasonForNothing(context, pressing), candidates };
}

function reasonForNothing(context: DecisionContext, pressing: Reason | null): Reason {
  const { history, now, config } = context;
  if (isOpen(history.breaker, now)) {
    return { code: 'breaker-open', cycles: history.breaker.failures };
  }
  if (pressing !== null) return { code: 'nothing-to-evict', emergency: pressing };
  const classes = LEVELS.flatMap((level) => {
    const [count, quota] = [membersOf(context, level).length, config.quotas[level]];
    return surplusOf(quota, count) > 0 ? [{ count, level, keep: quota.keep }] : [];
  });
  return classes.length > 0 ? { code: 'surplus-excluded', classes } : { code: 'quotas-met' };
}

/** Why no action may be planned at all, or null. Acting on an incomplete snapshot could hit the wrong container. */
function reasonToHold(now: Snapshot, config: Config): Reason | null {
  const blind = now.faults.filter((fault) => fault.blind);
  if (blind.length > 0)
    return { code: 'sensor-blind', faults: blind.map(({ sensor, reason }) => ({ sensor, fault: reason })) };
  if (config.mode === 'observe') return { code: 'mode-observe' };
  return null;
}

/**
 * The final check, whatever the rules planned: only managed containers, none in an unknown state, and no action against
 * a protected one.
 */
export function isVetoed(action: Action, { managed, config, history, now }: DecisionContext): boolean {
  if (action.kind === 'start') return false;
  if (action.kind === 'remove' && isOpen(history.breaker, now)) return true;
  const target = managed.find((container) => container.id === action.id);
  if (target === undefined || target.state === 'unknown') return true;
  if (action.kind === 'release') return false;
  const isUrgent = action.kind === 'remove' && action.urgency === 'now';
  return protectedBy(target, config.protect) !== null || sourceDisagreement(target, isUrgent) !== null;
}

const isOpen = (breaker: Breaker, now: Snapshot): boolean => now.monotonicNs < breaker.openUntilNs;
