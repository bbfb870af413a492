import type { Classification, Outcome } from '../model/decision.ts';
import type { FloorStarts, History } from '../model/history.ts';
import type { Level } from '../model/level.ts';
import { repositoryOf, startedForFloor } from '../model/ownership.ts';
import type { Reason } from '../model/reason.ts';
import type { Snapshot } from '../model/snapshot.ts';

const HOUR_NS = 3600e9;
const NONE: FloorStarts = { startedNs: [], misses: 0, failures: 0, lastMiss: null, missed: new Set() };

export const floorKeyOf = (level: Level, image: string): string => `${level} ${repositoryOf(image)}`;

/**
 * Compares what each start of ours was meant to be with what it became: a container that ended before it had a class,
 * or that got the other class, is a miss; one that reached its class ends the row of misses.
 */
export function followFloorStarts(
  before: History['floorStarts'],
  now: Snapshot,
  classifications: readonly Classification[],
  outcomes: readonly Outcome[],
  history: History,
): History['floorStarts'] {
  const starts = new Map(before);
  const sinceNs = now.monotonicNs - HOUR_NS;
  for (const [key, one] of starts)
    starts.set(key, { ...one, startedNs: one.startedNs.filter((ns) => ns >= sinceNs) });
  const levelOf = new Map(classifications.map(({ id, level }) => [id, level]));
  for (const container of now.containers) {
    const wanted = startedForFloor(container);
    if (wanted === null) continue;
    const key = floorKeyOf(wanted, container.image);
    const known = starts.get(key) ?? NONE;
    const miss = missOf(container, wanted, levelOf.get(container.id), history);
    if (miss === 'reached') starts.set(key, { ...known, misses: 0, lastMiss: null, missed: new Set() });
    else if (miss !== null && !known.missed.has(container.id))
      starts.set(key, {
        ...known,
        misses: known.misses + 1,
        lastMiss: miss,
        missed: new Set([...known.missed, container.id]),
      });
  }
  for (const { action, result, detail } of outcomes) {
    if (action.kind !== 'start' || result === 'skipped') continue;
    const key = floorKeyOf(action.level, action.image);
    const known = starts.get(key) ?? NONE;
    const started = { ...known, startedNs: [...known.startedNs, now.monotonicNs] };
    const miss: Reason = { code: 'start-failed', error: detail };
    // Several starts of one cycle that fail together are one failure.
    const failures = (before.get(key)?.failures ?? 0) + 1;
    starts.set(
      key,
      result === 'done' ? { ...started, failures: 0 } : { ...started, failures, lastMiss: miss },
    );
  }
  return starts;
}

function missOf(
  { id, name, state }: Snapshot['containers'][number],
  wanted: Level,
  level: Classification['level'] | undefined,
  history: History,
): Reason | 'reached' | null {
  const before = history.containers.get(id)?.level ?? 'unknown';
  if (state === 'exited' || state === 'dead')
    return before === 'unknown' ? { code: 'start-ended-at-once', name } : null;
  // Only its first class counts: later it may change for reasons of its own.
  if (before !== 'unknown' || level === undefined || level === 'unknown') return null;
  return level === wanted ? 'reached' : { code: 'start-other-class', name, level };
}
