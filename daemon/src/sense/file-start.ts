import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Reads the beginning of files with one `read` each, into the same memory. What it costs is bounded, however long the file
 * is: other processes decide on the length of some files of /proc.
 */
export class FileStart {
  readonly #bytes: Buffer;

  constructor(mostBytes: number) {
    this.#bytes = Buffer.allocUnsafe(mostBytes);
  }

  /** Valid until the next call; null when the file cannot be read. */
  read(path: string): Buffer | null {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch {
      return null;
    }
    try {
      return this.#bytes.subarray(0, readSync(fd, this.#bytes));
    } catch {
      return null;
    } finally {
      closeSync(fd);
    }
  }

  text(path: string): string | null {
    return this.read(path)?.toString('utf8') ?? null;
  }
}
