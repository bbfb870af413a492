import { usedMemoryPercent } from '../classify/rates-and-memory.ts';
import type { Candidate } from '../model/decision.ts';
import { type Reason, rounded } from '../model/reason.ts';
import { EVICTION_SCORE_PARTS, scoreOf } from '../model/score.ts';
import type { ContainerSample } from '../model/snapshot.ts';
import { type Culprit, type Holder, holdersOf } from './attribute-memory.ts';
import { type DecisionContext, membersOf } from './decision-context.ts';
import { byScore } from './rank-for-trimming.ts';
import { sourceDisagreement } from './source-disagreement.ts';

/** After this many acts without gain a suspect is left alone until memory has recovered. */
const MOST_FUTILE = 2;

export const isFutile = ({ history }: DecisionContext, id: string): boolean =>
  (history.futile.get(id) ?? 0) >= MOST_FUTILE;

/** The candidates that a memory emergency weighs: every running container of ours, the victim first. */
export function rankForEviction(
  context: DecisionContext,
  culprit: Culprit | null,
  victim: ContainerSample | null,
): Candidate[] {
  const totalKb = Math.max(1, context.now.host?.totalKb ?? 1);
  const holderOf = new Map(holdersOf(context).map((holder) => [holder.container?.id ?? '', holder]));
  return context.managed
    .filter(({ usage }) => usage !== null)
    .map((container): Candidate => {
      const { id, name, usage, createdAt } = container;
      const holder = holderOf.get(id);
      const share = usage === null ? 0 : usedMemoryPercent(usage, context.now) / 100;
      return {
        id,
        name,
        level: context.classificationOf.get(id)?.level ?? 'unknown',
        score: scoreOf(EVICTION_SCORE_PARTS, {
          isVictim: id === victim?.id ? 1 : 0,
          isCulprit: id === culprit?.holder.container?.id ? 1 : 0,
          grownShare: Math.max(0, holder?.grownKb ?? 0) / totalKb,
          heldShare: share,
          createdAt,
        }),
        share,
        excluded: id === victim?.id ? null : whyNotEvicted(container, holder, culprit, victim, context),
      };
    })
    .sort(byScore);
}

function whyNotEvicted(
  container: ContainerSample,
  holder: Holder | undefined,
  culprit: Culprit | null,
  victim: ContainerSample | null,
  context: DecisionContext,
): Reason {
  if (container.state === 'unknown') return { code: 'state-unknown' };
  const disagreement = sourceDisagreement(container, true);
  if (disagreement !== null) return disagreement;
  const { now, config } = context;
  const share = container.usage === null ? 0 : usedMemoryPercent(container.usage, now);
  if (share < config.pressure.minReclaimPercent)
    return { code: 'too-small', memory: rounded(share), threshold: config.pressure.minReclaimPercent };
  if (victim !== null && holder?.container?.id === culprit?.holder.container?.id)
    return { code: 'one-at-a-time', first: victim.name };
  const largest = (100 * (culprit?.holder.heldKb ?? 0)) / Math.max(1, now.host?.totalKb ?? 1);
  return { code: 'not-the-culprit', largest: rounded(largest), own: rounded(share) };
}

/** Disposable containers beyond their quota, those that hold most first: they may be given up for anybody's memory. */
export function surplusByMemory(context: DecisionContext): ContainerSample[] {
  return (['low', 'high'] as const)
    .flatMap((level) => {
      const { keep, trim } = context.config.quotas[level];
      const members = membersOf(context, level)
        .filter((container) => sourceDisagreement(container, true) === null)
        .filter(({ id }) => context.policies.get(id)?.paused?.all !== true)
        .filter(({ id }) => !context.history.failed.has(id) && !isFutile(context, id))
        .sort((a, b) => heldShare(b, context) - heldShare(a, context));
      return trim ? members.slice(0, Math.max(0, membersOf(context, level).length - keep)) : [];
    })
    .filter((container) => heldShare(container, context) >= context.config.pressure.minReclaimPercent)
    .sort((a, b) => heldShare(b, context) - heldShare(a, context));
}

const heldShare = ({ usage }: ContainerSample, { now }: DecisionContext): number =>
  usage === null ? 0 : usedMemoryPercent(usage, now);
