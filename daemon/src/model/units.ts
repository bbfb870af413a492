/** Milliseconds since the Unix epoch (wall clock). */
export type Millis = number;
/** Nanoseconds of a clock that only goes forward. Above 2^53 (104 days) the last bits are lost: rates do not see it. */
export type Nanoseconds = number;
/** KiB, as in /proc. */
export type KiB = number;
export type Bytes = number;
/** For CPU, 100 is one core; for memory, 100 is all RAM. */
export type Percent = number;
/** 64 hexadecimal digits. */
export type ContainerId = string;
/** Since the Unix epoch, as the database has its times; or a number of them. */
export type Seconds = number;
