/** How often each fault is injected. Figures are probabilities per opportunity unless they say otherwise. */
export interface Faults {
  /** A call to the engine fails. */
  readonly engineError: number;
  /** The engine hangs for a while when a cycle begins: calls fail after their deadline. */
  readonly engineHang: number;
  /** The engine hangs when memory becomes short, as it needs memory itself. */
  readonly engineHangUnderPressure: number;
  /** A sensor's file is truncated, which makes the snapshot blind. */
  readonly blind: number;
  /** The sensor returns the previous reading again. */
  readonly stale: number;
  /** The wall clock is set, forwards or backwards, by up to a day. */
  readonly clockJump: number;
  /** A stop exceeds the daemon's deadline, and the engine completes it later. */
  readonly lateStop: number;
  /**
   * Something else restarts, ends or removes a disposable container between the reading and the recheck before an
   * action.
   */
  readonly outsider: number;
  /** A container ignores its stop signal, whatever its kind. */
  readonly slowStop: number;
  /** A cycle cannot be recorded because the disk is full. It is recorded together with a later one. */
  readonly diskFull: number;
  /** Mean time between crashes of the daemon, which come at random moments. Infinity: none. */
  readonly crashEverySeconds: number;
  /** The daemon is killed after it has acted and before the cycle is recorded. */
  readonly crashBeforeRecord: number;
}

export const NO_FAULTS: Faults = {
  engineError: 0,
  engineHang: 0,
  engineHangUnderPressure: 0,
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

/** What `vigia simulate --faults` injects. */
export const ALL_FAULTS: Faults = {
  engineError: 0.01,
  engineHang: 0.001,
  engineHangUnderPressure: 0.3,
  blind: 0.01,
  stale: 0.01,
  clockJump: 0.0005,
  lateStop: 0.01,
  outsider: 0.03,
  slowStop: 0.03,
  diskFull: 0.002,
  crashEverySeconds: 4 * 3600,
  crashBeforeRecord: 0.002,
};
