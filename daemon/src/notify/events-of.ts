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
    readonly weighed: Weighed | null;
  }[];
  readonly faults: readonly { readonly sensor: string; readonly message: Reason; readonly blind: boolean }[];
}

/** The place of a container among the candidates, and the one after it; shares are 0 to 1. */
export interface Weighed {
  readonly rank: number;
  readonly chosen: number;
  readonly candidates: number;
  readonly share: number | null;
  readonly next: {
    readonly name: string;
    readonly share: number | null;
    readonly excluded: Reason | null;
  } | null;
}

/** Something that people may be told. */
export interface Happening {
  /** The same for the same thing: it is not told again within a rule's `repeatSeconds`. */
  readonly key: string;
  /** Rules select by any of them; the first says best what it is. */
  readonly events: readonly NotifyEvent[];
  readonly severity: Severity;
  readonly at: number;
  /** Of the container; null where it is about none, or its kind is not known. */
  readonly kind: Kind | null;
  /** It was told when it began and still lasts: only for reminders. */
  readonly isReminder?: true;
  readonly about:
    | { readonly what: 'action'; readonly tick: number; readonly action: RecordedCycle['actions'][number] }
    | { readonly what: 'notice'; readonly reason: Reason }
    | { readonly what: 'death'; readonly name: string; readonly because: Reason }
    | { readonly what: 'blind'; readonly faults: RecordedCycle['faults'] }
    | { readonly what: 'floor'; readonly floor: RecordedCycle['floors'][number] }
    | { readonly what: 'stopped'; readonly seconds: number }
    | { readonly what: 'back' }
    | { readonly what: 'over'; readonly condition: Condition };
}

/** What lasts over cycles, and is told when it begins and when it ends. */
export type Condition = 'blind' | 'floor' | 'breaker' | 'oom';

/** Which event a recorded notice is. A new notice code gets its line here. */
const NOTICES: Readonly<Partial<Record<ReasonCode, readonly [NotifyEvent, Severity]>>> = {
  'culprit-named': ['culprit', 'critical'],
  'suspect-excluded': ['culprit', 'critical'],
  'floor-not-filled': ['floor', 'warning'],
  'service-needs-attention': ['attention', 'warning'],
  'unhealthy-together': ['unhealthy', 'critical'],
  'disk-filling': ['disk', 'critical'],
  'policy-warning': ['attention', 'info'],
  'manage-matches-nothing': ['attention', 'info'],
  'manage-matches-protected': ['attention', 'info'],
};

/** Evidence that is an event of its own. */
const BREACHES: Readonly<Partial<Record<ReasonCode, NotifyEvent>>> = {
  'restart-loop': 'crash-loop',
  unhealthy: 'unhealthy',
  follows: 'unhealthy',
  'disk-filling': 'disk',
};

/** One list of causes in a message is long enough with these. */
const MOST_FAULTS = 10;

/** A container, or a process in it, that the kernel's OOM killer ended. */
export function deathOf(name: string, kind: Kind | null, because: Reason, at: number): Happening {
  const about = { what: 'death', name, because } as const;
  return { key: `death ${name}`, events: ['oom'], severity: 'critical', at, kind, about };
}

/** What happened in one cycle. `active`: the conditions of the cycle before; the new ones are returned. */
export function happeningsOf(
  cycle: RecordedCycle,
  active: readonly Condition[],
): { readonly happenings: Happening[]; readonly active: Condition[] } {
  const found = conditionsOf(cycle);
  const lasting = found.map(({ condition, happening }): Happening => {
    return active.includes(condition) ? { ...happening, isReminder: true } : happening;
  });
  const over = active
    .filter((one) => !found.some(({ condition }) => condition === one))
    .map((condition): Happening => {
      const about = { what: 'over', condition } as const;
      const key = `${condition} over`;
      return { key, events: [condition], severity: 'info', at: cycle.at, kind: null, about };
    });
  return {
    happenings: [...actionsOf(cycle), ...noticesOf(cycle), ...lasting, ...over],
    active: found.map(({ condition }) => condition),
  };
}

function actionsOf({ tick, at, actions }: RecordedCycle): Happening[] {
  return actions
    .filter(({ result }) => result !== 'skipped')
    .map((action): Happening => {
      const { kind, name, containerKind, because, result } = action;
      const special = 'emergency' in because ? 'oom' : eventOfBreach(because);
      return {
        key: `${kind} ${name} ${because.code} ${result}`,
        events: special === undefined ? ['decision'] : [special, 'decision'],
        severity: severityOf(action),
        at,
        kind: containerKind,
        about: { what: 'action', tick, action },
      };
    });
}

function severityOf({ kind, containerKind, because, result }: RecordedCycle['actions'][number]): Severity {
  if (kind === 'kill') return 'critical';
  if (result === 'failed' || 'emergency' in because) return 'warning';
  return kind === 'start' || kind === 'release' || containerKind === 'disposable' ? 'info' : 'warning';
}

const eventOfBreach = (reason: Reason): NotifyEvent | undefined =>
  'breach' in reason ? BREACHES[reason.breach.code] : BREACHES[reason.code];

function noticesOf({ at, faults }: RecordedCycle): Happening[] {
  return faults.flatMap(({ sensor, message }): Happening[] => {
    const found = NOTICES[message.code];
    if (sensor !== 'policy' || found === undefined) return [];
    const [event, severity] = found;
    return [
      {
        key: JSON.stringify(message, (_, value) => (typeof value === 'number' ? undefined : value)),
        events: [eventOfBreach(message) ?? event],
        severity,
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
      happening: { key: condition, events: [condition], severity, at, kind: null, about },
    });
  const blind = faults.filter((fault) => fault.blind);
  if (blind.length > 0) add('blind', 'critical', { what: 'blind', faults: blind.slice(0, MOST_FAULTS) });
  // In mode observe no floor is filled; a blind sensor does not show how many run.
  const short = floors.find(({ running, keep }) => running < keep);
  if (short !== undefined && because?.code !== 'mode-observe' && blind.length === 0)
    add('floor', 'warning', { what: 'floor', floor: short });
  if (because?.code === 'set-aside') add('breaker', 'warning', { what: 'notice', reason: because });
  // The cycle held although memory is short: nothing can be removed or killed.
  if (because !== null && 'emergency' in because) add('oom', 'critical', { what: 'notice', reason: because });
  return found;
}
