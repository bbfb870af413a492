import type { ContainerId, Seconds } from './units.ts';

/** What an operator, or a maintenance window, has ordered and is in force now. */
export interface Orders {
  readonly pauses: readonly Pause[];
  readonly bars: readonly Bar[];
  /** Services that Vigía stopped and is to start again. */
  readonly starts: readonly ContainerId[];
}

/** Vigía takes no action on these containers; emergencies go on unless `all`. */
export interface Pause {
  /** Containers, Compose projects and services (`isMeant`); empty for the whole host. */
  readonly targets: readonly string[];
  /** When it ends, in local time, for display. Orders that have ended are left out when the file is read. */
  readonly until: string;
  readonly why: string;
  readonly all: boolean;
}

/** What `vigia undo` can undo. A removal or a kill cannot be undone. */
export const UNDOABLE = ['throttle', 'squeeze', 'limit-pids', 'limit-io', 'restart', 'stop'] as const;
export type Undoable = (typeof UNDOABLE)[number];

/** A remedy that was undone is not applied to that container again for a while. */
export interface Bar {
  readonly id: ContainerId;
  readonly kind: Undoable;
  readonly until: string;
}

export const NO_ORDERS: Orders = { pauses: [], bars: [], starts: [] };

/** The pause of the whole host, or null. */
export const hostPause = (orders: Orders | undefined): Pause | null =>
  strictest((orders ?? NO_ORDERS).pauses.filter(({ targets }) => targets.length === 0));

/** One that also stops emergencies counts before the others; of these, the one that ends last. */
export function strictest(pauses: readonly Pause[]): Pause | null {
  return pauses.reduce<Pause | null>(
    (best, one) =>
      best === null || Number(one.all) > Number(best.all) || (one.all === best.all && one.until > best.until)
        ? one
        : best,
    null,
  );
}

/** `2026-12-01 14:30`, in local time. */
export function minuteOf(at: Seconds): string {
  const when = new Date(at * 1000);
  const pad = (n: number): string => String(n).padStart(2, '0');
  const day = `${when.getFullYear()}-${pad(when.getMonth() + 1)}-${pad(when.getDate())}`;
  return `${day} ${pad(when.getHours())}:${pad(when.getMinutes())}`;
}
