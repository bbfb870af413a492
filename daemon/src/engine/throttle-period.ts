/**
 * CPU period of the limits that Vigía sets, in microseconds. It differs from the usual period, so that Vigía recognises
 * its own limits even when its record is lost. It is longer than the usual one because the kernel allows no quota below
 * 1 ms, and 1 % of this period must be allowed.
 */
export const THROTTLE_PERIOD_US = 100_100;

/** The kernel's default period, in microseconds, which a container without a limit has. */
export const USUAL_PERIOD_US = 100_000;
