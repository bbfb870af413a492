import { closeSync, openSync, readSync } from 'node:fs';
import type { PressureReading } from '../model/snapshot.ts';
import type { Nanoseconds } from '../model/units.ts';

/** Large enough for both files: meminfo, the longer one, has about 1.5 KB. */
const BYTES = 8192;

/** Reads MemAvailable and memory PSI cheaply enough for every second: the files stay open, one buffer serves both. */
export class PressureFiles implements Disposable {
  readonly #meminfo: number | null;
  readonly #pressure: number | null;
  readonly #buffer = Buffer.allocUnsafe(BYTES);

  constructor(proc = '/proc') {
    this.#meminfo = open(`${proc}/meminfo`);
    this.#pressure = open(`${proc}/pressure/memory`);
  }

  /** null when /proc/meminfo cannot be read or lacks a field: the caller then does not act. */
  read(monotonicNs: Nanoseconds): PressureReading | null {
    const meminfo = this.#text(this.#meminfo);
    const totalKb = number(/^MemTotal: +(\d+) kB$/m, meminfo);
    const availableKb = number(/^MemAvailable: +(\d+) kB$/m, meminfo);
    if (totalKb === null || totalKb === 0 || availableKb === null) return null;
    const memoryFullAvg10 = number(/^full avg10=(\d+\.\d+) /m, this.#text(this.#pressure));
    return { monotonicNs, totalKb, availableKb, memoryFullAvg10 };
  }

  [Symbol.dispose](): void {
    for (const file of [this.#meminfo, this.#pressure]) if (file !== null) closeSync(file);
  }

  #text(file: number | null): string {
    if (file === null) return '';
    try {
      return this.#buffer.toString('latin1', 0, readSync(file, this.#buffer, 0, BYTES, 0));
    } catch {
      return '';
    }
  }
}

function open(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch {
    return null;
  }
}

function number(pattern: RegExp, text: string): number | null {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}
