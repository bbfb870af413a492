import type { Kind } from '../model/container-policy.ts';
import type { NotifyEvent, Severity } from '../model/notification.ts';
import type { Reason, ReasonCode } from '../model/reason.ts';

/** One recorded cycle, as far as people are told about it; times are epoch seconds. */
export interface RecordedCycle {
  readonly tick: number;
  readonly at: number;
  /** Why it held; null when it acted. */
  readonly because: Reason | null;
  readonly floors: readonly {
    readonly level: 'low' | 'high';
    readonly running: number;
    readonly keep: number;
  }[];
  readonly actions: readonly {
    readonly kind: string;
    readonly name: string;
    readonly containerKind: Kind | null;
    readonly because: Reason;
    readonly result: string;
    readonly detail: Reason;
    readonly weighed: { readonly rank: number; readonly chosen: number; readonly next: string | null } | null;
  }[];
  readonly faults: readonly { readonly sensor: string; readonly message: Reason; readonly blind: boolean }[];
}

/** Something that people may be told. */
export interface Happening {
  /** The same for the same thing: it is not told again within a rule's `repeatSeconds`. */
  readonly key: string;
  readonly event: NotifyEvent;
  readonly severity: Severity;
  readonly at: number;
  /** Of the container; null where it is about none, or its kind is not known. */
  readonly kind: Kind | null;
  readonly about:
    | { readonly what: 'action'; readonly tick: number; readonly action: RecordedCycle['actions'][number] }
    | { readonly what: 'notice'; readonly reason: Reason }
    | { readonly what: 'blind'; readonly faults: RecordedCycle['faults'] }
    | { readonly what: 'floor'; readonly floor: RecordedCycle['floors'][number] }
    | { readonly what: 'stopped'; readonly seconds: number }
    | { readonly what: 'back' }
    | { readonly what: 'over'; readonly condition: Condition };
}

/** What lasts over cycles, and is told when it begins and when it ends. */
export type Condition = 'blind' | 'floor' | 'breaker';

/** Which event a recorded notice is. A new notice code gets its line here. */
const NOTICES: Readonly<Partial<Record<ReasonCode, readonly [NotifyEvent, Severity]>>> = {
  'culprit-named': ['culprit', 'critical'],
  'suspect-excluded': ['culprit', 'critical'],
  'floor-not-filled': ['floor', 'warning'],
  'service-needs-attention': ['attention', 'warning'],
};

/** What happened in one cycle. `active`: the conditions of the cycle before; the new ones are returned. */
export function happeningsOf(
  cycle: RecordedCycle,
  active: readonly Condition[],
): { readonly happenings: Happening[]; readonly active: Condition[] } {
  const found = conditionsOf(cycle);
  const begun = found
    .filter(({ condition }) => !active.includes(condition))
    .map(({ happening }) => happening);
  const over = active
    .filter((one) => !found.some(({ condition }) => condition === one))
    .map((condition): Happening => {
      const about = { what: 'over', condition } as const;
      return {
        key: `${condition} over`,
        event: condition,
        severity: 'info',
        at: cycle.at,
        kind: null,
        about,
      };
    });
  return {
    happenings: [...actionsOf(cycle), ...noticesOf(cycle), ...begun, ...over],
    active: found.map(({ condition }) => condition),
  };
}

function actionsOf({ tick, at, actions }: RecordedCycle): Happening[] {
  return actions
    .filter(({ result }) => result !== 'skipped')
    .map((action): Happening => {
      const { kind, name, containerKind, because, result } = action;
      const isLoop = 'breach' in because && because.breach.code === 'restart-loop';
      return {
        key: `${kind} ${name} ${result}`,
        event: isLoop ? 'crash-loop' : 'decision',
        severity: severityOf(kind, containerKind, result),
        at,
        kind: containerKind,
        about: { what: 'action', tick, action },
      };
    });
}

function severityOf(action: string, kind: Kind | null, result: string): Severity {
  if (result === 'failed') return 'warning';
  if (action === 'start' || action === 'release' || kind === 'disposable') return 'info';
  return action === 'kill' ? 'critical' : 'warning';
}

function noticesOf({ at, faults }: RecordedCycle): Happening[] {
  return faults.flatMap(({ sensor, message }): Happening[] => {
    const found = NOTICES[message.code];
    if (sensor !== 'policy' || found === undefined) return [];
    const isLoop = message.code === 'service-needs-attention' && message.breach.code === 'restart-loop';
    return [
      {
        key: JSON.stringify(message, (_, value) => (typeof value === 'number' ? undefined : value)),
        event: isLoop ? 'crash-loop' : found[0],
        severity: found[1],
        at,
        kind: message.code === 'service-needs-attention' ? 'service' : null,
        about: { what: 'notice', reason: message },
      },
    ];
  });
}

function conditionsOf({ at, because, floors, faults }: RecordedCycle) {
  const found: { condition: Condition; happening: Happening }[] = [];
  const add = (condition: Condition, severity: Severity, about: Happening['about']) =>
    found.push({
      condition,
      happening: { key: condition, event: condition, severity, at, kind: null, about },
    });
  const blind = faults.filter((fault) => fault.blind);
  if (blind.length > 0) add('blind', 'critical', { what: 'blind', faults: blind });
  // Looking on, no floor is filled; blind, nothing is known of it.
  const short = floors.find(({ running, keep }) => running < keep);
  if (short !== undefined && because?.code !== 'mode-observe' && blind.length === 0)
    add('floor', 'warning', { what: 'floor', floor: short });
  if (because?.code === 'set-aside') add('breaker', 'warning', { what: 'notice', reason: because });
  return found;
}
