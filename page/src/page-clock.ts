import { signal } from '@preact/signals';

const STEP_MS = 1000;
/** How far the server's clock is ahead of this browser's. */
let aheadMs = 0;

export const serverNowMs = (): number => Date.now() + aheadMs;

/** The server's time in epoch seconds, as people read it: it moves every second while somebody looks. */
export const now = signal(Math.floor(serverNowMs() / 1000));

export function setServerNow(epochSeconds: number): void {
  const ahead = epochSeconds * 1000 - Date.now();
  // Whole seconds and the way here: less than two seconds is no difference between clocks.
  aheadMs = Math.abs(ahead) < 2000 ? 0 : ahead;
}

setInterval(() => {
  if (!document.hidden) now.value = Math.floor(serverNowMs() / 1000);
}, STEP_MS);
