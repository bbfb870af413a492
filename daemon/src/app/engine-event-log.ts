import type { DatabaseSync } from 'node:sqlite';
import { deathOf, isOomOf, judgeDeath, judgeOom, KILLED_WITHIN_MS, OOM_NEAR_MS } from '../classify/death.ts';
import type { EngineEvent, OomEvidence, OurAct } from '../model/engine-event.ts';
import { errorMessage } from '../model/error-message.ts';
import type { Reason } from '../model/reason.ts';
import type { ContainerId, KiB, Millis } from '../model/units.ts';
import { withoutWaiting } from '../record/database.ts';
import { type JudgedEvent, newestRecorded, readOurActs, saveEngineEvents } from '../record/engine-events.ts';
import type { OomWitness } from '../sense/oom-witness.ts';

/** How long an event waits for what the engine tells with it: an `oom` beside a `die`, the `stop` after it. */
const SETTLE_MS: Millis = 2000;
/** How long an `oom` waits for the end of its container. */
const DEATH_MS: Millis = 15_000;
/** An event that comes later says nothing about the counters of now. */
const FRESH_MS: Millis = 30_000;
/** Told again after a restart of the daemon, so that an end is judged with the stop before it. */
const OVERLAP_SECONDS = 60;
/** Events that are remembered to judge later ones by. */
const MOST_REMEMBERED = 1000;
/** Events that may wait to be recorded. */
const MOST_WAITING = 500;
/** Our acts are remembered for as long as an end may be theirs. */
const ACTS_MS: Millis = 180_000;

/** Another program may write for a moment; after so many attempts it is told. */
const TOLD_FAILURES = 3;

interface Told {
  readonly event: EngineEvent;
  readonly receivedAt: Millis;
  readonly evidence: OomEvidence | null;
}

interface Surroundings {
  readonly now: () => Millis;
  /** Asked for each use: a damaged file is replaced. */
  readonly db: () => DatabaseSync;
  readonly witness: Pick<OomWitness, 'evidence' | 'name'>;
  readonly limitOf: (id: ContainerId) => Promise<KiB | null>;
  readonly warn: (message: string) => void;
  /** An end that neither its owner nor Vigía asked for. */
  readonly onDeath: (event: EngineEvent, because: Reason) => void;
}

/** Judges what the engine tells, and records it soon after. */
export class EngineEventLog {
  readonly #around: Surroundings;
  readonly #told: Told[] = [];
  #waiting: Told[] = [];
  readonly #limits = new Map<ContainerId, KiB | null>();
  #acts: (OurAct & { readonly id: ContainerId })[];
  #since: string;
  #timer: NodeJS.Timeout | null = null;
  #lost = 0;
  #failures = 0;

  constructor(around: Surroundings) {
    this.#around = around;
    const seconds = Math.floor(around.now() / 1000);
    const newest = newestRecorded(around.db());
    this.#since = String(newest === null ? seconds : newest - OVERLAP_SECONDS);
    this.#acts = readOurActs(around.db(), seconds - ACTS_MS / 1000);
  }

  /** Where the stream goes on. */
  since(): string {
    return this.#since;
  }

  /** Our actions that are about to be carried out. */
  acts(acts: readonly (OurAct & { readonly id: ContainerId })[]): void {
    const oldest = this.#around.now() - ACTS_MS;
    this.#acts = [...this.#acts.filter(({ at }) => at >= oldest), ...acts];
  }

  /** Those of them that came to nothing. */
  skipped(ids: ReadonlySet<ContainerId>, tick: number): void {
    this.#acts = this.#acts.filter((act) => act.tick !== tick || !ids.has(act.id));
  }

