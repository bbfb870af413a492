import { type FileHandle, open } from 'node:fs/promises';
import { messageOf } from '../model/message.ts';
import { SensorError } from './reading.ts';

const MAX_BYTES = 256 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

/**
 * A module's file, kept open: reading at offset 0 takes a new sample, and for a file that stays open the module need
 * not fetch the command lines of processes that have not run since. After an error it is opened anew.
 */
export class ProcFile {
  readonly path: string;
  readonly #sensor: 'continfo' | 'sysinfo';
  #file: FileHandle | null = null;

  constructor(sensor: 'continfo' | 'sysinfo', path: string) {
    this.#sensor = sensor;
    this.path = path;
  }

  /** A new sample, whole, up to a bound: /proc tells no size, and a runaway file must not fill the memory. */
  async read(): Promise<string> {
    try {
      this.#file ??= await open(this.path);
      const chunks: Buffer[] = [];
      for (let size = 0; ; ) {
        const { bytesRead, buffer } = await this.#file.read(
          Buffer.allocUnsafe(CHUNK_BYTES),
          0,
          CHUNK_BYTES,
          size,
        );
        if (bytesRead === 0) return Buffer.concat(chunks).toString('utf8');
        size += bytesRead;
        if (size > MAX_BYTES) throw new Error(`it is longer than ${MAX_BYTES} bytes`);
        chunks.push(buffer.subarray(0, bytesRead));
      }
    } catch (error) {
      await this.close();
      throw new SensorError(this.#sensor, `cannot read ${this.path}: ${messageOf(error)}`);
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }
}
