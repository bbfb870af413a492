import { limitsOn } from '../classify/limits.ts';
import { type Config, surplusOf } from '../model/config.ts';
import type { Action, Classification, Plan } from '../model/decision.ts';
import type { History } from '../model/history.ts';
import { hostPause } from '../model/orders.ts';
import type { Reason } from '../model/reason.ts';
import type { ContainerSample, Snapshot } from '../model/snapshot.ts';
import { forbids, pausedUntil } from '../policy/contract.ts';
import { waitingReplicas } from '../policy/replicas.ts';
import { buildContext, type DecisionContext, LEVELS, membersOf } from './decision-context.ts';
import { type Notice, noticesOf } from './notices.ts';
import { rankAll } from './rank-for-trimming.ts';
import { climbLadder } from './rules/climb-ladder.ts';
import { endCrashLoops } from './rules/end-crash-loops.ts';
import { fillShortage, isGivenUp, lastMissOf } from './rules/fill-shortage.ts';
import { freeDisk } from './rules/free-disk.ts';
import { liftLimits } from './rules/lift-limits.ts';
import { memoryEmergency, relieveMemory } from './rules/relieve-memory.ts';
import { removeEnded } from './rules/remove-ended.ts';
import { restartUnhealthy } from './rules/restart-unhealthy.ts';
import { startAgain } from './rules/start-again.ts';
import { trimSurplus } from './rules/trim-surplus.ts';
import { sourceDisagreement } from './source-disagreement.ts';

/** Each rule sees what the ones before it have planned. */
type Rule = (context: DecisionContext, planned: readonly Action[]) => readonly Action[];

/**
 * In this order: remove ended and restart-looping containers, trim the surplus, free a disk that fills, lift limits that
 * are no longer needed, start again what an undo asks for, apply the next remedy to misbehaving containers, restart what
 * is unhealthy, start what a class lacks.
 */
const CALM: readonly Rule[] = [
  removeEnded,
  endCrashLoops,
  trimSurplus,
  freeDisk,
  liftLimits,
  startAgain,
  climbLadder,
  restartUnhealthy,
  fillShortage,
];

export interface Decided {
  readonly plan: Plan;
  /** What holds now and people should know. */
  readonly notices: readonly Notice[];
}

/** One cycle's plan. Pure: the same history, snapshot and classifications always give the same plan. */
export function decide(
  history: History,
  now: Snapshot,
  classifications: readonly Classification[],
  config: Config,
): Plan {
  return decideWithNotices(history, now, classifications, config).plan;
}

/** The same, with what people should know. */
export function decideWithNotices(
  history: History,
  now: Snapshot,
  classifications: readonly Classification[],
  config: Config,
): Decided {
  const context = buildContext(history, now, classifications, config);
  const emergency = memoryEmergency(context);
  const blind = blindness(now);
  // With the engine silent an emergency is decided by the containers that were listed last and still run.
  if (blind !== null && (emergency === null || now.lastKnown.length === 0 || config.mode === 'observe'))
    return { plan: { kind: 'hold', because: blind, candidates: [] }, notices: [] };
  const { plan, culprit } =
    emergency === null || config.mode === 'observe'
      ? {
          plan: decideCalm(context),
          culprit: emergency === null ? null : relieveMemory(context, emergency).culprit,
        }
      : decideEmergency(context, emergency);
  return { plan, notices: noticesOf(context, culprit, plan.kind === 'act' ? plan.actions : []) };
}

function decideCalm(context: DecisionContext): Plan {
  const candidates = rankAll(context);
  const actions: Action[] = [];
  // Outside `enforce` limits of ours are still lifted; in `observe` that is all.
  const rules = context.config.mode === 'observe' ? [liftLimits] : CALM;
  for (const rule of rules)
    actions.push(...rule(context, actions).filter((action) => !isVetoed(action, context)));
  for (const action of replicasThatWait(actions, context)) actions.splice(actions.indexOf(action), 1);
  if (actions.length > 0) return { kind: 'act', actions, candidates };
  return { kind: 'hold', because: reasonForNothing(context), candidates };
}

