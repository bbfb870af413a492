import { chmodSync, existsSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { CRON_FILE, SPAWN_CONTAINERS } from '../layout/paths.ts';
import { errorMessage } from '../model/error-message.ts';

/** The cron job: ten containers a minute. A file of its own in cron.d cannot damage the other lines of a crontab. */
const CONTENT = `# Vigía's workload. Written when Vigía starts, removed when it ends; it does nothing while Vigía is not running.
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
* * * * * root '${SPAWN_CONTAINERS}' 2>&1 | logger -t vigia-workload
`;

/** Writes the cron job. Returns true when it replaced the file of an earlier run that was killed. */
export function installCron(file = CRON_FILE): boolean {
  const stale = read(file) !== null;
  // cron ignores file names with a dot, so it never sees a half-written file.
  const draft = `${file}.new`;
  writeFileSync(draft, CONTENT, { mode: 0o644 });
  chmodSync(draft, 0o644);
  renameSync(draft, file);
  return stale;
}

/** Removes the cron job, if it is there. Throws when that fails. */
export function removeCron(file = CRON_FILE): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (!existsSync(file)) return;
    throw new Error(
      `cron: not removed (${errorMessage(error)}). The job starts nothing while Vigía is not running; remove it by hand: rm ${file}`,
    );
  }
}

/** True when the file has exactly the content that Vigía writes. */
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
