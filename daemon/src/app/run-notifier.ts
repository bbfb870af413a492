import { hostname } from 'node:os';
import type { Config } from '../model/config.ts';
import { errorMessage } from '../model/error-message.ts';
import type { Channel, Message } from '../model/notification.ts';
import {
  type Condition,
  deathOf,
  type Happening,
  happeningsOf,
  type RecordedCycle,
} from '../notify/events-of.ts';
import { messageOf } from '../notify/message-of.ts';
import { parcelsOf } from '../notify/rules.ts';
import { readCyclesAfter, tickUntil } from '../record/cycles-after.ts';
import { openForReading } from '../record/database.ts';
import { lastEngineEvent, readOomAfter } from '../record/engine-events.ts';
import { kindOf } from '../record/kinds.ts';
import { type NewMessage, Outbox } from '../record/outbox.ts';
import { parseCandidates, rankOf } from '../show/candidates.ts';
import { notifyWords } from '../words/notify-words.ts';

const POLL_MS = 5000;
const CYCLES_AT_ONCE = 50;
const DEATHS_AT_ONCE = 50;
const MISSED_CYCLES = 3;
const FIRST_RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 900;

/** How far the notifier has read. */
export interface Position {
  readonly tick: number;
  readonly at: number;
  readonly active: readonly Condition[];
  readonly isStopped: boolean;
  /** The last event of the engine that was read; missing in a position of an earlier version. */
  readonly told?: number;
}

/** What the notifier is given from outside. */
export interface NotifierPorts {
  /** In epoch seconds. */
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** 0 to 1: retries of many hosts must not come at once. */
  random(): number;
  /** Throws when the message is not delivered. `id` is the same for each attempt. */
  send(channel: Channel, message: Message, id: string): Promise<void>;
  warn(message: string): void;
}

/**
 * `vigia notify run`: reads the record and sends messages until the signal. What it has read and what waits is stored
 * together, so that a restart at any moment loses nothing. A message whose sending was cut off is sent again, and says so.
 */
export async function runNotifier(config: Config, ports: NotifierPorts, signal: AbortSignal): Promise<void> {
  using outbox = new Outbox(config.notify.state);
  const startedAt = ports.now();
  while (!signal.aborted) {
    readRecord(outbox, config, ports, startedAt);
    await Promise.all(
      config.notify.channels.map((channel) => deliver(outbox, channel, config, ports, signal)),
    );
    await ports.sleep(POLL_MS, signal);
  }
}

function readRecord(outbox: Outbox, config: Config, ports: NotifierPorts, startedAt: number): void {
  try {
    while (readSome(outbox, config, ports.now(), startedAt));
  } catch (error) {
    ports.warn(`record: ${errorMessage(error)}`);
  }
}

/** Moves on by at most CYCLES_AT_ONCE cycles. Returns whether more may be there. */
function readSome(outbox: Outbox, config: Config, now: number, startedAt: number): boolean {
  const stored = outbox.position();
  const { from, cycles, deaths, told } = readAfter(
    stored === null ? null : (JSON.parse(stored) as Position),
    config,
    now,
  );
  let { active } = from;
  const happenings = cycles.flatMap((cycle) => {
    const result = happeningsOf(cycle, active);
    active = result.active;
    return result.happenings;
  });
  const last = cycles.at(-1) ?? from;
  const life = lifeOf(from.isStopped, cycles.length > 0, now - Math.max(last.at, startedAt), now, config);
  const position: Position = { tick: last.tick, at: last.at, active, isStopped: life.isStopped, told };
  // One message for each cycle: its happenings have its time.
  const byTime = Map.groupBy([...happenings, ...deaths, ...life.happenings], ({ at }) => at);
  const added = [...byTime.values()].flatMap((together) => messagesFor(together, outbox, config, now));
  if (
    stored === null ||
    added.length > 0 ||
    cycles.length > 0 ||
    life.isStopped !== from.isStopped ||
    told !== from.told
  )
    outbox.move(JSON.stringify(position), added, now);
  return cycles.length === CYCLES_AT_ONCE || deaths.length === DEATHS_AT_ONCE;
}

/** Whether the daemon has stopped or is back. It is silent for a while when it starts or is upgraded. */
function lifeOf(
  wasStopped: boolean,
  hasRecorded: boolean,
  silentSeconds: number,
  at: number,
  { cycleSeconds }: Config,
): { readonly isStopped: boolean; readonly happenings: readonly Happening[] } {
  const common = { events: ['stopped'], at, kind: null } as const;
  if (wasStopped && hasRecorded)
    return {
      isStopped: false,
      happenings: [{ ...common, key: 'back', severity: 'info', about: { what: 'back' } }],
    };
  if (wasStopped || silentSeconds <= MISSED_CYCLES * cycleSeconds)
    return { isStopped: wasStopped, happenings: [] };
  const about = { what: 'stopped', seconds: silentSeconds } as const;
  return { isStopped: true, happenings: [{ ...common, key: 'stopped', severity: 'critical', about }] };
}

