import { signal } from '@preact/signals';
import type { LIVE, LiveEvent } from '../../daemon/src/show/api.ts';

const ADDRESS: typeof LIVE = '/api/live';
const AGAIN_MS = 2000;

/** The newest cycle that the server has told of. Whoever reads it is drawn again when there is a newer one. */
export const newest = signal<LiveEvent>({ tick: null, at: null });
/** Counts the news since the page was opened. */
export const beat = signal(0);
export const connection = signal<'connecting' | 'open' | 'lost'>('connecting');

let source: EventSource | null = null;
let isFirst = true;

function connect(): void {
  source?.close();
  source = new EventSource(ADDRESS);
  source.addEventListener('open', () => {
    connection.value = 'open';
  });
  source.addEventListener('cycle', ({ data }: MessageEvent<string>) => {
    const told: LiveEvent = JSON.parse(data);
    if (told.tick === newest.peek().tick && told.at === newest.peek().at && !isFirst) return;
    newest.value = told;
    if (!isFirst) beat.value += 1;
    isFirst = false;
  });
  source.addEventListener('error', ({ target }) => {
    connection.value = 'lost';
    // The browser tries again by itself, except after an answer that is not a stream.
    if (target === source && source?.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN_MS);
  });
}

/** Hidden tabs let go: a browser has only six connections to one server. */
function follow(): void {
  if (document.hidden) {
    source?.close();
    source = null;
  } else if (source === null) connect();
}

document.addEventListener('visibilitychange', follow);
follow();
