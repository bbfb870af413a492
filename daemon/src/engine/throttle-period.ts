/**
 * The CPU period of the limits that we set, in microseconds. It is what they are known by, whatever became of the record
 * of it: everybody else takes the usual one. Above that, since the kernel allows no quota below 1 ms, 1 % of this one.
 */
export const THROTTLE_PERIOD_US = 100_100;

/** The kernel's own, which a container without a limit has. */
export const USUAL_PERIOD_US = 100_000;
