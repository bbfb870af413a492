import type { Classification, Outcome } from '../model/decision.ts';
import type { FloorStarts, History } from '../model/history.ts';
import type { Level } from '../model/level.ts';
import { repositoryOf, startedForFloor } from '../model/ownership.ts';
import type { Reason } from '../model/reason.ts';
import type { Snapshot } from '../model/snapshot.ts';

const HOUR_NS = 3600e9;
const NONE: FloorStarts = { startedNs: [], misses: 0, failures: 0, lastMiss: null, awaited: new Set() };

export const floorKeyOf = (level: Level, image: string): string => `${level} ${repositoryOf(image)}`;

/**
 * Compares what each awaited start of ours was meant to be with what it became: a container that ended before it had a
 * class, or that got the other class, is a miss; one that reached its class ends the row of misses. Several misses of one
 * cycle are one.
 */
export function followFloorStarts(
  before: History['floorStarts'],
  now: Snapshot,
  classifications: readonly Classification[],
  outcomes: readonly Outcome[],
): History['floorStarts'] {
  const starts = new Map<string, FloorStarts>();
  const sinceNs = now.monotonicNs - HOUR_NS;
  const containers = new Map(now.containers.map((container) => [container.id, container]));
  const levelOf = new Map(classifications.map(({ id, level }) => [id, level]));
  for (const [key, one] of before) {
    const found = [...one.awaited].flatMap((id) => containers.get(id) ?? []);
    const results = found.map((container) => resultOf(container, levelOf.get(container.id)));
    const awaited = new Set(found.filter((_, i) => results[i] === null).map(({ id }) => id));
    const known = { ...one, awaited, startedNs: one.startedNs.filter((ns) => ns >= sinceNs) };
    const miss = results.find((result) => result !== null && result !== 'reached');
    if (results.includes('reached')) starts.set(key, { ...known, misses: 0, lastMiss: null });
    else if (miss) starts.set(key, { ...known, misses: one.misses + 1, lastMiss: miss });
    else starts.set(key, known);
  }
  for (const { action, result, detail, id } of outcomes) {
    if (action.kind !== 'start' || result === 'skipped') continue;
    const key = floorKeyOf(action.level, action.image);
    const known = starts.get(key) ?? NONE;
    const awaited = new Set(id === null ? known.awaited : [...known.awaited, id]);
    const started = { ...known, awaited, startedNs: [...known.startedNs, now.monotonicNs] };
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

/**
 * The engine did not answer: what ends meanwhile may have ended with the engine, so it says nothing about the image.
 */
export const awaitNothing = (before: History['floorStarts']): History['floorStarts'] =>
  new Map([...before].map(([key, one]) => [key, { ...one, awaited: new Set() }]));

/** What a start of ours became; null while that is open. */
function resultOf(
  container: Snapshot['containers'][number],
  level: Classification['level'] | undefined,
): Reason | 'reached' | null {
  const { name, state } = container;
  if (state === 'exited' || state === 'dead') return { code: 'start-ended-at-once', name };
  // Only its first class counts: later it may change for reasons of its own.
  if (level === undefined || level === 'unknown') return null;
  return level === startedForFloor(container) ? 'reached' : { code: 'start-other-class', name, level };
}
