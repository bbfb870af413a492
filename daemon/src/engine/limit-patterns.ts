import { readFileSync } from 'node:fs';
import type { Bytes } from '../model/units.ts';

/*
 * The values of the limits that Vigía writes into a cgroup. Each carries a pattern that a value written by a person or
 * by another program does not have, except by chance. So Vigía recognises and lifts its own limits even when its record
 * is lost, and never touches anybody else's. The CPU limit has its period for this (throttle-period.ts).
 *
 * | file        | value                                                                     |
 * | ----------- | ------------------------------------------------------------------------- |
 * | memory.high | whole MiB plus 17 pages of 4 KiB                                          |
 * | pids.max    | whole thousands plus 977; plus 978 in the place of systemd's default      |
 * | io.max      | whole MiB/s plus 4711 bytes/s, the same for reading (rbps) and for writing |
 *
 * People write round numbers, which never have the pattern. A program that computes memory.high (a share of RAM, a
 * decimal number of megabytes) gets it by chance once in 256 times, with pages of 64 KiB once in 16 times. What is asked
 * for is rounded up, never down.
 */

const MIB = 1024 ** 2;
const MEMORY_EXTRA = 17 * 4096;
const PIDS_STEP = 1000;
/** By what was in the file before: `max`, or the DefaultTasksMax that systemd gives every container. */
const PIDS_EXTRA = { max: 977, default: 978 } as const;
/** The kernel refuses more: it has no more pids. */
const MOST_PIDS = 4_000_000;
const IO_EXTRA = 4711;

const AT_PAGESZ = 6n;

/** Size of a memory page, from the auxiliary vector that the kernel gives every process. */
export const PAGE_BYTES: Bytes = pageBytes();

/** The kernel rounds memory.high down to whole pages, which may be of 16 or 64 KiB. */
const memoryExtra = (page: Bytes): Bytes => MEMORY_EXTRA - (MEMORY_EXTRA % page);

/** The value of memory.high that allows at least this much. */
export function memoryHighOf(kb: number, page: Bytes = PAGE_BYTES): Bytes {
  const extra = memoryExtra(page);
  return Math.max(0, Math.ceil((kb * 1024 - extra) / MIB)) * MIB + extra;
}

export const isOurMemoryHigh = (bytes: Bytes, page: Bytes = PAGE_BYTES): boolean =>
  bytes % MIB === memoryExtra(page);

export type PidsBefore = keyof typeof PIDS_EXTRA;

/** The value of pids.max that allows at least this many; null when the kernel allows no limit that high. */
export function pidsMaxOf(processes: number, before: PidsBefore = 'max'): number | null {
  const extra = PIDS_EXTRA[before];
  const value = Math.max(0, Math.ceil((processes - extra) / PIDS_STEP)) * PIDS_STEP + extra;
  return value > MOST_PIDS ? null : value;
}

/** What a limit of ours in pids.max took the place of; null when it is not ours. */
export function pidsBefore(pids: number): PidsBefore | null {
  const extra = pids % PIDS_STEP;
  return extra === PIDS_EXTRA.max ? 'max' : extra === PIDS_EXTRA.default ? 'default' : null;
}

/** The value of rbps and wbps in io.max. */
export const bytesPerSecondOf = (mibPerSecond: number): Bytes =>
  Math.max(1, Math.ceil(mibPerSecond)) * MIB + IO_EXTRA;

/** MiB/s of a limit of ours; null for any other. */
export const ourMibPerSecond = (bytesPerSecond: Bytes): number | null =>
  bytesPerSecond > MIB && bytesPerSecond % MIB === IO_EXTRA ? Math.floor(bytesPerSecond / MIB) : null;

function pageBytes(): Bytes {
  try {
    const vector = readFileSync('/proc/self/auxv');
    for (let at = 0; at + 16 <= vector.length; at += 16)
      if (vector.readBigUInt64LE(at) === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8));
  } catch {
    // Every Linux has this file. Without it, pages have the usual size.
  }
  return 4096;
}
