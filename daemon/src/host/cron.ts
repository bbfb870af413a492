import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { CRON_FILE, SPAWN_CONTAINERS } from '../layout/paths.ts';
import { errorMessage } from '../model/error-message.ts';
import { dockerHost } from './docker-host.ts';

/** The cron job: ten containers a minute. A file of its own in cron.d cannot damage the other lines of a crontab. */
const contentFor = (
  socket: string,
): string => `# Vigía's workload. Written when Vigía starts, removed when it ends; it does nothing while Vigía is not running.
# It uses the engine that Vigía uses.
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
* * * * * root DOCKER_HOST=${quoted(dockerHost(socket).DOCKER_HOST)} ${quoted(SPAWN_CONTAINERS)} 2>&1 | logger -t vigia-workload
`;

/** A text as one word of the shell, in a line of a crontab: there a % would end the command. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`.replaceAll('%', '\\%');

/** Names of the programs that read /etc/cron.d, as the kernel shows them. */
const CRON_DAEMONS = ['cron', 'crond', 'cronie', 'fcron', 'bcron-sched'];

/** Whether a cron daemon runs on this host; without one the job starts nothing. systemd-cron has timers instead. */
export function hasCronDaemon(proc = '/proc', timers = '/run/systemd/generator/cron.target.wants'): boolean {
  if (existsSync(timers)) return true;
  const pids = readdirSync(proc).filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => CRON_DAEMONS.includes(read(`${proc}/${pid}/comm`)?.trim() ?? ''));
}

/** Writes the cron job. Returns true when it replaced the file of an earlier run that was killed. */
export function installCron(socket: string, file = CRON_FILE): boolean {
  const stale = read(file) !== null;
  // cron ignores file names with a dot, so it never sees a half-written file.
  const draft = `${file}.new`;
  writeFileSync(draft, contentFor(socket), { mode: 0o644 });
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
export function isCronIntact(socket: string, file = CRON_FILE): boolean {
  return read(file) === contentFor(socket);
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
