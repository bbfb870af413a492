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
  /** Why nobody is killed; null when somebody is. */
  readonly because: Reason | null;
  /** The culprit, whoever owns it, for people to see; null when there is none. */
  readonly culprit: Reason | null;
}

/** Why the host is short of memory now, or null. */
export function memoryEmergency({ history, now, config }: DecisionContext): Reason | null {
  return memoryShortage(history.memoryPressure, pressureReadingOf(now), config);
}

/**
 * Finds the culprit over the whole host and, if it is ours, ends it: a disposable container is removed at once and
 * replaced, the processes of a service are killed. If it is not ours, surplus disposable containers are given up for it,
 * and nothing else: nobody is killed for somebody else's memory.
 */
export function relieveMemory(context: DecisionContext, emergency: Reason): Relief {
  const { policies } = context;
  const missing = shortfallKb(context.now, enoughKb(context));
  // A call that failed makes nobody else guilty: the culprit is tried again, until that was in vain twice.
  const culprit = culpritOf(
    context,
    missing,
    ({ container }) => container !== null && isFutile(context, container.id),
  );
  const because = culprit?.because ?? null;
  const finish = (victim: ContainerSample | null, action: Action | null, why: Reason | null): Relief => ({
    actions: action === null ? [] : [action],
    candidates: rankForEviction(context, culprit, victim),
    because: why,
    culprit: because,
  });

  const suspect = culprit?.holder.container ?? null;
  const kind = suspect === null ? 'foreign' : policies.get(suspect.id)?.kind;
  if (culprit !== null && suspect !== null && (kind === 'disposable' || kind === 'service')) {
    const { because: named } = culprit;
    const unsound = unsoundness(suspect);
    if (unsound !== null)
      return sacrifice(context, emergency, culprit, finish, {
        ...{ code: 'culprit-does-not-allow', emergency, culprit: named, refusal: unsound },
      });
    if (kind === 'service' && !culprit.isProven)
      return sacrifice(context, emergency, culprit, finish, {
        code: 'culprit-unproven',
        emergency,
        culprit: named,
      });
    if (kind === 'disposable') return finish(suspect, evict(suspect, culprit, emergency, context), null);
    if (kind === 'service') {
      const kill = killOf(suspect, whyKilled(suspect, culprit, emergency, context), context);
      const policy = policies.get(suspect.id);
      const refusal = kill === null || policy === undefined ? null : forbids(policy, kill);
      if (kill !== null && refusal === null) return finish(suspect, kill, null);
      if (refusal !== null)
        return sacrifice(context, emergency, culprit, finish, {
          ...{ code: 'culprit-does-not-allow', emergency, culprit: culprit.because, refusal },
        });
    }
  }
  const why: Reason =
    culprit === null
      ? { code: 'nothing-to-evict', emergency }
      : { code: 'culprit-not-ours', emergency, culprit: culprit.because };
  return sacrifice(context, emergency, culprit, finish, why);
}

/** Why no action may be taken on the container whatever its policy says, or null. */
const unsoundness = (container: ContainerSample): Reason | null =>
  container.state === 'unknown' ? { code: 'state-unknown' } : sourceDisagreement(container, true);

function sacrifice(
  context: DecisionContext,
  emergency: Reason,
  culprit: Culprit | null,
  finish: (victim: ContainerSample | null, action: Action | null, why: Reason | null) => Relief,
  otherwise: Reason,
): Relief {
  const [victim] = surplusByMemory(context);
  if (victim === undefined) return finish(null, null, otherwise);
  const because: Reason = {
    ...{ code: 'sacrifice-for-memory', emergency, holds: holdsOf(victim, context) },
    culprit: culprit?.because ?? { code: 'no-culprit' },
  };
  return finish(victim, endDisposable(victim, false, because, context), null);
}

/** Removes a disposable container at once. Without the engine its processes are killed, and a later cycle clears it away. */
function endDisposable(
  container: ContainerSample,
  isReplaced: boolean,
  because: Reason,
  context: DecisionContext,
): Action | null {
  const { id, name, usage } = container;
  if (context.now.lastKnown.includes(container)) return killOf(container, because, context);
  return {
    ...{ kind: 'remove', id, name, pid: usage?.pid ?? null, urgency: 'now' },
    level: currentOrExpectedClass(context, id),
    ...{ isThrottled: false, isReplaced, because },
  };
}

function evict(
  container: ContainerSample,
  culprit: Culprit,
  emergency: Reason,
  context: DecisionContext,
): Action | null {
  if (context.now.lastKnown.includes(container))
    return killOf(container, whyKilled(container, culprit, emergency, context), context);
  const [next] = surplusByMemory(context).filter(({ id }) => id !== container.id);
  const because: Reason = {
    ...{ code: 'evict-for-memory', emergency, holds: holdsOf(container, context), next: next?.name ?? null },
  };
  return endDisposable(container, true, because, context);
}

const whyKilled = (
  container: ContainerSample,
  culprit: Culprit,
  emergency: Reason,
  context: DecisionContext,
): Reason => ({
  ...{
    code: 'kill-for-memory',
    emergency,
    holds: holdsOf(container, context) ?? 0,
    culprit: culprit.because,
  },
});

function killOf(container: ContainerSample, because: Reason, context: DecisionContext): Action | null {
  const { id, name, usage } = container;
  if (usage === null) return null;
  return {
    ...{ kind: 'kill', id, name, pid: usage.pid, startNs: usage.startNs, cgroup: usage.cgroup },
    level: currentOrExpectedClass(context, id),
    isEngineSilent: context.now.lastKnown.includes(container),
    because,
  };
}

const holdsOf = ({ usage }: ContainerSample, { now }: DecisionContext): number | null =>
  usage === null ? null : rounded(usedMemoryPercent(usage, now));
