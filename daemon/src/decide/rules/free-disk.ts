import { isThrottled } from '../../classify/limits.ts';
import type { Action } from '../../model/decision.ts';
import { currentOrExpectedClass, type DecisionContext } from '../decision-context.ts';
import { diskShortage } from '../disk-shortage.ts';

/** A smaller log is not worth a container. */
const LEAST_MIB = 10;

/**
 * Where the configuration allows it and the engine's file system is short: replaces the disposable container with the
 * largest log, one in a cycle. Its log and its writable layer go with it. No image is ever removed.
 */
export function freeDisk(context: DecisionContext, planned: readonly Action[]): Action[] {
  const { config, history, now, disposables } = context;
  const shortage = diskShortage('engine', history, now, config);
  if (config.disk.remedy !== 'remove-disposables' || shortage === null) return [];
  const isPlanned = (id: string): boolean =>
    planned.some((action) => action.kind !== 'start' && action.id === id);
  const [largest] = (now.logs ?? [])
    .map(({ id, bytes }) => ({ id, mib: Math.round(bytes / 2 ** 20) }))
    .filter(({ id, mib }) => mib >= LEAST_MIB && !isPlanned(id) && disposables.some((one) => one.id === id))
    .toSorted((a, b) => b.mib - a.mib);
  const container = disposables.find(({ id }) => id === largest?.id);
  if (largest === undefined || container === undefined) return [];
  const { id, name, usage } = container;
  return [
    {
      ...{ kind: 'remove', id, name, level: currentOrExpectedClass(context, id), pid: usage?.pid ?? null },
      ...{
        urgency: 'grace',
        isThrottled: isThrottled(container, history.containers, config),
        isReplaced: true,
      },
      because: {
        code: 'replace-now-for',
        breach: { ...shortage, log: { name, mib: largest.mib } },
        seconds: 0,
      },
    },
  ];
}
