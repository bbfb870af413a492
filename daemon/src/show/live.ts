import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { LiveEvent } from './api.ts';

/** How often the database is checked for a new cycle while there are viewers. */
const CHECK_MS = 1000;
/** A comment is sent every so many checks: only writing shows that a viewer has disconnected. */
const HEARTBEAT_CHECKS = 15;
/** How long a browser waits before it connects again. */
const RETRY_MS = 2000;

/** Sends viewers an event for each new cycle. Checks only while there are viewers, and reads only changed files. */
export class Live {
  readonly #changeMark: () => string;
  readonly #newest: () => LiveEvent;
  readonly #viewers = new Set<(event: LiveEvent | null) => void>();
  #timer: NodeJS.Timeout | undefined;
  #mark = '';
  #last: LiveEvent = { tick: null, at: null };
  #checks = 0;

  constructor(changeMark: () => string, newest: () => LiveEvent) {
    this.#changeMark = changeMark;
    this.#newest = newest;
  }

  /** Answers with a stream of `cycle` events that ends with the connection; a HEAD request gets the headers only. */
  serve(context: Context): Response {
    // For HEAD, Hono calls the handler of GET and drops the body, so a stream would never end.
    if (context.req.method === 'HEAD') {
      return context.body(null, 200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    }
    // The request's signal aborts even if the connection ends before the first byte is read.
    const { signal } = context.req.raw;
    return streamSSE(context, async (stream) => {
      const closed = Promise.withResolvers<void>();
      const send = (event: LiveEvent | null): void => {
        if (event === null) void stream.write(': still here\n\n');
        else void stream.writeSSE({ event: 'cycle', data: JSON.stringify(event), retry: RETRY_MS });
      };
      stream.onAbort(() => closed.resolve());
      signal.addEventListener('abort', () => closed.resolve());
      if (signal.aborted) return;
      this.#check();
      send(this.#last);
      this.#viewers.add(send);
      // unref: a viewer that is still connected must not keep the process running.
      this.#timer ??= setInterval(() => this.#checkAndSend(), CHECK_MS).unref();
      await closed.promise;
      this.#viewers.delete(send);
      if (this.#viewers.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  #checkAndSend(): void {
    this.#checks += 1;
    const event = this.#check() ? this.#last : this.#checks % HEARTBEAT_CHECKS === 0 ? null : undefined;
    if (event === undefined) return;
    for (const send of this.#viewers) send(event);
  }

  /** Updates the newest cycle; true if it is a new one. */
  #check(): boolean {
    const mark = this.#changeMark();
    if (mark === this.#mark) return false;
    this.#mark = mark;
    const newest = this.#newest();
    const isNew = newest.tick !== this.#last.tick || newest.at !== this.#last.at;
    this.#last = newest;
    return isNew;
  }
}
