import { inTurn } from '../host/lock.ts';
import type { Config } from '../model/config.ts';
import { TerminalError } from '../words/terminal-error.ts';
import { replaceFile } from './edit-drop-in.ts';
import { type InForce, readInForce } from './in-force.ts';
import { type OrdersFile, ordersFileOf, readOrders, unexpired } from './standing-orders.ts';

/** Changes the file of orders, without what has ended in it; returns its new revision. */
export async function giveOrders(
  { database }: Pick<Config, 'database'>,
  change: (orders: OrdersFile) => OrdersFile,
): Promise<number> {
  const file = ordersFileOf(database);
  try {
    return await inTurn(() => {
      const before = unexpired(readOrders(file), Date.now() / 1000);
      const revision = before.revision + 1;
      replaceFile(file, `${JSON.stringify({ ...change(before), revision }, null, 2)}\n`);
      return revision;
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOENT') throw error;
    throw new TerminalError(({ place }) => place.needsRoot(file));
  }
}

const LOOK_MS = 200;
/** Beyond the length of three cycles: a cycle may wait for the engine. */
const SLACK_SECONDS = 30;

/**
 * Waits until the running loop follows what `isReached` asks for. `no-loop` where none runs; `late` where it takes more
 * than three cycles. `onWait` is called every time before it waits, with the seconds so far.
 */
export async function untilInForce(
  { database, cycleSeconds }: Pick<Config, 'database' | 'cycleSeconds'>,
  isReached: (inForce: InForce) => boolean,
  onWait: (seconds: number) => void,
): Promise<'reached' | 'no-loop' | 'late'> {
  const began = performance.now();
  for (;;) {
    const inForce = readInForce(database);
    if (inForce === null) return 'no-loop';
    if (isReached(inForce)) return 'reached';
    const seconds = (performance.now() - began) / 1000;
    if (seconds > 3 * cycleSeconds + SLACK_SECONDS) return 'late';
    onWait(seconds);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
