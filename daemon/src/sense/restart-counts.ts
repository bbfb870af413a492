import type { Engine } from '../model/engine.ts';
import { runId } from '../model/run-id.ts';
import type { ContainerUsage, EngineContainer } from '../model/snapshot.ts';
import type { ContainerId, Nanoseconds } from '../model/units.ts';
import { unlessUrgent } from './unless-urgent.ts';

type Sampled = EngineContainer & { readonly usage: ContainerUsage | null };

/** Inspections that run in parallel. */
const AT_ONCE = 8;
/** Inspections of one cycle end after this time: some engines answer the list but hang over one container. */
const LONGEST_MS = 2000;
const RETRY_NS = 60e9;

interface Known {
  /** null between two runs. */
  readonly run: string | null;
  readonly count: number;
}

/**
 * The engine's RestartCount of each container. The list does not have it: a container is inspected when its run has
 * changed since it was read, and while it is restarting.
 */
export class RestartCounts {
  #known = new Map<ContainerId, Known>();
  /** Containers whose inspection has failed or is under way: not before this time again. */
  #notBeforeNs = new Map<ContainerId, Nanoseconds>();

  /** The count of each container; null where the one of its present run has not been read. */
  async read(
    sampled: readonly Sampled[],
    engine: Pick<Engine, 'inspect'>,
    nowNs: Nanoseconds,
    urgent?: AbortSignal,
  ): Promise<ReadonlyMap<ContainerId, number | null>> {
    this.#forgetAllBut(new Set(sampled.map(({ id }) => id)));
    const unread = new Set(sampled.filter((container) => this.#isUnread(container)));
    const due = [...unread].filter(({ id }) => nowNs >= (this.#notBeforeNs.get(id) ?? 0)).values();
    const stop = AbortSignal.any([AbortSignal.timeout(LONGEST_MS), ...(urgent ? [urgent] : [])]);
    // All draw from the same iterator.
    const inspectInTurn = async (): Promise<void> => {
      for (const container of due) {
        if (stop.aborted) return;
        this.#notBeforeNs.set(container.id, nowNs + RETRY_NS);
        const found = await engine.inspect(container.id).catch(() => null);
        if (found === null) continue;
        // An answer that comes after `stop` serves the next cycle.
        this.#notBeforeNs.delete(container.id);
        this.#known.set(container.id, { run: runOf(container), count: found.restartCount });
        if (!stop.aborted) unread.delete(container);
      }
    };
    const all = () => Promise.all(Array.from({ length: AT_ONCE }, inspectInTurn));
    if (unread.size > 0) await unlessUrgent(all, stop).catch(() => {});
    return new Map(
      sampled.map((container) => {
        const known = unread.has(container) ? undefined : this.#known.get(container.id);
        return [container.id, known?.count ?? null];
      }),
    );
  }

  #isUnread(container: Sampled): boolean {
    const run = runOf(container);
    return container.state === 'restarting' || (run !== null && run !== this.#known.get(container.id)?.run);
  }

  #forgetAllBut(ids: ReadonlySet<ContainerId>): void {
    for (const map of [this.#known, this.#notBeforeNs])
      for (const id of map.keys()) if (!ids.has(id)) map.delete(id);
  }
}

const runOf = ({ usage }: Sampled): string | null => (usage === null ? null : runId(usage));
