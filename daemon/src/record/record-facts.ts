import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorMessage } from '../model/error-message.ts';
import type { FileAccess, HostFacts } from '../model/host-facts.ts';
import { isDamage, openForReading } from './database.ts';

/** In bytes. A larger file takes seconds to read whole, and blocks the thread meanwhile. */
const READ_WHOLE = 64 * 2 ** 20;

/** Whether the record can be opened, and whether its pages are intact. */
export function recordFacts(path: string): HostFacts['record'] {
  if (!existsSync(path))
    return { path, state: isReadable(dirname(path)) ? 'absent' : 'no-permission', detail: '' };
  try {
    const db = openForReading(path, { anyVersion: true });
    try {
      if (statSync(path).size > READ_WHOLE) return { path, state: 'too-large', detail: '' };
      const detail = String(db.prepare('PRAGMA quick_check(1)').get()?.['quick_check']);
      return { path, state: detail === 'ok' ? 'sound' : 'damaged', detail };
    } finally {
      db.close();
    }
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const state = isDamage(cause) ? 'damaged' : isReadable(path) ? 'unreadable' : 'no-permission';
    return { path, state, detail: errorMessage(cause) };
  }
}

/** A directory that does not exist forbids nothing. */
function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'EACCES');
  }
}

/** Owner and mode of the record's directory and of its files, as far as they exist. */
export function recordAccess(path: string): FileAccess[] {
  const files = [dirname(path), path, `${path}-wal`, `${path}-shm`];
  return files.flatMap((file) => {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return [];
    const { mode, uid, gid } = stats;
    return [{ path: file, mode: mode & 0o7777, uid, gid }];
  });
}
