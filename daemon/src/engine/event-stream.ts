import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineEvent } from '../model/engine-event.ts';
import { errorMessage } from '../model/error-message.ts';
import { ASKED_EVENTS, eventOfLine } from './event-line.ts';
import type { EngineAddress } from './unix-http.ts';

/** A longer line is no event of a container that anybody can use. */
const LONGEST_LINE = 1024 * 1024;
/** After this long without a word the connection may be dead: a new one costs nothing, since nothing is lost. */
const IDLE_MS = 600_000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

export interface EventSink {
  /** Where to go on: a moment of the engine's (EngineEvent.moment); null for now. What was told may be told again. */
  since(): string | null;
  event(event: EngineEvent): void;
  /** Said once for each outage. */
  warn(message: string): void;
}

/** Follows the engine's events until the signal aborts, over its restarts and its silence. Never throws. */
export async function followEvents(
  address: EngineAddress,
  sink: EventSink,
  signal: AbortSignal,
  { idleMs = IDLE_MS, firstWaitMs = FIRST_WAIT_MS } = {},
): Promise<void> {
  let waitMs = firstWaitMs;
  let isOutage = false;
  while (!signal.aborted) {
    try {
      await readOnce(address, sink, signal, idleMs, () => {
        waitMs = firstWaitMs;
        isOutage = false;
      });
    } catch (error) {
      if (!isOutage && !signal.aborted)
        sink.warn(`the engine tells no events, which will be asked for again: ${errorMessage(error)}`);
      isOutage = true;
    }
    await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
  }
}

/** One connection, until the engine ends it or says nothing for `idleMs`. */
async function readOnce(
  { socket, timeoutSeconds }: EngineAddress,
  sink: EventSink,
  signal: AbortSignal,
  idleMs: number,
  onAccepted: () => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const outgoing = httpRequest({
    socketPath: socket,
    path: pathOf(sink.since()),
    headers: { host: 'docker' },
    signal,
  });
  outgoing.setTimeout(timeoutSeconds * 1000, () => outgoing.destroy(new Error('no answer in time')));
  outgoing.on('error', reject);
  outgoing.on('response', (incoming) => {
    if (incoming.statusCode !== 200) {
      outgoing.destroy(new Error(`status ${incoming.statusCode}`));
      return;
    }
    onAccepted();
    outgoing.setTimeout(idleMs, () => outgoing.destroy());
    incoming.on('error', reject);
    incoming.on('close', resolve);
    eachLine(incoming, (line) => {
      const event = eventOfLine(line);
      if (event !== null) sink.event(event);
    });
  });
  outgoing.end();
  await promise;
}

function pathOf(since: string | null): string {
  const filters = JSON.stringify({ type: ['container'], event: ASKED_EVENTS });
  return `/events?filters=${encodeURIComponent(filters)}${since === null ? '' : `&since=${since}`}`;
}

/** A line that is too long is skipped. */
function eachLine(incoming: IncomingMessage, take: (line: string) => void): void {
  let [rest, isSkipping] = ['', false];
  incoming.setEncoding('utf8');
  incoming.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!isSkipping && line !== '') take(line);
      isSkipping = false;
    }
    if (rest.length > LONGEST_LINE) [rest, isSkipping] = ['', true];
  });
}
