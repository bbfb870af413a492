/** Milliseconds since the Unix epoch (wall clock). */
export type Millis = number;
/** Nanoseconds of a monotonic clock. Above 2^53 (104 days) the lowest bits are lost, which does not affect rates. */
export type Nanoseconds = number;
/** KiB, as in /proc. */
export type KiB = number;
export type Bytes = number;
/** For CPU, 100 is one core; for memory, 100 is all RAM. */
export type Percent = number;
/** 64 hexadecimal digits. */
export type ContainerId = string;
/** Seconds: a duration, or a time since the Unix epoch as in the database. */
export type Seconds = number;
