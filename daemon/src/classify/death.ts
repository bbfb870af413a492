import type { EngineEvent, OomEvidence, OurAct } from '../model/engine-event.ts';
import type { Reason } from '../model/reason.ts';
import type { Millis } from '../model/units.ts';

/** What is known about one event, to judge it by. */
export interface Circumstances {
  /** Events of the same container, in any order; those of other times do no harm. */
  readonly events: readonly EngineEvent[];
  /** The same event's evidence, and that of the `oom` beside it. */
  readonly evidence: readonly OomEvidence[];
  /** Our actions that end this container. */
  readonly ours: readonly OurAct[];
  /** Whether the engine told of an `oom` of another container that the kernel's counters may stand for. */
  readonly isAnotherOom: boolean;
}

/** An `oom` belongs to the `die` of this long before or after it: the engine tells them in either order. */
export const OOM_NEAR_MS: Millis = 5000;
/** The end of a killed process takes long while the host has no memory; only the kernel sent it SIGKILL. */
export const KILLED_WITHIN_MS: Millis = 60_000;
/** The engine tells `stop` right after the `die` that it caused. */
const STOP_NEAR_MS: Millis = 2000;
/** The longest stop timeout that is waited for after a signal that asks to end. */
const ASKED_WITHIN_MS: Millis = 60_000;
/** Ours lasts as long: its own stop timeout may be long. */
const OURS_WITHIN_MS: Millis = 120_000;

const SIGKILL = 9;
/** SIGINT, SIGQUIT, SIGTERM: they ask a program to end, whatever code it then ends with. */
const ASKING: readonly number[] = [2, 3, 15];
/** The code of a process that a signal ended is 128 + the signal; above 64 there is none. */
const signalOf = (exitCode: number | null): number | null =>
  exitCode !== null && exitCode > 128 && exitCode <= 192 ? exitCode - 128 : null;

/**
 * Who or what ended a container: we, the kernel for want of memory, its owner, or itself. The order is that of the
 * certainty: our own act is on record, the kernel counts its kills, an owner's wish arrives as an event, and what is left
 * was the container itself.
 */
export function judgeDeath(die: EngineEvent, known: Circumstances): Reason {
  const { exitCode } = die;
  const began = beganAt(die, known.events);
  const run = known.events.filter(({ id, at }) => id === die.id && at >= began);
  const ours = known.ours.find(({ at }) => at >= began && at <= die.at && die.at - at <= OURS_WITHIN_MS);
  if (ours !== undefined) return { code: 'ended-by-us', kind: ours.kind, tick: ours.tick };
  const isAsked = isOwners(die, run);
  const isOom = run.some((one) => one.kind === 'oom' && isOomOf(one, die));
  // A container that its owner stops may hit its limit on the way: without SIGKILL's code, the wish was first.
  if (isOom && (!isAsked || signalOf(exitCode) === SIGKILL) && !wasKilled(die, run))
    return oomReason(known.evidence, true, true);
  if (isAsked) return { code: 'ended-by-owner', exit: exitCode };
  const signal = signalOf(exitCode);
  if (signal === SIGKILL && isSilentOom(known)) return oomReason(known.evidence, false, true);
  if (signal !== null) return { code: 'died-of-signal', signal };
  return exitCode === 0 ? { code: 'ended-by-itself-well' } : { code: 'crashed', exit: exitCode };
}

/** Of an `oom` that no death followed: the kernel killed a process inside, and the container lives. */
export const judgeOom = (known: Pick<Circumstances, 'evidence'>): Reason =>
  oomReason(known.evidence, true, false);

/** The death of this `oom`, which then says what there is to say; null where the container lived on. */
export const deathOf = (oom: EngineEvent, events: readonly EngineEvent[]): EngineEvent | null =>
  events.find((one) => one.kind === 'die' && isOomOf(oom, one)) ?? null;

/** Whether this `oom` may be the cause of that death. */
export function isOomOf(oom: EngineEvent, die: EngineEvent): boolean {
  const laterMs = die.at - oom.at;
  const withinMs = signalOf(die.exitCode) === SIGKILL ? KILLED_WITHIN_MS : OOM_NEAR_MS;
  return oom.id === die.id && laterMs >= -OOM_NEAR_MS && laterMs <= withinMs;
}

/** When the run that ended was started; 0 where that was before anything was told. */
const beganAt = (die: EngineEvent, events: readonly EngineEvent[]): Millis =>
  events
    .filter(({ kind, id, at }) => kind === 'start' && id === die.id && at <= die.at)
    .reduce((latest, { at }) => Math.max(latest, at), 0);

/** Through the engine: `docker stop`, `restart`, `kill` and `rm --force` all leave a `kill` or a `stop`. */
function isOwners(die: EngineEvent, run: readonly EngineEvent[]): boolean {
  return (
    wasKilled(die, run) ||
    run.some(({ kind, at }) => kind === 'stop' && Math.abs(at - die.at) <= STOP_NEAR_MS) ||
    run.some(
      ({ kind, signal, at }) =>
        kind === 'kill' &&
        at <= die.at &&
        signal !== null &&
        (signal === signalOf(die.exitCode) || (ASKING.includes(signal) && die.at - at <= ASKED_WITHIN_MS)),
    )
  );
}

const wasKilled = (die: EngineEvent, run: readonly EngineEvent[]): boolean =>
  run.some(({ kind, signal, at }) => kind === 'kill' && signal === SIGKILL && at <= die.at);

/** cgroup v1 tells of an `oom` only at a container's own limit, and an engine may tell of none at all. */
const isSilentOom = ({ evidence, isAnotherOom }: Circumstances): boolean =>
  evidence.some(({ ownHits, hostKills }) => (ownHits ?? 0) > 0 || (!isAnotherOom && (hostKills ?? 0) > 0));

type Scope = 'own' | 'host' | 'unclear';

/** `isTold`: the engine told of an `oom` of this container. */
function oomReason(evidence: readonly OomEvidence[], isTold: boolean, died: boolean): Reason {
  const limit = mib(evidence.find(({ limitKb }) => limitKb !== null)?.limitKb ?? null);
  const scope = scopeOf(evidence, isTold);
  if (scope === 'own') return { code: 'oom-own-limit', limitMib: limit, died };
  if (scope === 'unclear') return { code: 'oom-unclear', limitMib: limit, died };
  const at = evidence.find(({ held }) => held.length > 0) ?? evidence[0];
  const held = (at?.held ?? []).map(({ name, kb }) => ({ name, mib: Math.round(kb / 1024) }));
  return { code: 'oom-host', availableMib: mib(at?.availableKb ?? null), held, died };
}

/**
 * Whose memory was at its end. The container's own counter is the best witness, then that of the cgroup around it. On v1
 * nothing counts these, but an `oom` is told only of a container at its own limit.
 */
function scopeOf(evidence: readonly OomEvidence[], isTold: boolean): Scope {
  const moved = (read: (one: OomEvidence) => number | null) => evidence.some((one) => (read(one) ?? 0) > 0);
  if (moved(({ ownHits }) => ownHits) || moved(({ aroundHits }) => aroundHits)) return 'own';
  const isV1 = evidence.some(({ cgroupVersion }) => cgroupVersion === 1);
  if (isV1 && isTold) return 'own';
  const isCounted =
    isV1 || evidence.some(({ ownHits, aroundHits }) => ownHits !== null || aroundHits !== null);
  return isCounted && moved(({ hostKills }) => hostKills) ? 'host' : 'unclear';
}

const mib = (kb: number | null): number | null => (kb === null ? null : Math.round(kb / 1024));