  /** What the engine told. What it tells again is ignored. */
  take(event: EngineEvent): void {
    if (this.#told.some((one) => isSame(one.event, event))) return;
    const { witness, now } = this.#around;
    witness.name(event.id, event.name);
    const receivedAt = now();
    const isFresh = Math.abs(receivedAt - event.at) <= FRESH_MS;
    const isEnd = event.kind === 'die' || event.kind === 'oom';
    const evidence = isEnd && isFresh ? witness.evidence(event.id, receivedAt, event.at) : null;
    const told = { event, receivedAt, evidence };
    this.#told.push(told);
    if (this.#told.length > MOST_REMEMBERED) this.#told.shift();
    this.#waiting.push(told);
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift();
      this.#lost += 1;
    }
    if (event.kind === 'oom' && evidence?.limitKb === null) this.#lookUpLimit(event.id);
    this.#since = event.moment;
    this.#wake();
  }

  /** Records what has waited long enough, or everything. */
  flush(everything = false): void {
    const due = this.#waiting.filter((one) => everything || this.#isSettled(one));
    if (due.length === 0) return;
    const judged = due.map((one): JudgedEvent => ({ ...one, because: this.#judge(one.event) }));
    try {
      this.#save(judged, everything);
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures === TOLD_FAILURES)
        this.#around.warn(`events of the engine wait to be recorded: ${errorMessage(error)}`);
      return;
    }
    const written = new Set(due);
    this.#waiting = this.#waiting.filter((one) => !written.has(one));
    if (this.#lost > 0)
      this.#around.warn(`${this.#lost} events of the engine were not recorded: too many at once`);
    this.#lost = 0;
    for (const { event, because } of judged) {
      if (event.kind === 'die' && because !== null && !WANTED.has(because.code))
        this.#around.onDeath(event, because);
      if (event.kind === 'oom' && because !== null && 'died' in because && !because.died)
        this.#around.onDeath(event, because);
    }
  }

  /** Records the rest. */
  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.flush(true);
  }

  /** The end of what the kernel killed may come late: an `oom` waits for it. */
  #isSettled({ event, receivedAt }: Told): boolean {
    const waited = this.#around.now() - receivedAt;
    if (event.kind !== 'oom' || waited >= DEATH_MS) return waited >= SETTLE_MS;
    return waited >= SETTLE_MS && this.#deathOf(event) !== null;
  }

  #deathOf(oom: EngineEvent): EngineEvent | null {
    return deathOf(
      oom,
      this.#told.map((one) => one.event),
    );
  }

  /** While memory is watched, another writer is not waited for: the next attempt comes soon. */
  #save(judged: readonly JudgedEvent[], isLast: boolean): void {
    const db = this.#around.db();
    if (isLast) saveEngineEvents(db, judged);
    else withoutWaiting(db, () => saveEngineEvents(db, judged));
  }

  #wake(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.flush();
      if (this.#waiting.length > 0) this.#wake();
    }, SETTLE_MS).unref();
  }

  #judge(event: EngineEvent): Reason | null {
    if (event.kind !== 'die' && event.kind !== 'oom') return null;
    const events = this.#told.map((one) => one.event);
    const die = event.kind === 'die' ? event : this.#deathOf(event);
    const evidence = this.#evidenceOf(die ?? event);
    if (die === null) return judgeOom({ evidence });
    return judgeDeath(die, {
      ...{ events, evidence, ours: this.#acts.filter(({ id }) => id === event.id) },
      isAnotherOom: events.some(
        ({ kind, id, at }) =>
          kind === 'oom' && id !== die.id && at - die.at <= OOM_NEAR_MS && die.at - at <= KILLED_WITHIN_MS,
      ),
    });
  }

  /** What was seen at the event itself, and at each `oom` of this death. */
  #evidenceOf(event: EngineEvent): readonly OomEvidence[] {
    const { id } = event;
    return this.#told
      .filter((one) => one.event === event || (one.event.kind === 'oom' && isOomOf(one.event, event)))
      .flatMap(({ evidence }) =>
        evidence === null ? [] : { ...evidence, limitKb: evidence.limitKb ?? this.#limits.get(id) ?? null },
      );
  }

  #lookUpLimit(id: ContainerId): void {
    this.#around.limitOf(id).then(
      (limitKb) => {
        this.#limits.set(id, limitKb);
        const [oldest] = this.#limits.keys();
        if (this.#limits.size > MOST_LIMITS && oldest !== undefined) this.#limits.delete(oldest);
      },
      // The engine knows it no longer, or does not answer: the sentence goes without the figure.
      () => undefined,
    );
  }
}

const MOST_LIMITS = 100;

/** Ends that were asked for, or that were the program's own and good. */
const WANTED: ReadonlySet<string> = new Set(['ended-by-owner', 'ended-by-us', 'ended-by-itself-well']);

const isSame = (a: EngineEvent, b: EngineEvent): boolean =>
  a.moment === b.moment && a.id === b.id && a.kind === b.kind;
