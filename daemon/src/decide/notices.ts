import { flapping } from '../classify/patterns/flapping.ts';
import type { Action } from '../model/decision.ts';
import type { DiskUse } from '../model/disk.ts';
import { NO_ORDERS } from '../model/orders.ts';
import type { Reason } from '../model/reason.ts';
import { pausedUntil } from '../policy/contract.ts';
import { manageWarnings } from '../policy/resolve-policy.ts';
import { type DecisionContext, LEVELS } from './decision-context.ts';
import { diskShortage } from './disk-shortage.ts';
import { isFutile } from './rank-for-eviction.ts';
import { isGivenUp, lastMissOf } from './rules/fill-shortage.ts';
import { memoryEmergency } from './rules/relieve-memory.ts';
import { overdueSeconds, unhealthyTogether } from './rules/restart-unhealthy.ts';

const DISKS: readonly DiskUse[] = ['engine', 'record'];

/** Something that the owner of a container should know and that no action says. */
export interface Notice {
  /** The same from cycle to cycle: each notice is reported once, when it begins. */
  readonly key: string;
  readonly reason: Reason;
}

/** What holds now and people should know: `culprit` and `actions` are those of this cycle's plan. */
export function noticesOf(
  context: DecisionContext,
  culprit: Reason | null,
  actions: readonly Action[],
): Notice[] {
  return [
    ...misbehavingServices(context, actions),
    ...unhealthyServices(context, actions),
    ...givenUpFloors(context),
    ...emergencyNotices(context, culprit),
    ...pauses(context),
    ...policyWarnings(context),
    ...fillingDisks(context),
  ];
}

function misbehavingServices(context: DecisionContext, actions: readonly Action[]): Notice[] {
  const { services, classificationOf, history, config } = context;
  return services.flatMap(({ id, name }): Notice[] => {
    const loop = flapping(history.runs.get(id), config);
    const breaches = (classificationOf.get(id)?.breaches ?? []).filter(({ pattern }) => pattern !== 'spin');
    const found = [
      ...breaches.map(({ pattern, because }) => ({ what: pattern as string, because })),
      ...(loop === null ? [] : [{ what: 'restart-loop', because: loop }]),
    ];
    // What is done about it now is told by the action.
    if (actions.some((action) => action.kind !== 'start' && action.id === id)) return [];
    return found.map(({ what, because }) => ({
      key: `service ${id} ${what}`,
      reason: { code: 'service-needs-attention', name, breach: because },
    }));
  });
}

/** Unhealthy services that are not restarted: restart is not allowed, did not help, or most checks fail at once. */
function unhealthyServices(context: DecisionContext, actions: readonly Action[]): Notice[] {
  const together = unhealthyTogether(context);
  const failing = context.services.filter((service) => overdueSeconds(service, context) !== null);
  if (together !== null && failing.length > 0) return [{ key: 'unhealthy together', reason: together }];
  return failing
    .filter(({ id }) => !actions.some((action) => action.kind !== 'start' && action.id === id))
    .map(({ id, name }) => ({
      key: `service ${id} unhealthy`,
      reason: { code: 'service-needs-attention', name, breach: { code: 'unhealthy' } },
    }));
}

/** A pause of the whole host is told by the cycle itself, where it kept it from acting. */
function pauses({ config }: DecisionContext): Notice[] {
  return (config.orders ?? NO_ORDERS).pauses.map(({ targets, until, why }): Notice => {
    const text = [...targets, why].join(', ');
    return { key: `paused ${until} ${text}`, reason: pausedUntil({ until, why: text }) };
  });
}

function givenUpFloors(context: DecisionContext): Notice[] {
  const { config } = context;
  return LEVELS.flatMap((level) =>
    config.quotas[level].images.flatMap((image): Notice[] => {
      const miss = lastMissOf(level, image, context);
      if (config.quotas[level].keep === 0 || miss === null || !isGivenUp(level, image, context)) return [];
      return [{ key: `floor ${level} ${image}`, reason: { code: 'floor-not-filled', image, level, miss } }];
    }),
  );
}

function emergencyNotices(context: DecisionContext, culprit: Reason | null): Notice[] {
  const emergency = memoryEmergency(context);
  if (emergency === null) return [];
  const excluded = context.managed
    .filter(({ id }) => isFutile(context, id))
    .map(({ id, name }): Notice => {
      return { key: `futile ${id}`, reason: { code: 'suspect-excluded', emergency, name } };
    });
  if (culprit === null || !('name' in culprit)) return excluded;
  const reason: Reason = { code: 'culprit-named', emergency, culprit };
  return [{ key: `culprit ${String(culprit.name)}`, reason }, ...excluded];
}

function fillingDisks({ history, now, config }: DecisionContext): Notice[] {
  return DISKS.flatMap((holds): Notice[] => {
    const reason = diskShortage(holds, history, now, config);
    if (reason === null) return [];
    // Told again when it is not only on its way.
    const stage = reason.used >= config.disk.usedPercent ? 'full' : 'filling';
    return [{ key: `disk ${holds} ${stage}`, reason }];
  });
}

function policyWarnings({ policies, now, config }: DecisionContext): Notice[] {
  const nameOf = new Map(now.containers.map(({ id, name }) => [id, name]));
  const labels = [...policies].flatMap(([id, { warnings }]) =>
    warnings.map((warning): Notice => {
      const name = nameOf.get(id) ?? id.slice(0, 12);
      return {
        key: `label ${id} ${JSON.stringify(warning)}`,
        reason: { code: 'policy-warning', name, warning },
      };
    }),
  );
  const entries = manageWarnings(now.containers, config).map(
    (reason): Notice => ({ key: JSON.stringify(reason), reason }),
  );
  return [...labels, ...entries];
}
