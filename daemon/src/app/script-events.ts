import type { Config } from '../model/config.ts';
import { type Action, type ClassCounts, type Decision, LIMIT_OF, type Outcome } from '../model/decision.ts';
import type { ScriptAction, ScriptEvent, ScriptEventName } from '../model/script.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { render } from '../words/language.ts';

/**
 * The events of a cycle that scripts are run on. Actions are reported each time; a state (a quota that is not met, a
 * lost sensor, an open breaker) only when it begins.
 */
export function eventsOf(decision: Decision, before: Decision | null, config: Config): ScriptEvent[] {
  const { outcomes } = decision;
  const done = (kind: string) => outcomes.filter((one) => one.action.kind === kind && one.result === 'done');
  const actions: readonly (readonly [ScriptEventName, readonly Outcome[]])[] = [
    ['removed', done('remove')],
    ['started', done('start')],
    ['throttled', done('throttle')],
    ['released', done('release')],
    [
      'limited',
      outcomes.filter(
        (one) => one.action.kind in LIMIT_OF && one.result === 'done' && one.action.kind !== 'throttle',
      ),
    ],
    ['restarted', done('restart')],
    ['stopped', done('stop')],
    ['emergency', outcomes.filter(({ action: { because } }) => FOR_MEMORY.has(because.code))],
    ['failed', outcomes.filter(({ result }) => result === 'failed')],
  ];
  const states: readonly (readonly [ScriptEventName, (cycle: Decision) => boolean])[] = [
    ['floor-violated', (cycle) => isFloorBroken(cycle, config)],
    ['sensor-lost', isBlind],
    ['breaker-open', isAnyAside],
  ];
  return [
    ...actions.filter(([, list]) => list.length > 0).map(([name, list]) => eventAfter(name, decision, list)),
    ...states
      .filter(([, holds]) => holds(decision) && (before === null || !holds(before)))
      .map(([name]) => eventAfter(name, decision, [])),
  ];
}

/** The event that scripts are asked about before a service is stopped or restarted. */
export function eventBefore(
  action: Extract<Action, { kind: 'stop' | 'restart' }>,
  snapshot: Snapshot,
  counts: ClassCounts,
): ScriptEvent {
  const planned = { ...told(action), result: 'planned', detail: '', detailCode: null, tookMs: 0 } as const;
  return eventFor(`before-${action.kind}`, snapshot, counts, counts, [planned]);
}

/** Reasons of the actions that a memory emergency takes. */
const FOR_MEMORY: ReadonlySet<string> = new Set([
  'evict-for-memory',
  'kill-for-memory',
  'sacrifice-for-memory',
]);

/** Whether a container is set aside because its removal failed three times in a row. */
const isAnyAside = ({ history, snapshot }: Decision): boolean =>
  [...history.removalFailures.values()].some(({ asideUntilNs }) => snapshot.monotonicNs < asideUntilNs);

const isBlind = ({ snapshot }: Decision): boolean => snapshot.faults.some(({ blind }) => blind);

/** Whether a class has fewer containers than its quota. A blind cycle cannot count, so it never says so. */
function isFloorBroken(decision: Decision, { quotas, mode }: Config): boolean {
  const { low, high } = decision.after;
  return mode === 'enforce' && !isBlind(decision) && (low < quotas.low.keep || high < quotas.high.keep);
}

function eventAfter(event: ScriptEventName, decision: Decision, outcomes: readonly Outcome[]): ScriptEvent {
  const { snapshot, before, after } = decision;
  const actions = outcomes.map(({ action, result, detail, tookMs }) => {
    return { ...told(action), result, detail: render(detail, 'en'), detailCode: detail, tookMs };
  });
  return eventFor(event, snapshot, before, after, actions);
}

const told = <A extends Action>(action: A) => ({
  ...action,
  because: render(action.because, 'en'),
  becauseCode: action.because,
});

function eventFor(
  event: ScriptEventName,
  { tick, at, faults, host }: Snapshot,
  before: ClassCounts,
  after: ClassCounts,
  actions: readonly ScriptAction[],
): ScriptEvent {
  return {
    ...{ event, tick, at, actions, before, after },
    faults: faults.map(({ sensor, reason, blind }) => ({
      sensor,
      message: render(reason, 'en'),
      messageCode: reason,
      blind,
    })),
    memory: host === null ? null : { totalKb: host.totalKb, availableKb: host.availableKb },
  };
}
