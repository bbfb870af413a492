import { LIMIT_OF } from '../model/decision.ts';
import { UNDOABLE, type Undoable } from '../model/orders.ts';
import type { Reason } from '../model/reason.ts';
import type { ActionRow, Row } from '../record/queries.ts';
import { BAR_SECONDS, type OrdersFile, START_SECONDS } from './standing-orders.ts';

/** What can be done about one thing that Vigía did to one container. */
export interface Undo {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  /** `bar`: it is over, and is only kept from happening again. `impossible`: a removal, a kill or a start. */
  readonly how: 'lift' | 'start' | 'bar' | 'impossible';
}

/** The columns of a sample that show a limit of ours. */
const COLUMNS = {
  throttle: 'cpu_limited_to',
  squeeze: 'squeezed_to_kb',
  'limit-pids': 'pids_limited_to',
  'limit-io': 'io_limited_to',
} as const satisfies Record<keyof typeof LIMIT_OF, string>;

/**
 * What an undo of these actions, the newest first, comes to: each remedy of each container once. `samples` are the newest of the containers
 * that run; `isWhole`: a container was named, so that limits of older actions count as well.
 */
export function planUndo(
  actions: readonly ActionRow[],
  samples: readonly Row[],
  isWhole: (row: Row) => boolean,
): Undo[] {
  const found = new Map<string, Undo>();
  const running = new Map(samples.map((row) => [String(row['id']), row]));
  /** Limits that a later action lifted: `id kind`. */
  const lifted = new Set<string>();
  const add = (id: string, name: string, kind: string): void => {
    const key = `${id} ${kind}`;
    if (!found.has(key))
      found.set(key, { id, name, kind, how: howUndone(kind, running.has(id), lifted.has(key)) });
  };
  for (const row of actions) {
    const [id, kind] = [String(row['container_id']), String(row['kind'])];
    if (row['result'] !== 'done' || row['container_id'] === null) continue;
    if (kind === 'release') for (const one of setBy(row.detail)) lifted.add(`${id} ${one}`);
    else if (row.because.code !== 'message') add(id, String(row['name']), kind);
  }
  for (const row of samples.filter(isWhole))
    for (const [kind, column] of Object.entries(COLUMNS))
      if ((row[column] ?? null) !== null) add(String(row['id']), String(row['name']), kind);
  return [...found.values()];
}

/** The actions whose limit a release has lifted. */
function setBy(detail: Reason): string[] {
  const limit = detail.code === 'limit-lifted' ? detail.limit : 'cpu';
  return Object.keys(LIMIT_OF).filter((kind) => LIMIT_OF[kind as keyof typeof LIMIT_OF] === limit);
}

function howUndone(kind: string, isRunning: boolean, isLifted: boolean): Undo['how'] {
  if (!isUndoable(kind)) return 'impossible';
  if (kind === 'stop') return isRunning ? 'bar' : 'start';
  return kind in COLUMNS && isRunning && !isLifted ? 'lift' : 'bar';
}

const isUndoable = (kind: string): kind is Undoable => UNDOABLE.some((one) => one === kind);

/** The orders with these undos added: every remedy is barred, and what was stopped is to start. */
export function withUndos(orders: OrdersFile, undos: readonly Undo[], nowSeconds: number): OrdersFile {
  const now = Math.floor(nowSeconds);
  const bars = undos.flatMap(({ id, kind }) =>
    isUndoable(kind) ? [{ id, kind, until: now + BAR_SECONDS }] : [],
  );
  const starts = undos
    .filter(({ how }) => how === 'start')
    .map(({ id }) => ({ id, until: now + START_SECONDS }));
  const isNew = ({ id, kind }: OrdersFile['bars'][number]) =>
    !bars.some((bar) => bar.id === id && bar.kind === kind);
  return {
    ...orders,
    bars: [...orders.bars.filter(isNew), ...bars],
    starts: [...orders.starts.filter(({ id }) => !starts.some((one) => one.id === id)), ...starts],
  };
}