/** The actions after which no replica of a Compose service would be left alone. */
function replicasThatWait(
  actions: readonly Action[],
  { now, policies, history, config }: DecisionContext,
): Iterable<Action> {
  const kindOf = (id: string) => policies.get(id)?.kind;
  const isLimited = (container: ContainerSample) =>
    Object.keys(limitsOn(container, history.containers, config)).length > 0;
  return waitingReplicas(actions, now.containers, { kindOf, isLimited }).keys();
}

/** Only what cannot wait: end the culprit, and refill its class. */
function decideEmergency(
  context: DecisionContext,
  emergency: Reason,
): { plan: Plan; culprit: Reason | null } {
  const { candidates, because, culprit, ...relief } = relieveMemory(context, emergency);
  const actions = relief.actions.filter((action) => !isVetoed(action, context));
  const isEngineSilent = context.now.lastKnown.length > 0;
  // A floor is filled in an emergency only where the victim of it has to be replaced.
  const refill = isEngineSilent
    ? []
    : fillShortage(context, actions).filter((action) => !isVetoed(action, context));
  const all = [...actions, ...refill];
  if (all.length > 0) return { plan: { kind: 'act', actions: all, candidates }, culprit };
  return {
    plan: { kind: 'hold', because: because ?? { code: 'nothing-to-evict', emergency }, candidates },
    culprit,
  };
}

function reasonForNothing(context: DecisionContext): Reason {
  const { history, now, config, disposables } = context;
  if (config.mode === 'observe') return { code: 'mode-observe' };
  const paused = hostPause(config.orders);
  if (paused !== null) return pausedUntil(paused);
  const aside = disposables.filter(({ id }) => isAside(id, history, now)).map(({ name }) => name);
  if (aside.length > 0) return { code: 'set-aside', names: aside };
  const classes = LEVELS.flatMap((level) => {
    const [count, quota] = [membersOf(context, level).length, config.quotas[level]];
    return surplusOf(quota, count) > 0 ? [{ count, level, keep: quota.keep }] : [];
  });
  if (classes.length > 0) return { code: 'surplus-excluded', classes };
  return unfilledFloor(context) ?? { code: 'quotas-met' };
}

/** The first class that has fewer containers than its quota and for which nothing is started, with why. */
function unfilledFloor(context: DecisionContext): Reason | null {
  for (const level of LEVELS) {
    const { keep, images } = context.config.quotas[level];
    const expected = [...context.expectedClass.values()].filter((as) => as === level).length;
    const count = membersOf(context, level).length + expected;
    if (count >= keep) continue;
    const [given] = images.filter((image) => isGivenUp(level, image, context));
    const miss = given === undefined ? null : lastMissOf(level, given, context);
    return given !== undefined && miss !== null
      ? { code: 'floor-not-filled', image: given, level, miss }
      : { code: 'floor-waits', count, level, keep };
  }
  return null;
}

/** Why the snapshot is incomplete, or null. Acting on such a one could hit the wrong container. */
function blindness({ faults }: Snapshot): Reason | null {
  const blind = faults.filter((fault) => fault.blind);
  if (blind.length === 0) return null;
  return { code: 'sensor-blind', faults: blind.map(({ sensor, reason }) => ({ sensor, fault: reason })) };
}

/**
 * The final check, whatever the rules planned: nothing that the contract forbids for the container's kind, and nothing on
 * a container in an unknown state, whose readings disagree, or whose removal is stuck.
 */
export function isVetoed(action: Action, context: DecisionContext): boolean {
  if (action.kind === 'start') return hostPause(context.config.orders) !== null;
  const { history, now, policies } = context;
  const target = [...now.containers, ...now.lastKnown].find(({ id }) => id === action.id);
  const policy = policies.get(action.id);
  if (target === undefined || policy === undefined || target.state === 'unknown') return true;
  if (action.kind === 'release') return false;
  const isUrgent = action.kind === 'kill' || (action.kind === 'remove' && action.urgency === 'now');
  if (action.kind === 'remove' && !isUrgent && isAside(action.id, history, now)) return true;
  return forbids(policy, action) !== null || sourceDisagreement(target, isUrgent) !== null;
}

/** Whether removals of the container failed so often that none is tried for a while. An emergency is not bound by it. */
const isAside = (id: string, { removalFailures }: History, now: Snapshot): boolean =>
  (removalFailures.get(id)?.asideUntilNs ?? 0) > now.monotonicNs;
