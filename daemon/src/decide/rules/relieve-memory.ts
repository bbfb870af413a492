import { memoryShortage, pressureReadingOf } from '../../classify/memory-pressure.ts';
import { usedMemoryPercent } from '../../classify/rates-and-memory.ts';
import type { Action, Candidate } from '../../model/decision.ts';
import { type Reason, rounded } from '../../model/reason.ts';
import type { ContainerSample } from '../../model/snapshot.ts';
import { forbids } from '../../policy/contract.ts';
import { type Culprit, culpritOf, enoughKb, shortfallKb } from '../attribute-memory.ts';
import { currentOrExpectedClass, type DecisionContext } from '../decision-context.ts';
import { isFutile, rankForEviction, surplusByMemory } from '../rank-for-eviction.ts';
import { sourceDisagreement } from '../source-disagreement.ts';

/** What a memory emergency decides. */
export interface Relief {
  /** At most one: its effect is seen before the next one. */
  readonly actions: readonly Action[];
  readonly candidates: readonly Candidate[];
  /** Why no container is ended; null when one is. */
  readonly because: Reason | null;
  /** The culprit, of whatever kind, for people to see; null when there is none. */
  readonly culprit: Reason | null;
}

/** Why the host is short of memory now, or null. */
export function memoryEmergency({ history, now, config }: DecisionContext): Reason | null {
  return memoryShortage(history.memoryPressure, pressureReadingOf(now), config);
}

/**
 * Finds the culprit on the whole host and, if Vigía may, ends it: a disposable container is removed at once and
 * replaced, the processes of a service are killed. Otherwise one surplus disposable container is given up, if there is
 * any. No other container pays for memory that it does not hold.
 */
export function relieveMemory(context: DecisionContext, emergency: Reason): Relief {
  const missing = shortfallKb(context.now, enoughKb(context));
  // A call that failed makes no other container guilty: the culprit is tried again, until two acts gained nothing.
  const culprit = culpritOf(
    context,
    missing,
    ({ container }) => container !== null && isFutile(context, container.id),
  );
  const refusal = whyNotEnded(culprit, emergency, context);
  const suspect = culprit?.holder.container ?? null;
  const [surplus = null] = surplusByMemory(context);
  const victim = refusal === null ? suspect : surplus;
  const action =
    culprit !== null && suspect !== null && refusal === null
      ? endCulprit(suspect, culprit, emergency, context)
      : surplus && giveUp(surplus, culprit, emergency, context);
  return {
    actions: action === null ? [] : [action],
    candidates: rankForEviction(context, culprit, victim),
    because: action === null ? refusal : null,
    culprit: culprit?.because ?? null,
  };
}

/** Why the culprit itself is not ended, or null when it may be. */
function whyNotEnded(culprit: Culprit | null, emergency: Reason, context: DecisionContext): Reason | null {
  if (culprit === null) return { code: 'nothing-to-evict', emergency };
  const suspect = culprit.holder.container;
  const policy = suspect === null ? undefined : context.policies.get(suspect.id);
  if (suspect === null || (policy?.kind !== 'disposable' && policy?.kind !== 'service'))
    return { code: 'culprit-not-ours', emergency, culprit: culprit.because };
  const unsound: Reason | null =
    suspect.state === 'unknown' ? { code: 'state-unknown' } : sourceDisagreement(suspect, true);
  const action = endCulprit(suspect, culprit, emergency, context);
  const refusal = unsound ?? (action && forbids(policy, action));
  if (refusal !== null) return { code: 'culprit-not-ended', emergency, culprit: culprit.because, refusal };
  if (policy.kind === 'service' && !culprit.isProven)
    return { code: 'culprit-unproven', emergency, culprit: culprit.because };
  return null;
}

/** Without the engine a disposable container is killed, too, and a later cycle clears it away. */
function endCulprit(
  container: ContainerSample,
  culprit: Culprit,
  emergency: Reason,
  context: DecisionContext,
): Action | null {
  const holds = holdsOf(container, context);
  if (context.policies.get(container.id)?.kind === 'disposable' && !isEngineSilent(container, context)) {
    const [next] = surplusByMemory(context).filter(({ id }) => id !== container.id);
    return removal(
      container,
      true,
      { code: 'evict-for-memory', emergency, holds, next: next?.name ?? null },
      context,
    );
  }
  return kill(
    container,
    { code: 'kill-for-memory', emergency, holds: holds ?? 0, culprit: culprit.because },
    context,
  );
}

/** Ends a surplus disposable container for memory that another holder took. */
function giveUp(
  container: ContainerSample,
  culprit: Culprit | null,
  emergency: Reason,
  context: DecisionContext,
): Action | null {
  const because: Reason = {
    ...{ code: 'sacrifice-for-memory', emergency, holds: holdsOf(container, context) },
    culprit: culprit?.because ?? { code: 'no-culprit' },
  };
  return isEngineSilent(container, context)
    ? kill(container, because, context)
    : removal(container, false, because, context);
}

function removal(
  container: ContainerSample,
  isReplaced: boolean,
  because: Reason,
  context: DecisionContext,
): Action {
  const { id, name, usage } = container;
  return {
    ...{ kind: 'remove', id, name, pid: usage?.pid ?? null, urgency: 'now' },
    level: currentOrExpectedClass(context, id),
    ...{ isThrottled: false, isReplaced, because },
  };
}

function kill(container: ContainerSample, because: Reason, context: DecisionContext): Action | null {
  const { id, name, usage } = container;
  if (usage === null) return null;
  return {
    ...{ kind: 'kill', id, name, pid: usage.pid, startNs: usage.startNs, cgroup: usage.cgroup },
    level: currentOrExpectedClass(context, id),
    isEngineSilent: isEngineSilent(container, context),
    because,
  };
}

/** Whether only an earlier listing of the engine shows the container. */
const isEngineSilent = (container: ContainerSample, { now }: DecisionContext): boolean =>
  now.lastKnown.includes(container);

const holdsOf = ({ usage }: ContainerSample, { now }: DecisionContext): number | null =>
  usage === null ? null : rounded(usedMemoryPercent(usage, now));
