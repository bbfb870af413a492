import {
  type Action,
  LEFT_ALONE,
  type Level,
  ONLY_PLANNED,
  type Outcome,
  type Plan,
  type Verdict,
} from '../model/decision.ts';
import { messageOf } from '../model/message.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ContainerId } from '../model/units.ts';
import type { Deed, Hands } from './hands.ts';
import { limitContainer } from './limit-container.ts';
import { lookAgain } from './look-again.ts';
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
export async function act(
  given: Hands,
  plan: Plan,
  snapshot: Snapshot,
  verdicts: readonly Verdict[],
  urgent: AbortSignal = new AbortController().signal,
): Promise<readonly Outcome[]> {
  if (plan.kind === 'hold') return [];
  const hands = { ...given, engine: untilUrgent(given.engine, urgent) };
  if (hands.config.mode !== 'enforce') {
    return plan.actions.map((action) =>
      outcome(
        action,
        { result: 'skipped', detail: `${ONLY_PLANNED}${hands.config.mode}`, id: idOf(action) },
        0,
      ),
    );
  }
  const { atOnce } = hands.config.act;
  const removals = plan.actions.filter((action) => action.kind === 'remove');
  const restarts = plan.actions.filter((action) => action.kind === 'restart');
  const starts = plan.actions.filter((action) => action.kind === 'start');
  const each = <A extends Action>(actions: readonly A[], size: number, deed: (action: A) => Promise<Deed>) =>
    inBatches(actions, size, async (batch) =>
      batch.map((action) => timed(hands, action, () => deed(action), urgent)),
    );
  /** Told to go, whatever the engine answered: it may still be at it. */
  const struck = new Set<ContainerId>();
  /** `successors`: what was, or is to be, started. */
  const strike = (targets: readonly Removal[], successors: readonly Start[]) =>
    inBatches(targets, atOnce, async (batch) => {
      // Before each batch: the one before it may have taken its ten seconds.
      const standing = verdicts.filter(({ id }) => !struck.has(id));
      const looked = lookAgain(hands, batch, countByLevel(successors), standing);
      // An alarm does not wait for the engine's answers; what is left alone then needs none.
      const spared = await Promise.race([looked, aborted(urgent, NOBODY)]);
      for (const { id } of batch) if (!spared.has(id)) struck.add(id);
      return batch.map((action) =>
        timed(hands, action, () => removeUnless(spared, hands, action, snapshot), urgent),
      );
    });

  const removed = await strike(removals.filter(isFirst), starts);
  const limited = await each(plan.actions.filter(isLimit), atOnce, (limit) => limitContainer(hands, limit));
  const restarted = await each(restarts, atOnce, (restart) => restartContainer(hands, restart));
  const started = await each(starts, STARTS_AT_ONCE, (start) => startContainer(hands, start));
  const running = starts.filter((_, i) => started[i]?.result === 'done');
  const replaced = await strike(
    removals.filter((removal) => !isFirst(removal)),
    running,
  );
  return [...removed, ...limited, ...restarted, ...started, ...replaced];
}

async function removeUnless(
  spared: ReadonlyMap<ContainerId, string>,
  hands: Hands,
  removal: Removal,
  { containers }: Snapshot,
): Promise<Deed> {
  const why = spared.get(removal.id);
  if (why !== undefined) return { result: 'skipped', detail: why, id: removal.id };
  const seen = containers.find(({ id }) => id === removal.id);
  return removeContainer(hands, removal, seen?.usage?.cgroup ?? null);
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
  hands: Hands,
  action: Action,
  deed: () => Promise<Deed>,
  urgent: AbortSignal,
): Promise<Outcome> {
  const began = hands.clock.monotonicNs();
  const tookMs = () => (hands.clock.monotonicNs() - began) / 1e6;
  const left: Deed = { result: 'skipped', detail: LEFT_ALONE, id: idOf(action) };
  if (urgent.aborted) return outcome(action, left, tookMs());
  try {
    const done = await Promise.race([deed(), aborted(urgent, left)]);
    return outcome(action, done, tookMs());
  } catch (error) {
    const detail = messageOf(error);
    return outcome(action, { result: 'failed', detail, id: idOf(action) }, tookMs());
  }
}

function aborted<T>(signal: AbortSignal, value: T): Promise<T> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(value);
    signal.addEventListener('abort', () => resolve(value), { once: true });
  });
}

function outcome(action: Action, deed: Deed, tookMs: number): Outcome {
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
