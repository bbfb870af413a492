import type { Action } from '../../model/decision.ts';
import { NO_ORDERS } from '../../model/orders.ts';
import { isUp } from '../../model/ownership.ts';
import { currentOrExpectedClass, type DecisionContext } from '../decision-context.ts';

/** Starts services again whose stop by Vigía an operator undoes. */
export function startAgain(context: DecisionContext): Action[] {
  const { starts } = context.config.orders ?? NO_ORDERS;
  return context.services
    .filter((container) => starts.includes(container.id) && !isUp(container))
    .map(({ id, name }) => ({
      ...{ kind: 'restart', id, name, pid: 'stopped', level: currentOrExpectedClass(context, id) },
      ...{ urgency: 'grace', isThrottled: false, because: { code: 'message', text: 'vigia undo' } },
    }));
}
