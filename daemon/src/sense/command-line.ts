import type { ProcessSample } from '../model/snapshot.ts';
import { FileStart } from './file-start.ts';
import { otherThreads } from './other-threads.ts';

/** Of a command line that are kept: the modules' default of `cmdline_max`. */
export const MOST_BYTES = 512;

const [NUL, BLANK] = [0, 0x20];

/**
 * Reads command lines. The kernel copies them out of the memory of their process, so that such a read waits while another
 * process holds the lock of its memory: of all that is read of a process, this alone can take as long as it likes.
 */
export class CommandLines {
  /** One byte more shows that there are more. */
  readonly #file = new FileStart(MOST_BYTES + 1);

  /** null when unreadable. A main thread that has ended shows none: then that of another thread is taken. */
  read(
    proc: string,
    { pid, state, threads }: Pick<ProcessSample, 'pid' | 'state' | 'threads'>,
  ): string | null {
    const directory = `${proc}/${pid}`;
    if (state !== 'Z' || threads < 2) return this.#readIn(directory);
    for (const thread of otherThreads(directory, pid)) {
      const text = this.#readIn(thread);
      if (text !== null && text !== '') return text;
    }
    return '';
  }

  #readIn(directory: string): string | null {
    const bytes = this.#file.read(`${directory}/cmdline`);
    return bytes === null ? null : commandLineOf(bytes, MOST_BYTES);
  }
}

/**
 * The text of a command line, whose arguments end in a NUL each: separated by blanks, and marked by an ellipsis when there
 * are more than `most` bytes, as the kernel modules write it (contract/FIELDS.md). Changes the bytes.
 */
export function commandLineOf(bytes: Uint8Array, most: number): string {
  const isCut = bytes.length > most;
  let length = isCut ? beforeIncomplete(bytes, most) : bytes.length;
  while (length > 0 && bytes[length - 1] === NUL) length -= 1;
  for (let at = 0; at < length; at += 1) if (bytes[at] === NUL) bytes[at] = BLANK;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('utf8');
  return isCut ? `${text}…` : text;
}

/** The length without an incomplete UTF-8 character at the end. */
function beforeIncomplete(bytes: Uint8Array, length: number): number {
  for (let back = 1; back <= 3 && back <= length; back += 1) {
    const byte = bytes[length - back] ?? 0;
    if (byte < 0x80) return length;
    if (byte >= 0xc0) {
      const size = byte >= 0xf8 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return size > back ? length - back : length;
    }
  }
  return length;
}
