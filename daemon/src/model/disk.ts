import type { Bytes, ContainerId, Nanoseconds, Percent } from './units.ts';

export interface FileSystem {
  /** The directory that was asked about. */
  readonly path: string;
  /** Without what only root may use. */
  readonly totalBytes: Bytes;
  readonly availableBytes: Bytes;
  /** 0 where the file system does not count them. */
  readonly totalInodes: number;
  readonly freeInodes: number;
}

/** `engine`: images, volumes, writable layers and logs; `record`: Vigía's database. Both may be one file system. */
export type DiskUse = 'engine' | 'record';

export interface DiskSample extends FileSystem {
  readonly holds: DiskUse;
}

/** The log that the engine keeps of a container's output. */
export interface LogSize {
  readonly id: ContainerId;
  readonly bytes: Bytes;
}

/** Of each reading: in percent, what is used. The larger of the two decides. */
export interface DiskPoint {
  readonly monotonicNs: Nanoseconds;
  readonly bytes: Percent;
  readonly inodes: Percent;
}

export interface DiskHistory {
  /** The newest last: every reading of the last minutes, and fewer of the hours before. */
  readonly points: readonly DiskPoint[];
  /** When it will be full, if it goes on like this; null where no trend shows. */
  readonly fullInHours: number | null;
}

/** In percent; 0 of a total that is not known. */
export const usedShare = (free: number, total: number): Percent =>
  total > 0 ? ((total - free) / total) * 100 : 0;
