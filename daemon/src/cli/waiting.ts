import { untilInForce } from '../app/give-orders.ts';
import type { InForce } from '../app/in-force.ts';
import type { Config } from '../model/config.ts';
import { LANGUAGE, paint, WORDS } from './common.ts';

/** Waits for the running loop, with a note on the terminal after two seconds. False, and said, where none runs. */
export async function awaitLoop(
  config: Config,
  isReached: (inForce: InForce) => boolean,
): Promise<'reached' | 'no-loop' | 'late'> {
  const { orders: say } = WORDS;
  const outcome = await untilInForce(config, isReached, note);
  clearNote();
  if (outcome === 'no-loop') console.error(paint('yellow', say.noLoop, process.stderr));
  if (outcome === 'late') console.error(paint('yellow', say.late, process.stderr));
  return outcome;
}

/** A note of the wait on the terminal; none during the first two seconds. */
export function note(seconds: number): void {
  if (seconds > 2 && process.stderr.isTTY)
    process.stderr.write(`\r\x1b[K${WORDS.orders.waiting(Math.round(seconds).toLocaleString(LANGUAGE))}`);
}

export function clearNote(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
