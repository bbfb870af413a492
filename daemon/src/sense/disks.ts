import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DiskSample, DiskUse, LogSize } from '../model/disk.ts';
import { usedShare } from '../model/disk.ts';
import type { ContainerId } from '../model/units.ts';
import { fileSystemOf } from './file-system.ts';

/** The engine that says where its files are. */
interface EngineDirectory {
  about(): Promise<{ readonly rootDirectory: string }>;
}

export interface DiskReading {
  readonly disks: readonly DiskSample[];
  /** The largest logs, the largest first; none while the engine's file system has room. */
  readonly logs: readonly LogSize[];
}

const LONGEST_MS = 1000;
/** In percent. Logs are looked for only where one of them may matter. */
const LOOK_ABOVE = 70;
const MOST_LOGS = 20;

/**
 * Reads the file systems of the engine and of the record. A file system that hangs, as one of a network may, costs a second
 * once: until it answers, it is not asked again.
 */
export class Disks {
  readonly #engine: EngineDirectory;
  readonly #record: string;
  #root: string | null = null;
  #pending = false;

  constructor(engine: EngineDirectory, database: string) {
    this.#engine = engine;
    this.#record = dirname(database);
  }

  /** Never throws: what cannot be read is missing. */
  async read(containers: readonly ContainerId[]): Promise<DiskReading> {
    const none: DiskReading = { disks: [], logs: [] };
    if (this.#pending) return none;
    this.#pending = true;
    const { promise: late, resolve } = Promise.withResolvers<DiskReading>();
    const timer = setTimeout(() => resolve(none), LONGEST_MS);
    const asked = this.#read(containers)
      .catch(() => none)
      .finally(() => {
        this.#pending = false;
      });
    try {
      return await Promise.race([asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(containers: readonly ContainerId[]): Promise<DiskReading> {
    this.#root ??= await this.#engine.about().then(
      ({ rootDirectory }) => rootDirectory,
      () => null,
    );
    const places: [DiskUse, string][] = [
      ...(this.#root === null ? [] : [['engine', this.#root] as [DiskUse, string]]),
      ['record', this.#record],
    ];
    const read = await Promise.all(
      places.map(([holds, path]) =>
        fileSystemOf(path).then(
          (found): DiskSample => ({ holds, ...found }),
          () => null,
        ),
      ),
    );
    const disks = read.filter((disk) => disk !== null);
    const engine = disks.find(({ holds }) => holds === 'engine');
    const isLow = engine !== undefined && usedShare(engine.availableBytes, engine.totalBytes) > LOOK_ABOVE;
    return { disks, logs: isLow && this.#root !== null ? await largestLogs(this.#root, containers) : [] };
  }
}

/** Of the engine's usual log driver (json-file). Others keep their logs elsewhere, and what has been rotated is not read. */
async function largestLogs(root: string, containers: readonly ContainerId[]): Promise<LogSize[]> {
  const sizes = await Promise.all(
    containers.map(async (id): Promise<LogSize> => {
      const file = join(root, 'containers', id, `${id}-json.log`);
      return {
        id,
        bytes: await stat(file).then(
          ({ size }) => size,
          () => 0,
        ),
      };
    }),
  );
  return sizes
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, MOST_LOGS);
}
