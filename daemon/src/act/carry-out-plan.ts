import {
  type Action,
  type Classification,
  LEFT_ALONE,
  type Level,
  ONLY_PLANNED,
  type Outcome,
  type Plan,
} from '../model/decision.ts';
import { errorMessage } from '../model/error-message.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import type { ActionContext, ActionResult } from './context.ts';
import { limitContainer } from './limit-container.ts';
import { recheckTargets } from './recheck.ts';
import { removeContainer } from './remove-container.ts';
import { restartContainer } from './restart-container.ts';
import { startContainer } from './start-container.ts';
import { untilUrgent } from './until-urgent.ts';

/** A start is work for the engine, not waiting: many more at once only make each of them slower. */
const STARTS_AT_ONCE = 5;

/**
 * Carries out a plan, removals first, each after a second look; who is replaced goes when its successor runs, unless memory
 * runs out. Never throws: what goes wrong is an outcome.
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
  if (context.config.mode !== 'enforce') {
    return plan.actions.map((action) =>
      outcome(
        action,
        { result: 'skipped', detail: `${ONLY_PLANNED}${context.config.mode}`, id: idOf(action) },
        0,
      ),
    );
  }
  const { atOnce } = context.config.act;
  const removals = plan.actions.filter((action) => action.kind === 'remove');
  const restarts = plan.actions.filter((action) => action.kind === 'restart');
  const starts = plan.actions.filter((action) => action.kind === 'start');
  const each = <A extends Action>(
    actions: readonly A[],
    size: number,
    deed: (action: A) => Promise<ActionResult>,
  ) =>
    inBatches(actions, size, async (batch) =>
      batch.map((action) => timed(context, action, () => deed(action), urgent)),
    );
  /** Told to go, whatever the engine answered: it may still be at it. */
  const struck = new Set<ContainerId>();
  /** `successors`: what was, or is to be, started. */
  const strike = (targets: readonly Removal[], successors: readonly Start[]) =>
    inBatches(targets, atOnce, async (batch) => {
      // Before each batch: the one before it may have taken its ten seconds.
      const remaining = classifications.filter(({ id }) => !struck.has(id));
      const looked = recheckTargets(context, batch, countByLevel(successors), remaining);
      // An alarm does not wait for the engine's answers; what is left alone then needs none.
      const spared = await Promise.race([looked, aborted(urgent, NOBODY)]);
      for (const { id } of batch) if (!spared.has(id)) struck.add(id);
      return batch.map((action) =>
        timed(context, action, () => removeUnless(spared, context, action, snapshot), urgent),
      );
    });

  const removed = await strike(removals.filter(isFirst), starts);
  const limited = await each(plan.actions.filter(isLimit), atOnce, (limit) => limitContainer(context, limit));
  const restarted = await each(restarts, atOnce, (restart) => restartContainer(context, restart));
  const started = await each(starts, STARTS_AT_ONCE, (start) => startContainer(context, start));
  const running = starts.filter((_, i) => started[i]?.result === 'done');
  const replaced = await strike(
    removals.filter((removal) => !isFirst(removal)),
    running,
  );
  return [...removed, ...limited, ...restarted, ...started, ...replaced];
}

async function removeUnless(
  spared: ReadonlyMap<ContainerId, string>,
  context: ActionContext,
  removal: Removal,
  { containers }: Snapshot,
): Promise<ActionResult> {
  const why = spared.get(removal.id);
  if (why !== undefined) return { result: 'skipped', detail: why, id: removal.id };
  const seen = containers.find(({ id }) => id === removal.id);
  return removeContainer(context, removal, seen?.usage?.cgroup ?? null);
}

/** Nobody waits for a successor of it. */
const isFirst = ({ isReplaced, urgency }: Removal): boolean => !isReplaced || urgency === 'now';

type Removal = Extract<Action, { kind: 'remove' }>;
type Start = Extract<Action, { kind: 'start' }>;

function countByLevel(starts: readonly Start[]): Record<Level, number> {
  const count = { low: 0, high: 0 };
  for (const { level } of starts) count[level] += 1;
  return count;
}

const NOBODY: ReadonlyMap<ContainerId, string> = new Map();

/** One deed, timed. When memory runs out meanwhile nobody waits for it: the engine ends what it has begun, and no more. */
async function timed(
  context: ActionContext,
  action: Action,
  deed: () => Promise<ActionResult>,
  urgent: AbortSignal,
): Promise<Outcome> {
  const began = context.clock.monotonicNs();
  const tookMs = () => (context.clock.monotonicNs() - began) / 1e6;
  const left: ActionResult = { result: 'skipped', detail: LEFT_ALONE, id: idOf(action) };
  if (urgent.aborted) return outcome(action, left, tookMs());
  try {
    const done = await Promise.race([deed(), aborted(urgent, left)]);
    return outcome(action, done, tookMs());
  } catch (error) {
    const detail = errorMessage(error);
    return outcome(action, { result: 'failed', detail, id: idOf(action) }, tookMs());
  }
}

function aborted<T>(signal: AbortSignal, value: T): Promise<T> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(value);
    signal.addEventListener('abort', () => resolve(value), { once: true });
  });
}

function outcome(action: Action, deed: ActionResult, tookMs: number): Outcome {
  return { action, ...deed, tookMs };
}

const isLimit = (action: Action): action is Extract<Action, { kind: 'throttle' | 'release' }> =>
  action.kind === 'throttle' || action.kind === 'release';

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
