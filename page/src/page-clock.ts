import { signal } from '@preact/signals';

const STEP_MS = 1000;
/** A time in whole seconds that took a moment to arrive: less is no difference between clocks. */
const TOLERANCE_MS = 2000;

/** How far the server's clock is ahead of this browser's, in milliseconds. */
let aheadMs = 0;
/** The present of a simulated record, which does not move; otherwise null. */
let frozenMs: number | null = null;

/** Counts the corrections of the clock: ranges that end now must be computed again after one. */
export const clockCorrections = signal(0);

export const serverNowMs = (): number => frozenMs ?? Date.now() + aheadMs;

/** The server's time in epoch seconds; updated every second while the tab is visible. */
export const now = signal(Math.floor(serverNowMs() / 1000));

/** Sets the server's time, as it came with the page or with an answer. */
export function setServerNow(epochSeconds: number, isFrozen = false): void {
  if (Math.abs(epochSeconds * 1000 - serverNowMs()) < TOLERANCE_MS && isFrozen === (frozenMs !== null))
    return;
  aheadMs = epochSeconds * 1000 - Date.now();
  frozenMs = isFrozen ? epochSeconds * 1000 : null;
  now.value = epochSeconds;
  clockCorrections.value += 1;
}

// The page's HTML carries the server's time, so that the first requests are already about its present.
const announced = Number(document.querySelector<HTMLMetaElement>('meta[name=vigia-now]')?.content);
if (announced > 0) setServerNow(announced);

setInterval(() => {
  if (!document.hidden) now.value = Math.floor(serverNowMs() / 1000);
}, STEP_MS);
