import { close, closeSync, constants, openSync, write, writeSync } from 'node:fs';
import type { CgroupLimit } from '../model/limit.ts';
import type { CgroupCounters } from '../model/snapshot.ts';
import type { Bytes } from '../model/units.ts';
import { CGROUP_ROOT, isUnified, readText, wholeNumber } from './cgroup-files.ts';
import {
  bytesPerSecondOf,
  isOurMemoryHigh,
  memoryHighOf,
  ourMibPerSecond,
  pidsBefore,
  pidsMaxOf,
} from './limit-patterns.ts';

type OurLimits = Pick<CgroupCounters, 'squeezedToKb' | 'pidsLimitedTo' | 'ioLimitedTo'>;

/** The limits of ours that are on a cgroup; all null in v1, where Vigía sets none. */
export function ourLimits(path: string, root: string = CGROUP_ROOT): OurLimits {
  if (!isUnified(root)) return { squeezedToKb: null, pidsLimitedTo: null, ioLimitedTo: null };
  const directory = `${root}${path}`;
  const high = wholeNumber(readText(`${directory}/memory.high`));
  const pids = wholeNumber(readText(`${directory}/pids.max`));
  const rates = ioLimits(readText(`${directory}/io.max`)).flatMap(({ ours }) => ours ?? []);
  return {
    squeezedToKb: high !== null && isOurMemoryHigh(high) ? Math.floor(high / 1024) : null,
    pidsLimitedTo: pids !== null && pidsBefore(pids) !== null ? pids : null,
    ioLimitedTo: rates.length === 0 ? null : Math.min(...rates),
  };
}

/**
 * Sets a limit of ours on a cgroup (KiB, processes, MiB/s), or lifts it (null). Returns false, and changes nothing, in
 * v1, without the controller, where the cgroup is gone, and where another program has set a limit. Lifting a limit that
 * is not there succeeds. `defaultPids` is systemd's DefaultTasksMax, which stands in pids.max of containers whose owner
 * set no limit; null where there is none.
 */
export function setLimit(
  path: string,
  limit: CgroupLimit,
  value: number | null,
  root: string = CGROUP_ROOT,
  defaultPids: number | null = null,
): boolean {
  if (!isUnified(root) || (value !== null && !(value >= 0 && Number.isFinite(value)))) return false;
  const directory = `${root}${path}`;
  try {
    switch (limit) {
      case 'memory':
        return setMemory(directory, value);
      case 'pids':
        return setPids(directory, value, defaultPids);
      case 'io':
        return setIo(directory, value);
    }
  } catch {
    // The cgroup is gone, or the kernel refuses the value.
    return false;
  }
}

/** Whether a file holds no limit, or one of ours. */
function isFree(text: string | null, isOurs: (value: number) => boolean): boolean {
  const value = wholeNumber(text);
  return text?.trim() === 'max' || (value !== null && isOurs(value));
}

function setMemory(directory: string, kb: number | null): boolean {
  const file = `${directory}/memory.high`;
  if (!isFree(readText(file), isOurMemoryHigh)) return false;
  const bytes = kb === null ? null : memoryHighOf(kb);
  const inUse = wholeNumber(readText(`${directory}/memory.current`)) ?? 0;
  if (bytes !== null && bytes < inUse) return squeeze(file, bytes);
  put(file, bytes === null ? 'max' : String(bytes));
  return true;
}

/** The threads that make such calls also read files for the sensors, and there are four of them. */
const MOST_SQUEEZES = 2;
let squeezesUnderWay = 0;

/**
 * Writes memory.high below what is in use. The kernel sets the limit first and then, within the same system call,
 * reclaims memory, which can take seconds while it swaps: another thread makes the call, and the next reading shows the
 * limit. Opening the file with O_NONBLOCK would avoid the wait, but also the reclaim: a container that allocates nothing
 * would keep its memory. Returns false while two of these calls are under way.
 */
function squeeze(file: string, bytes: Bytes): boolean {
  if (squeezesUnderWay >= MOST_SQUEEZES) return false;
  const descriptor = openSync(file, constants.O_WRONLY | constants.O_TRUNC);
  squeezesUnderWay += 1;
  write(descriptor, `${bytes}\n`, () => {
    squeezesUnderWay -= 1;
    close(descriptor, () => {});
  });
  return true;
}

function setPids(directory: string, processes: number | null, defaultPids: number | null): boolean {
  const file = `${directory}/pids.max`;
  const text = readText(file)?.trim();
  const now = text === 'max' ? Infinity : (wholeNumber(text ?? null) ?? Number.NaN);
  const ours = pidsBefore(now);
  const before = now === Infinity ? 'max' : now === defaultPids ? 'default' : ours;
  if (before === null) return false;
  if (processes === null) {
    if (ours !== null) put(file, before === 'default' && defaultPids !== null ? String(defaultPids) : 'max');
    return true;
  }
  const value = pidsMaxOf(processes, before);
  // A limit of ours never allows more than there was.
  if (value === null || (before === 'default' && value >= (defaultPids ?? now))) return false;
  put(file, String(value));
  return true;
}

/** One block device in io.max. */
interface IoLimit {
  /** `8:0`. */
  readonly device: string;
  /** MiB/s of our limit; null when it is not ours. */
  readonly ours: number | null;
}

/** Parses io.max, which has a line for each device with a limit: `8:0 rbps=1052671 wbps=1052671 riops=max wiops=max`. */
function ioLimits(text: string | null): IoLimit[] {
  return [...(text ?? '').matchAll(/^(\d+:\d+) (.+)$/gm)].flatMap(
    ([, device = '', settings = '']): IoLimit[] => {
      const setting = new Map(
        [...settings.matchAll(/(\w+)=(\w+)/g)].map(([, key = '', value = '']) => [key, value]),
      );
      const [read, written] = [setting.get('rbps'), setting.get('wbps')];
      const areOperationsFree = ['riops', 'wiops'].every((key) => (setting.get(key) ?? 'max') === 'max');
      if (areOperationsFree && read === 'max' && written === 'max') return [];
      const rate = areOperationsFree && read === written ? wholeNumber(read ?? null) : null;
      return [{ device, ours: rate === null ? null : ourMibPerSecond(rate) }];
    },
  );
}

/** Limits every device that the cgroup has used; io.stat lists whole devices only, which io.max takes. */
function setIo(directory: string, mibPerSecond: number | null): boolean {
  const file = `${directory}/io.max`;
  const text = readText(file);
  const limits = ioLimits(text);
  if (text === null || limits.some(({ ours }) => ours === null)) return false;
  if (mibPerSecond === null) {
    for (const { device } of limits) put(file, `${device} rbps=max wbps=max`);
    return true;
  }
  const rate = bytesPerSecondOf(mibPerSecond);
  const used = [...(readText(`${directory}/io.stat`) ?? '').matchAll(/^\d+:\d+(?= )/gm)].map(
    ([device]) => device,
  );
  // A device without a queue of its own refuses a limit; the others are limited all the same.
  const limited = used.filter((device) => tried(() => put(file, `${device} rbps=${rate} wbps=${rate}`)));
  return limited.length > 0;
}

function tried(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** Never creates the file: without the controller there is none. */
function put(file: string, text: string): void {
  const descriptor = openSync(file, constants.O_WRONLY | constants.O_TRUNC);
  try {
    writeSync(descriptor, `${text}\n`);
  } finally {
    closeSync(descriptor);
  }
}
