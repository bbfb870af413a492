/** How often what goes wrong goes wrong. Probabilities per event; the seed decides which. */
export interface Faults {
  /** One call of the engine fails. */
  readonly engineError: number;
  /** A cycle begins with the engine hung for a while: calls fail after their deadline. */
  readonly engineHang: number;
  /** A sensor's file is cut: a blind snapshot. */
  readonly blind: number;
  /** A sensor gives the same reading once more, as if nothing had happened since. */
  readonly stale: number;
  /** The wall clock is set, forwards or backwards, by up to a day. */
  readonly clockJump: number;
  /** The engine takes so long to stop a container that nobody waits for its answer; it stops it all the same. */
  readonly lateStop: number;
  /** Somebody else restarts, ends or removes one of ours between the reading and the second look before a removal. */
  readonly outsider: number;
  /** A container does not heed SIGTERM, whatever its kind. */
  readonly slowStop: number;
  /** A cycle cannot be written: the disk is full. */
  readonly diskFull: number;
  /** Mean time between crashes of the daemon; each comes at a moment of its own. */
  readonly crashEverySeconds: number;
  /** The daemon is killed when it has acted, and before it could record what it did. */
  readonly crashBeforeRecord: number;
}

export const NO_FAULTS: Faults = {
  engineError: 0,
  engineHang: 0,
  blind: 0,
  stale: 0,
  clockJump: 0,
  lateStop: 0,
  outsider: 0,
  slowStop: 0,
  diskFull: 0,
  crashEverySeconds: Number.POSITIVE_INFINITY,
  crashBeforeRecord: 0,
};

export const ALL_FAULTS: Faults = {
  engineError: 0.01,
  engineHang: 0.001,
  blind: 0.01,
  stale: 0.01,
  clockJump: 0.0005,
  // A daemon that is killed meanwhile as well does not know of it: its notes (app/cut-cycles.ts) are not modelled.
  lateStop: 0,
  outsider: 0.03,
  slowStop: 0.03,
  diskFull: 0.002,
  crashEverySeconds: 4 * 3600,
  crashBeforeRecord: 0.002,
};
