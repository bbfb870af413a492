import type { Logger } from '../host/host.ts';
import type { Config } from '../model/config.ts';
import type { Outcome } from '../model/decision.ts';
import { errorMessage } from '../model/error-message.ts';
import { NO_ORDERS, type Orders } from '../model/orders.ts';
import type { ContainerId, Millis } from '../model/units.ts';
import { type OrdersFile, ordersAt, ordersFileOf, readOrders } from './standing-orders.ts';

/**
 * The orders of a running loop. A file that is damaged changes nothing: what was ordered before stays in force until it
 * ends.
 */
export class LiveOrders {
  readonly #file: string;
  readonly #logger: Logger;
  #ordered: OrdersFile = { revision: 0, pauses: [], bars: [], starts: [] };
  #current: Orders = NO_ORDERS;
  #reported = '';
  /** Starts that were tried, each with the revision that asked for it: one order is one try. */
  readonly #tried = new Map<ContainerId, number>();

  constructor(database: string, logger: Logger) {
    this.#file = ordersFileOf(database);
    this.#logger = logger;
  }

  /** The number of the file's change that `current` has read. */
  get revision(): number {
    return this.#ordered.revision;
  }

  /** What is in force at this time; the same object while that is the same. Never throws. */
  current({ maintenance }: Config, now: Millis): Orders {
    try {
      this.#ordered = readOrders(this.#file);
      this.#reported = '';
    } catch (error) {
      const message = `orders: not read, what was ordered before stays: ${errorMessage(error)}`;
      if (message !== this.#reported) this.#logger.warn(message);
      this.#reported = message;
    }
    const { starts, ...others } = ordersAt(this.#ordered, maintenance, now);
    const next = {
      ...others,
      starts: starts.filter((id) => (this.#tried.get(id) ?? -1) < this.#ordered.revision),
    };
    if (JSON.stringify(next) !== JSON.stringify(this.#current)) this.#current = next;
    return this.#current;
  }

  /** Notes which starts the cycle has tried. */
  done(outcomes: readonly Outcome[]): void {
    for (const { action } of outcomes)
      if (action.kind === 'restart' && action.pid === 'stopped')
        this.#tried.set(action.id, this.#ordered.revision);
  }
}
