import { hostname } from 'node:os';
import type { Config } from '../model/config.ts';
import { errorMessage } from '../model/error-message.ts';
import type { Channel, Message } from '../model/notification.ts';
import { send } from '../notify/channels/send.ts';
import { type Condition, type Happening, happeningsOf, type RecordedCycle } from '../notify/events-of.ts';
import { messageOf } from '../notify/message-of.ts';
import { parcelsOf } from '../notify/rules.ts';
import { readCyclesAfter, tickUntil } from '../record/cycles-after.ts';
import { openForReading } from '../record/database.ts';
import { kindOf } from '../record/kinds.ts';
import { Outbox } from '../record/outbox.ts';
import { parseCandidates, rankOf } from '../show/candidates.ts';
import { realClock } from './real-clock.ts';

const POLL_MS = 5000;
const CYCLES_AT_ONCE = 50;
const MISSED_CYCLES = 3;
const FIRST_RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 900;

interface Position {
  readonly tick: number;
  readonly at: number;
  readonly active: readonly Condition[];
  readonly isStopped: boolean;
}

/** `vigia notify run`: reads the record and sends messages until the signal. */
export async function runNotifier(config: Config, warn: (message: string) => void, signal: AbortSignal) {
  using outbox = new Outbox(config.notify.state);
  const startedAt = seconds();
  const retries = new Map<string, { failures: number; at: number }>();
  while (!signal.aborted) {
    try {
      while (readRecord(outbox, config, startedAt));
    } catch (error) {
      warn(`record: ${errorMessage(error)}`);
    }
    await Promise.all(
      config.notify.channels.map((channel) => deliver(outbox, channel, config, retries, warn)),
    );
    await realClock.sleep(POLL_MS, signal);
  }
}

const seconds = (): number => Math.floor(realClock.now() / 1000);

/** Moves on by at most CYCLES_AT_ONCE cycles. Returns whether more may be there. */
function readRecord(outbox: Outbox, config: Config, startedAt: number): boolean {
  const now = seconds();
  const stored = outbox.position();
  const found = readAfter(stored === null ? null : (JSON.parse(stored) as Position), config, now);
  const happenings: Happening[] = [];
  let { active, isStopped } = found.from;
  for (const cycle of found.cycles) {
    const result = happeningsOf(cycle, active);
    happenings.push(...result.happenings);
    active = result.active;
  }
  const last = found.cycles.at(-1) ?? found.from;
  const silent = now - Math.max(last.at, startedAt);
  const stopped = { key: 'stopped', event: 'stopped', at: now, kind: null } as const;
  if (found.cycles.length > 0 && isStopped) {
    happenings.push({ ...stopped, key: 'back', severity: 'info', about: { what: 'back' } });
    isStopped = false;
  } else if (!isStopped && silent > MISSED_CYCLES * config.cycleSeconds) {
    happenings.push({ ...stopped, severity: 'critical', about: { what: 'stopped', seconds: silent } });
    isStopped = true;
  }
  const position: Position = { tick: last.tick, at: last.at, active, isStopped };
  // One message per cycle: happenings of one cycle have its time.
  const byTime = Map.groupBy(happenings, ({ at }) => at);
  const added = [...byTime.values()].flatMap((together) =>
    parcelsOf(together, config.notify, (channel, key) => outbox.toldAt(channel, key)).map((parcel) => ({
      channel: parcel.channel,
      at: parcel.happenings[0]?.at ?? now,
      notBefore: parcel.notBefore,
      message: JSON.stringify(messageOf(parcel.happenings, hostname(), config.notify.language)),
      keys: parcel.happenings.map(({ key }) => key),
    })),
  );
  if (stored === null || added.length > 0 || found.cycles.length > 0)
    outbox.move(JSON.stringify(position), added, now);
  return found.cycles.length === CYCLES_AT_ONCE;
}

/** The first start begins at now. A record that is newer than the position's begins where that one ended. */
function readAfter(stored: Position | null, config: Config, now: number) {
  const db = openForReading(config.database);
  try {
    const newest = tickUntil(db, Number.MAX_SAFE_INTEGER);
    const from: Position = stored ?? { tick: newest, at: now, active: [], isStopped: false };
    const tick = from.tick > newest ? tickUntil(db, from.at) : from.tick;
    return { from, cycles: readCyclesAfter(db, tick, CYCLES_AT_ONCE).map(cycleFrom) };
  } finally {
    db.close();
  }
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
      const own = action['kind'] === 'remove' ? rankOf(weighed, String(action['container_id'])) : null;
      const kind = kindOf({ kind: action['container_kind'] ?? null });
      return {
        kind: String(action['kind']),
        name: String(action['name']),
        containerKind: action['container_kind'] === null || kind === 'managed' ? null : kind,
        because: action.because,
        result: String(action['result']),
        detail: action.detail,
        weighed: own === null ? null : { rank: own.rank, chosen: own.chosen, next: own.next?.name ?? null },
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
  retries: Map<string, { failures: number; at: number }>,
  warn: (message: string) => void,
): Promise<void> {
  const { name } = channel;
  while ((retries.get(name)?.at ?? 0) <= seconds()) {
    const now = seconds();
    const waiting = outbox.next(name, now);
    if (waiting === null || outbox.sentSince(name, now - 60) >= notify.ratePerMinute) return;
    try {
      await send(channel, JSON.parse(waiting.message) as Message, `vigia-${hostname()}-${waiting.id}`);
      outbox.end(waiting.id, seconds(), 'sent');
      retries.delete(name);
    } catch (error) {
      const failures = (retries.get(name)?.failures ?? 0) + 1;
      const wait = Math.min(FIRST_RETRY_SECONDS * 2 ** (failures - 1), LONGEST_RETRY_SECONDS);
      retries.set(name, { failures, at: now + wait * (0.5 + Math.random() / 2) });
      warn(`${name}: not delivered (${errorMessage(error)}); next try in ${wait} s at most`);
      if (now - waiting.at > notify.giveUpSeconds)
        outbox.end(waiting.id, now, `given up: ${errorMessage(error)}`);
    }
  }
}
