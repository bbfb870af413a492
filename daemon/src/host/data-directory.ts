import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DEFAULTS } from '../model/config.ts';

const PAGE_USER = 'vigia';
/** New files belong to the page's group as well. */
const MODE = 0o2750;

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Makes the database's directory, readable for the page's group, which new files inherit. One that was there before is
 * changed only where it is Vigía's: the standard one, or one of the page's group. Of another: why it is not taken, with
 * what to do; else null.
 */
export function prepareDataDirectory(database: string, reader: Identity | null): string | null {
  const directory = dirname(database);
  const isNew = mkdirSync(directory, { recursive: true, mode: 0o750 }) !== undefined;
  if (reader === null) return null;
  // In the sandbox of our unit nobody may set the mode; systemd has done so before.
  const { uid, gid, mode } = statSync(directory);
  if (uid === 0 && gid === reader.gid && (mode & 0o7777) === MODE) return null;
  if (!isNew && gid !== reader.gid && directory !== dirname(DEFAULTS.database))
    return `${directory} was there before and is not Vigía's: name a directory that is not there yet, or hand this one over, if nobody else needs it: chown root:${PAGE_USER} ${directory} && chmod 2750 ${directory}`;
  chownSync(directory, 0, reader.gid);
  chmodSync(directory, MODE);
  return null;
}

/** The unprivileged user of the page; null when we are not root or there is no such user. Throws when nobody can say. */
export function findPageUser(): Identity | null {
  if (process.getuid?.() !== 0) return null;
  try {
    const idOf = (flag: string): number =>
      Number(execFileSync('id', [flag, PAGE_USER], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch (error) {
    // Its own answer. Whatever else goes wrong must not make the page run as root.
    if (error instanceof Error && 'status' in error && error.status === 1) return null;
    throw error;
  }
}
