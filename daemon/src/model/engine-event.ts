import type { ContainerId, KiB, Millis } from './units.ts';

/** What the engine reports about its containers, as far as Vigía keeps it. */
export const ENGINE_EVENTS = ['start', 'die', 'stop', 'kill', 'oom', 'health_status'] as const;
export type EngineEventKind = (typeof ENGINE_EVENTS)[number];

export interface EngineEvent {
  readonly kind: EngineEventKind;
  /** When, in the engine's own clock and words: `1764597600.123456789`. It tells an event from its repetition. */
  readonly moment: string;
  readonly at: Millis;
  readonly id: ContainerId;
  readonly name: string;
  readonly image: string;
  /** Of `die`. */
  readonly exitCode: number | null;
  /** Of `kill`: the number. */
  readonly signal: number | null;
  /** Of `health_status`. */
  readonly health: string | null;
}

/** What the kernel's counters said when an `oom` or a `die` arrived; what happened earlier is not in it. */
export interface OomEvidence {
  readonly cgroupVersion: 1 | 2;
  /** Allocations that failed at the limit of this container's own cgroup; null where it was gone already, and on v1. */
  readonly ownHits: number | null;
  /** The same of the cgroup around it, which counts all inside and outlives them. */
  readonly aroundHits: number | null;
  /** Processes that the kernel has killed for memory, on the whole host; null where it does not count them. */
  readonly hostKills: number | null;
  /** Of the container; null without one, or where nothing tells it any more. */
  readonly limitKb: KiB | null;
  /** Of the host, at that second; null while memory was not short. */
  readonly availableKb: KiB | null;
  /** Who held most at that second, the largest first; empty while memory was not short. */
  readonly held: readonly Held[];
}

export interface Held {
  readonly name: string;
  readonly kb: KiB;
}

/** An action of ours that ends a container. */
export interface OurAct {
  readonly kind: string;
  readonly tick: number;
  readonly at: Millis;
}
