import { chmodSync, existsSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { CRON_FILE, SPAWN_CONTAINERS } from '../layout/paths.ts';
import { errorMessage } from '../model/error-message.ts';

/** Ten containers a minute. cron.d, not a user's crontab: one file of our own, nobody else's lines to lose. */
const CONTENT = `# Vigía's workload. Written at start and removed at the end; it does nothing while the loop is not running.
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
* * * * * root '${SPAWN_CONTAINERS}' 2>&1 | logger -t vigia-workload
`;

/** Returns true when a stale one, of a run that was killed, stood there. */
export function installCron(file = CRON_FILE): boolean {
  const stale = read(file) !== null;
  // cron ignores names with a dot, so it never sees the half-written one.
  const draft = `${file}.new`;
  writeFileSync(draft, CONTENT, { mode: 0o644 });
  chmodSync(draft, 0o644);
  renameSync(draft, file);
  return stale;
}

/** Removes it; no error when it is not there. */
export function removeCron(file = CRON_FILE): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (!existsSync(file)) return;
    throw new Error(
      `cron: not removed (${errorMessage(error)}). It starts nothing while no loop runs; remove it by hand: rm ${file}`,
    );
  }
}

/** True while the file is just as we wrote it. */
export function isCronIntact(file = CRON_FILE): boolean {
  return read(file) === CONTENT;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
