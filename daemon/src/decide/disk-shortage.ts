import type { Config } from '../model/config.ts';
import type { DiskHistory, DiskUse } from '../model/disk.ts';
import type { History } from '../model/history.ts';
import type { Reason } from '../model/reason.ts';
import { rounded } from '../model/reason.ts';
import type { Snapshot } from '../model/snapshot.ts';

export type DiskShortage = Extract<Reason, { code: 'disk-filling' }>;

/** Why a file system is short: fuller than configured in two readings in a row, or soon full; null where it is not. */
export function diskShortage(
  holds: DiskUse,
  history: Pick<History, 'disks'>,
  now: Pick<Snapshot, 'disks' | 'logs' | 'containers'>,
  { disk }: Pick<Config, 'disk'>,
): DiskShortage | null {
  const sample = now.disks?.find((one) => one.holds === holds);
  const known = history.disks.get(holds);
  if (sample === undefined || known === undefined) return null;
  const isFull = known.points
    .slice(-2)
    .every(({ bytes, inodes }) => Math.max(bytes, inodes) >= disk.usedPercent);
  const isSoonFull = known.fullInHours !== null && known.fullInHours < disk.fullWithinHours;
  if (known.points.length < 2 || (!isFull && !isSoonFull)) return null;
  return {
    ...{ code: 'disk-filling', path: sample.path, ...fullerOf(known) },
    ...{ hours: known.fullInHours === null ? null : rounded(known.fullInHours), log: largestLog(now) },
  };
}

function largestLog({ logs, containers }: Pick<Snapshot, 'logs' | 'containers'>): DiskShortage['log'] {
  const [largest] = logs ?? [];
  const name = containers.find(({ id }) => id === largest?.id)?.name;
  return largest === undefined || name === undefined
    ? null
    : { name, mib: Math.round(largest.bytes / 2 ** 20) };
}

function fullerOf({ points }: DiskHistory): { used: number; inodes: boolean } {
  const { bytes = 0, inodes = 0 } = points.at(-1) ?? {};
  return { used: rounded(Math.max(bytes, inodes)), inodes: inodes > bytes };
}
