import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { LiveEvent } from './api.ts';

/** How often a new cycle is looked for while somebody watches. */
const LOOK_MS = 1000;
/** Something must be written now and then, or a viewer that is gone is never noticed. */
const BEAT_LOOKS = 15;
/** What a browser waits before it connects again. */
const RETRY_MS = 2000;

/** Tells viewers of new cycles. Looks only while there is a viewer, and reads only when the files have changed. */
export class Live {
  readonly #changeMark: () => string;
  readonly #newest: () => LiveEvent;
  readonly #viewers = new Set<(event: LiveEvent | null) => void>();
  #timer: NodeJS.Timeout | undefined;
  #mark = '';
  #last: LiveEvent = { tick: null, at: null };
  #looks = 0;

  constructor(changeMark: () => string, newest: () => LiveEvent) {
    this.#changeMark = changeMark;
    this.#newest = newest;
  }

  /** A stream of `cycle` events that ends with the connection; to HEAD only what it would be. */
  serve(context: Context): Response {
    // Hono answers HEAD by GET's handler and drops the body: nobody would ever read it, nor end it.
    if (context.req.method === 'HEAD') {
      return context.body(null, 200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    }
    // Also where it ends before the first byte is read.
    const { signal } = context.req.raw;
    return streamSSE(context, async (stream) => {
      const gone = Promise.withResolvers<void>();
      const tell = (event: LiveEvent | null): void => {
        if (event === null) void stream.write(': still here\n\n');
        else void stream.writeSSE({ event: 'cycle', data: JSON.stringify(event), retry: RETRY_MS });
      };
      stream.onAbort(() => gone.resolve());
      signal.addEventListener('abort', () => gone.resolve());
      if (signal.aborted) return;
      this.#look();
      tell(this.#last);
      this.#viewers.add(tell);
      // The server lives for its viewers, this does not: whoever is still counted at the end holds nothing up.
      this.#timer ??= setInterval(() => this.#lookAndTell(), LOOK_MS).unref();
      await gone.promise;
      this.#viewers.delete(tell);
      if (this.#viewers.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  #lookAndTell(): void {
    this.#looks += 1;
    const event = this.#look() ? this.#last : this.#looks % BEAT_LOOKS === 0 ? null : undefined;
    if (event === undefined) return;
    for (const tell of this.#viewers) tell(event);
  }

  /** Whether there is news. */
  #look(): boolean {
    const mark = this.#changeMark();
    if (mark === this.#mark) return false;
    this.#mark = mark;
    const newest = this.#newest();
    const isNews = newest.tick !== this.#last.tick || newest.at !== this.#last.at;
    this.#last = newest;
    return isNews;
  }
}
