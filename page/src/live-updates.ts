import { signal } from '@preact/signals';
import type { LIVE, LiveEvent } from '../../daemon/src/show/api.ts';

const ADDRESS: typeof LIVE = '/api/live';
const RETRY_MS = 2000;

/** The newest cycle that the server has announced. */
export const newestCycle = signal<LiveEvent>({ tick: null, at: null });
/** How many new cycles came since the page was opened. Components that read it are drawn again with each cycle. */
export const cycleCount = signal(0);
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
    const event: LiveEvent = JSON.parse(data);
    if (event.tick === newestCycle.peek().tick && event.at === newestCycle.peek().at && !isFirst) return;
    newestCycle.value = event;
    if (!isFirst) cycleCount.value += 1;
    isFirst = false;
  });
  source.addEventListener('error', ({ target }) => {
    connection.value = 'lost';
    // The browser reconnects by itself, except after an answer that is not a stream.
    if (target === source && source?.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
  });
}

/** Closes the stream while the tab is hidden: a browser opens at most six connections to one server. */
function updateConnection(): void {
  if (document.hidden) {
    source?.close();
    source = null;
  } else if (source === null) connect();
}

document.addEventListener('visibilitychange', updateConnection);
updateConnection();
