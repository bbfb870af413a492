import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const PAGE_USER = 'vigia';
/** New files belong to the page's group as well. */
const MODE = 0o2750;

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** Makes the database's directory, readable for the page's group, which new files inherit. */
export function prepareDataDirectory(database: string, reader: Identity | null): void {
  const directory = dirname(database);
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  if (reader === null) return;
  // In the sandbox of our unit nobody may set the mode; systemd has done so before.
  const { uid, gid, mode } = statSync(directory);
  if (uid === 0 && gid === reader.gid && (mode & 0o7777) === MODE) return;
  chownSync(directory, 0, reader.gid);
  chmodSync(directory, MODE);
}

/** The unprivileged user of the page; null when we are not root or there is no such user. */
export function findPageUser(): Identity | null {
  if (process.getuid?.() !== 0) return null;
  try {
    const idOf = (flag: string): number =>
      Number(execFileSync('id', [flag, PAGE_USER], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    return null;
  }
}