function messagesFor(
  together: readonly Happening[],
  outbox: Outbox,
  { notify }: Config,
  now: number,
): NewMessage[] {
  const parcels = parcelsOf(together, notify, (channel, key) => outbox.toldAt(channel, key), now);
  return parcels.map(({ channel, happenings, notBefore }) => ({
    ...{ channel, notBefore, at: happenings[0]?.at ?? now },
    message: JSON.stringify(messageOf(happenings, hostname(), notify.language)),
    keys: happenings.map(({ key }) => key),
  }));
}

/** The first start begins at now. A record that is newer than the position's begins where that one ended. */
function readAfter(stored: Position | null, config: Config, now: number) {
  const db = openForReading(config.database);
  try {
    const newest = tickUntil(db, Number.MAX_SAFE_INTEGER);
    const from: Position = stored ?? { tick: newest, at: now, active: [], isStopped: false };
    const tick = from.tick > newest ? tickUntil(db, from.at) : from.tick;
    const newestEvent = lastEngineEvent(db);
    const after = Math.min(from.told ?? newestEvent, newestEvent);
    const rows = readOomAfter(db, after, DEATHS_AT_ONCE);
    return {
      from,
      cycles: readCyclesAfter(db, tick, CYCLES_AT_ONCE).map(cycleFrom),
      deaths: rows.map(deathFrom),
      told: rows.length === DEATHS_AT_ONCE ? Number(rows.at(-1)?.['id']) : newestEvent,
    };
  } finally {
    db.close();
  }
}

function deathFrom(row: ReturnType<typeof readOomAfter>[number]): Happening {
  const kind = row['container_kind'] === null ? null : kindOf(row);
  const known = kind === 'managed' ? null : kind;
  return deathOf(String(row['name']), known, row.because, Number(row['at']));
}

function cycleFrom({
  cycle,
  actions,
  candidates,
  faults,
}: ReturnType<typeof readCyclesAfter>[number]): RecordedCycle {
  const weighed = parseCandidates(candidates);
  return {
    tick: Number(cycle['tick']),
    at: Number(cycle['at']),
    because: cycle.because,
    floors: (['low', 'high'] as const).map((level) => ({
      level,
      running: Number(cycle[`${level}_after`]),
      keep: Number(cycle[`${level}_keep`] ?? 0),
    })),
    actions: actions.map((action) => {
      const kind = kindOf({ kind: action['container_kind'] ?? null });
      return {
        kind: String(action['kind']),
        name: String(action['name']),
        containerKind: action['container_kind'] === null || kind === 'managed' ? null : kind,
        because: action.because,
        result: String(action['result']),
        detail: action.detail,
        weighed: action['kind'] === 'start' ? null : rankOf(weighed, String(action['container_id'])),
      };
    }),
    faults: faults.map((fault) => ({
      sensor: String(fault['sensor']),
      message: fault.message,
      blind: fault['blind'] === 1,
    })),
  };
}

/** Sends what is due to one channel, in order; after a failure the channel waits, longer each time. */
async function deliver(
  outbox: Outbox,
  channel: Channel,
  { notify }: Config,
  ports: NotifierPorts,
  signal: AbortSignal,
): Promise<void> {
  const { name } = channel;
  while (!signal.aborted) {
    const waiting = outbox.next(name, ports.now());
    if (waiting === null || outbox.sentSince(name, ports.now() - 60) >= notify.ratePerMinute) return;
    const { id, isDoubtful } = waiting;
    const message = JSON.parse(waiting.message) as Message;
    const note = notifyWords(notify.language).perhapsAgain;
    outbox.begin(id, ports.now());
    try {
      const told = isDoubtful ? { ...message, body: `${message.body}\n\n${note}` } : message;
      await ports.send(channel, told, `vigia-${hostname()}-${waiting.at}-${id}`);
      outbox.sent(name, id, ports.now());
    } catch (error) {
      const now = ports.now();
      const seconds = Math.min(FIRST_RETRY_SECONDS * 2 ** outbox.failures(name), LONGEST_RETRY_SECONDS);
      const text = errorMessage(error);
      outbox.failed(name, id, now + Math.ceil(seconds * (0.5 + ports.random() / 2)), text);
      const isGivenUp = now - waiting.at > notify.giveUpSeconds;
      if (isGivenUp) outbox.gaveUp(id, now, text);
      ports.warn(
        `${name}: ${text}; ${isGivenUp ? 'this message is given up' : `next try in ${seconds} s at most`}`,
      );
      return;
    }
  }
}
