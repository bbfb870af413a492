import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessSample } from '../../daemon/src/model/snapshot.ts';

/** The fields that are compared. */
export type Facts = Omit<ProcessSample, 'memPercent' | 'cpuPercent' | 'cpuTimeNs' | 'containerId'>;

const NS_PER_TICK = 1e7;

/** What /proc says about a process, read in another way than the daemon's sensor does. null when it has ended. */
export function factsOf(pid: number): Facts | null {
  try {
    const stat = fieldsOf(readFileSync(`/proc/${pid}/stat`));
    const io = numbersOf(readFileSync(`/proc/${pid}/io`, 'latin1'));
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const [vszKb, rssKb] = sizesOf(pid);
    return {
      pid,
      ppid: Number(stat[1]),
      uid: Number(/^Uid:\t\d+\t(\d+)/m.exec(status.slice(status.lastIndexOf('\nUid:') + 1))?.[1]),
      name: readFileSync(`/proc/${pid}/comm`).subarray(0, -1).toString('utf8'),
      cmdline: commandLine(pid),
      state: stat[0] ?? '',
      threads: Number(stat[17]),
      vszKb,
      rssKb,
      startNs: Number(stat[19]) * NS_PER_TICK,
      ioReadBytes: io.get('read_bytes') ?? null,
      ioWriteBytes: io.get('write_bytes') ?? null,
    };
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** From the state on: a name may contain anything, also parentheses. */
const fieldsOf = (stat: Buffer): string[] =>
  stat
    .toString('latin1', stat.lastIndexOf(')') + 2)
    .trim()
    .split(' ');

const numbersOf = (text: string) =>
  new Map([...text.matchAll(/^(\w+): +(\d+)/gm)].map(([, key = '', value]) => [key, Number(value)]));

/** Size and exact resident size, of any thread that has an address space. */
function sizesOf(pid: number): [vszKb: number, rssKb: number] {
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    const pages = Number(readFileSync(`/proc/${pid}/task/${tid}/statm`, 'latin1').split(' ')[0]);
    if (pages === 0) continue;
    const rollup = readFileSync(`/proc/${pid}/task/${tid}/smaps_rollup`, 'latin1');
    return [pages * 4, Number(/^Rss: +(\d+) kB$/m.exec(rollup)?.[1])];
  }
  return [0, 0];
}

/** Of any thread that has an address space. */
function commandLine(pid: number): string {
  const texts = readdirSync(`/proc/${pid}/task`).map((tid) =>
    readFileSync(`/proc/${pid}/task/${tid}/cmdline`, 'utf8'),
  );
  return (texts.find((text) => text !== '') ?? '').replace(/\0$/, '').replaceAll('\0', ' ');
}
