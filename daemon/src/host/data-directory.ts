import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DEFAULTS } from '../model/config.ts';

const PAGE_USER = 'vigia';
/** setgid: new files inherit the page's group, which may read them. */
const MODE = 0o2750;

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Creates the database's directory, with a group that lets the page's user read it and its new files. An existing
 * directory is changed only when it is Vigía's: the default one, or one that has the page's group. Returns null, or why
 * another directory is refused and what to do. Without a `reader` no owner or mode is changed.
 */
export function prepareDataDirectory(database: string, reader: Identity | null): string | null {
  const directory = dirname(database);
  const isNew = mkdirSync(directory, { recursive: true, mode: 0o750 }) !== undefined;
  if (reader === null) return null;
  // In the sandbox of the systemd unit the mode cannot be set; systemd has set it before.
  const { uid, gid, mode } = statSync(directory);
  if (uid === 0 && gid === reader.gid && (mode & 0o7777) === MODE) return null;
  if (!isNew && gid !== reader.gid && directory !== dirname(DEFAULTS.database))
    return `${directory} already exists and does not belong to Vigía: use a directory that does not exist yet or, if nothing else uses this one, give it to Vigía: chown root:${PAGE_USER} ${directory} && chmod 2750 ${directory}`;
  chownSync(directory, 0, reader.gid);
  chmodSync(directory, MODE);
  return null;
}

/**
 * The unprivileged user that runs the page; null when Vigía is not root or that user does not exist. Throws when `id`
 * fails.
 */
export function findPageUser(): Identity | null {
  if (process.getuid?.() !== 0) return null;
  try {
    const idOf = (flag: string): number =>
      Number(execFileSync('id', [flag, PAGE_USER], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch (error) {
    // Exit code 1 means that there is no such user. Any other failure must not make the page run as root.
    if (error instanceof Error && 'status' in error && error.status === 1) return null;
    throw error;
  }
}
