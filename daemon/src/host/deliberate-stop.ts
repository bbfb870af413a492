import { existsSync, readFileSync, rmSync } from 'node:fs';
import { UPGRADING } from '../layout/paths.ts';
import { runCommand } from './command.ts';

const ASK_SECONDS = 10;

/** What systemd tells this process about itself. */
interface Self {
  /** The main process that systemd started, from SYSTEMD_EXEC_PID. */
  readonly execPid: string | undefined;
  readonly pid: number;
  readonly parent: number;
  /** Text of /proc/self/cgroup. */
  readonly cgroup: string;
}

/**
 * Whether a signal ended this run for good: Ctrl-C, `systemctl stop`, a plain SIGTERM. Not when systemd starts the
 * service again (`systemctl restart`: the unit's job has that type until the new process runs), nor while the package is
 * upgraded or the host shuts down. Where systemd cannot be asked the answer is no, because the caller removes containers on a yes.
 */
export async function isDeliberateStop(self: Self = ourselves(), upgrading = UPGRADING): Promise<boolean> {
  const unit = unitOf(self);
  if (unit === null) return true;
  if (existsSync(upgrading)) return false;
  const ask = (...args: string[]) => runCommand('systemctl', args, { timeoutSeconds: ASK_SECONDS });
  const [jobs, state] = await Promise.all([
    ask('list-jobs', '--no-legend', '--plain'),
    ask('is-system-running'),
  ]);
  if (jobs.code !== 0 || state.stdout.trim() === 'stopping') return false;
  // Columns: number, unit, type, state.
  const rows = jobs.stdout.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.every(([, name, type]) => name !== unit || type === 'stop');
}

/** The upgrade is over when the new daemon starts. */
export const endUpgrade = (): void => rmSync(UPGRADING, { force: true });

/** The service whose main process this is; null when a person started it. */
function unitOf({ execPid, pid, parent, cgroup }: Self): string | null {
  // Programs of a desktop inherit the variable: then it names another process. Before systemd 248 there is none.
  if (execPid !== String(pid) && parent !== 1) return null;
  return /\/([^/\n]+\.service)$/m.exec(cgroup)?.[1] ?? null;
}

function ourselves(): Self {
  const { pid, ppid: parent, env } = process;
  return { execPid: env['SYSTEMD_EXEC_PID'], pid, parent, cgroup: readFileSync('/proc/self/cgroup', 'utf8') };
}
