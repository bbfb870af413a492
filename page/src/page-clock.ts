import { signal } from '@preact/signals';

const STEP_MS = 1000;
/** How far the server's clock is ahead of this browser's, in milliseconds. */
let aheadMs = 0;

export const serverNowMs = (): number => Date.now() + aheadMs;

/** The server's time in epoch seconds; updated every second while the tab is visible. */
export const now = signal(Math.floor(serverNowMs() / 1000));

/** Sets the server's time, as it came with an answer. */
export function setServerNow(epochSeconds: number): void {
  const ahead = epochSeconds * 1000 - Date.now();
  // The time is in whole seconds and took a moment to arrive: less than two seconds is no difference between clocks.
  aheadMs = Math.abs(ahead) < 2000 ? 0 : ahead;
}

setInterval(() => {
  if (!document.hidden) now.value = Math.floor(serverNowMs() / 1000);
}, STEP_MS);
