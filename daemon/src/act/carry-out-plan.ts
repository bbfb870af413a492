import {
  type Action,
  type Classification,
  type Level,
  LIMIT_OF,
  type Outcome,
  type Plan,
} from '../model/decision.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import { waitingReplicas } from '../policy/replicas.ts';
import { policyOf } from '../policy/resolve-policy.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import type { ActionContext, ActionResult } from './action-context.ts';
import { killProcesses } from './kill-processes.ts';
import { limitContainer } from './limit-container.ts';
import { type Rechecked, recheckTargets } from './recheck.ts';
import { removeContainer } from './remove-container.ts';
import { restartContainer, stopContainer } from './restart-container.ts';
import { startContainer } from './start-container.ts';
import { untilUrgent } from './until-urgent.ts';

/** Starting is work for the engine: with more at once each start only takes longer. */
const STARTS_AT_ONCE = 5;

/**
 * Carries out a plan, each action after a recheck of its target; starts run beside the removals. A container that is
 * replaced is removed once its successor runs, except in an emergency. Never throws: an error becomes an outcome.
 * `urgent` aborts when memory runs out: then only the actions that the engine has begun are completed.
 */
export async function carryOutPlan(
  given: ActionContext,
  plan: Plan,
  snapshot: Snapshot,
  classifications: readonly Classification[],
  urgent: AbortSignal = new AbortController().signal,
): Promise<readonly Outcome[]> {
  if (plan.kind === 'hold') return [];
  const context = { ...given, engine: untilUrgent(given.engine, urgent) };
  const { mode } = context.config;
  // Limits of ours are lifted whatever the mode: leaving `enforce` must leave nothing behind.
  const isOnlyPlanned = ({ kind }: Action) => mode !== 'enforce' && kind !== 'release';
  const planned = plan.actions
    .filter(isOnlyPlanned)
    .map((action) =>
      outcome(action, { result: 'skipped', detail: { code: 'only-planned', mode }, id: idOf(action) }, 0),
    );
  const meant = plan.actions.filter((action) => !isOnlyPlanned(action));
  const waiting = waitingReplicas(meant, snapshot.containers, {
    kindOf: (id) => {
      const seen = snapshot.containers.find((container) => container.id === id);
      return seen && policyOf(seen, context.config).kind;
    },
  });
  for (const [action, first] of waiting)
    planned.push(
      outcome(action, { result: 'skipped', detail: { code: 'one-at-a-time', first }, id: idOf(action) }, 0),
    );
  const actions = meant.filter((action) => !waiting.has(action));
  const { atOnce } = context.config.act;
  const kills = actions.filter((action) => action.kind === 'kill');
  const removals = actions.filter((action) => action.kind === 'remove');
  const restarts = actions.filter((action) => action.kind === 'restart' || action.kind === 'stop');
  const starts = actions.filter((action) => action.kind === 'start');
  const each = <A extends Action>(
    actions: readonly A[],
    size: number,
    perform: (action: A) => Promise<ActionResult>,
  ) =>
    inBatches(actions, size, async (batch) =>
      batch.map((action) => timed(context, action, () => perform(action), urgent)),
    );
  /** Removals requested so far, whatever the engine answered: it may still be working on them. */
  const requested = new Set<ContainerId>();
  /** `successors`: the starts that replace removed containers: all planned ones first, the successful ones afterwards. */
  const remove = (targets: readonly Removal[], successors: readonly Start[]) =>
    inBatches(targets, atOnce, async (batch) => {
      // Rechecked before each batch: the one before may have waited for a whole grace period (act.stopSeconds).
      const remaining = classifications.filter(({ id }) => !requested.has(id));
      const recheck = recheckTargets(context, batch, countByLevel(successors), remaining);
      // If memory runs out meanwhile, the recheck is not awaited: `timed` then skips every removal of the batch.
      const rechecked = await Promise.race([recheck, whenAborted(urgent, NONE)]);
      for (const { id } of batch) if (!rechecked.excluded.has(id)) requested.add(id);
      return batch.map((action) =>
        timed(context, action, () => removeUnless(rechecked, context, action, snapshot), urgent),
      );
    });

  const cgroupOf = (id: ContainerId) =>
    snapshot.containers.find((container) => container.id === id)?.usage?.cgroup ?? null;
  const killed =
    kills.length === 0 ? [] : await each(kills, atOnce, (kill) => killProcesses(given, kill, snapshot));
  // In an emergency the start waits for the kill. Otherwise a floor is filled while the surplus takes its time to stop.
  const isUrgent = removals.some(({ urgency }) => urgency === 'now');
  const start = () => each(starts, STARTS_AT_ONCE, (action) => startContainer(context, action));
  const starting = isUrgent ? null : start();
  const removed = await remove(removals.filter(runsBeforeStarts), starts);
  const limited = await each(actions.filter(isLimit), atOnce, (limit) =>
    limitContainer(context, limit, cgroupOf(limit.id)),
  );
  const restarted = await each(restarts, atOnce, async (action) => {
    // Asked before the recheck, which then sees what happened meanwhile.
    const script = (await context.ask?.(action, snapshot, urgent)) ?? null;
    if (script !== null) return { result: 'skipped', detail: { code: 'vetoed', script }, id: action.id };
    return action.kind === 'stop' ? stopContainer(context, action) : restartContainer(context, action);
  });
  const started = await (starting ?? start());
  const running = starts.filter((_, i) => started[i]?.result === 'done');
  const replaced = await remove(
    removals.filter((removal) => !runsBeforeStarts(removal)),
    running,
  );
  return [...planned, ...killed, ...removed, ...limited, ...restarted, ...started, ...replaced];
}

