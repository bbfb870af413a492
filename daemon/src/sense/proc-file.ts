import { type FileHandle, open } from 'node:fs/promises';
import { ReasonedError, reasonOf } from '../words/reasoned-error.ts';
import { SensorError } from './reading.ts';

/** The report of 40,000 processes with hostile arguments takes 25 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
const FIRST_BYTES = 256 * 1024;

/** Decodes text with one character for each byte. */
export function utf8Of(bytes: string): string {
  return /[\u0080-\u00ff]/.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

/**
 * A kernel module's file in /proc, kept open. Reading at offset 0 takes a new sample. After an error the file is opened
 * again.
 */
export class ProcFile {
  readonly path: string;
  readonly #sensor: 'continfo' | 'sysinfo';
  #file: FileHandle | null = null;
  /** Reused, because allocating one for each read would cost as much as reading. Shrinks when a crowd has gone. */
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);

  constructor(sensor: 'continfo' | 'sysinfo', path: string) {
    this.#sensor = sensor;
    this.path = path;
  }

  /**
   * Takes a sample and returns its whole text, with one character for each byte: a single character beyond Latin-1 would
   * double the memory of all of it. utf8Of() decodes a part. /proc gives no size, so MAX_BYTES bounds the memory.
   * Throws SensorError.
   */
  async read(): Promise<string> {
    try {
      this.#file ??= await open(this.path);
      for (let size = 0; ; ) {
        if (size === this.#buffer.length) this.#grow();
        const { bytesRead } = await this.#file.read(this.#buffer, size, this.#buffer.length - size, size);
        if (bytesRead === 0) return this.#textOf(size);
        size += bytesRead;
      }
    } catch (error) {
      await this.close();
      throw new SensorError(this.#sensor, {
        code: 'file-unreadable',
        path: this.path,
        error: reasonOf(error),
      });
    }
  }

  #textOf(size: number): string {
    const text = this.#buffer.toString('latin1', 0, size);
    if (this.#buffer.length > Math.max(FIRST_BYTES, 4 * size))
      this.#buffer = Buffer.allocUnsafe(Math.max(FIRST_BYTES, 2 * size));
    return text;
  }

  #grow(): void {
    if (this.#buffer.length >= MAX_BYTES)
      throw new ReasonedError({ code: 'file-too-long', bytes: MAX_BYTES });
    const larger = Buffer.allocUnsafe(Math.min(2 * this.#buffer.length, MAX_BYTES));
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }
}