async function removeUnless(
  { excluded, stopSeconds }: Rechecked,
  context: ActionContext,
  removal: Removal,
  { containers }: Snapshot,
): Promise<ActionResult> {
  const why = excluded.get(removal.id);
  if (why !== undefined) return { result: 'skipped', detail: why, id: removal.id };
  const seen = containers.find(({ id }) => id === removal.id);
  const ownStopSeconds = stopSeconds.get(removal.id) ?? null;
  return removeContainer(context, removal, seen?.usage?.cgroup ?? null, ownStopSeconds);
}

/** Not a replacement, or so urgent that it cannot wait for its replacement. */
const runsBeforeStarts = ({ isReplaced, urgency }: Removal): boolean => !isReplaced || urgency === 'now';

type Removal = Extract<Action, { kind: 'remove' }>;
type Start = Extract<Action, { kind: 'start' }>;

function countByLevel(starts: readonly Start[]): Record<Level, number> {
  const count = { low: 0, high: 0 };
  for (const { level } of starts) count[level] += 1;
  return count;
}

const NONE: Rechecked = { excluded: new Map(), stopSeconds: new Map() };

/**
 * Performs one action and times it. When memory runs out it returns at once, as preempted; the engine completes what it
 * has begun.
 */
async function timed(
  context: ActionContext,
  action: Action,
  perform: () => Promise<ActionResult>,
  urgent: AbortSignal,
): Promise<Outcome> {
  const began = context.clock.monotonicNs();
  const tookMs = () => (context.clock.monotonicNs() - began) / 1e6;
  const preempted: ActionResult = { result: 'skipped', detail: { code: 'preempted' }, id: idOf(action) };
  if (urgent.aborted) return outcome(action, preempted, tookMs());
  try {
    const done = await Promise.race([perform(), whenAborted(urgent, preempted)]);
    return outcome(action, done, tookMs());
  } catch (error) {
    const detail = reasonOf(error);
    return outcome(action, { result: 'failed', detail, id: idOf(action) }, tookMs());
  }
}

function whenAborted<T>(signal: AbortSignal, value: T): Promise<T> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(value);
    signal.addEventListener('abort', () => resolve(value), { once: true });
  });
}

function outcome(action: Action, result: ActionResult, tookMs: number): Outcome {
  return { action, ...result, tookMs };
}

type LimitAction = Parameters<typeof limitContainer>[1];
const isLimit = (action: Action): action is LimitAction =>
  action.kind === 'release' || action.kind in LIMIT_OF;

const idOf = (action: Action) => (action.kind === 'start' ? null : action.id);

async function inBatches<T, R>(
  items: readonly T[],
  size: number,
  begin: (batch: readonly T[]) => Promise<readonly Promise<R>[]>,
): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += size) {
    results.push(...(await Promise.all(await begin(items.slice(i, i + size)))));
  }
  return results;
}
