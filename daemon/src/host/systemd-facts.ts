import { existsSync } from 'node:fs';
import type { UnitFacts } from '../model/host-facts.ts';
import { lastLine, runCommand } from './command.ts';

/** The sandbox of the packaged unit: settings that systemd reports as one word. */
const SANDBOX: Readonly<Record<string, string>> = {
  NoNewPrivileges: 'yes',
  PrivateDevices: 'yes',
  PrivateNetwork: 'yes',
  PrivateTmp: 'yes',
  ProtectHome: 'yes',
  ProtectKernelModules: 'yes',
  ProtectKernelTunables: 'yes',
  ProtectSystem: 'strict',
  RestrictNamespaces: 'yes',
};

const isSystemd = (): boolean => existsSync('/run/systemd/system');

/** The loop's unit; null where systemd does not run. Throws when systemd does not answer. */
export async function unitFacts(timeoutSeconds: number): Promise<UnitFacts | null> {
  if (!isSystemd()) return null;
  const properties = ['LoadState', 'ActiveState', 'FragmentPath', ...Object.keys(SANDBOX)].join(',');
  const shown = await runCommand('systemctl', ['show', 'vigia.service', `--property=${properties}`], {
    timeoutSeconds,
  });
  if (shown.code !== 0) throw new Error(lastLine(shown));
  return parseUnit(shown.stdout);
}

/** The output of `systemctl show`. A setting that this systemd does not know is not judged. */
export function parseUnit(text: string): UnitFacts {
  const values = new Map(
    [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  return {
    isInstalled: values.get('LoadState') === 'loaded',
    file: values.get('FragmentPath') ?? '',
    state: values.get('ActiveState') ?? '',
    loosened: Object.entries(SANDBOX).flatMap(([name, packaged]) => {
      const value = values.get(name);
      return value === undefined || value === packaged ? [] : [`${name}=${value}`];
    }),
  };
}

/** How many tasks a unit without a limit of its own may have: every container's cgroup gets it. Null without systemd. */
export async function defaultTasksMax(timeoutSeconds: number): Promise<number | null> {
  if (!isSystemd()) return null;
  const args = ['show', '--property=DefaultTasksMax', '--value'];
  const { code, stdout } = await runCommand('systemctl', args, { timeoutSeconds });
  return code === 0 && /^\d{1,9}$/.test(stdout.trim()) ? Number(stdout) : null;
}

/** Whether the clock is synchronised; null when this host does not say. */
export async function isClockSynchronised(timeoutSeconds: number): Promise<boolean | null> {
  if (existsSync('/run/systemd/timesync/synchronized')) return true;
  if (!isSystemd()) return null;
  const args = ['show', '--property=NTPSynchronized', '--value'];
  const { code, stdout } = await runCommand('timedatectl', args, { timeoutSeconds });
  const answer = stdout.trim();
  return code === 0 && (answer === 'yes' || answer === 'no') ? answer === 'yes' : null;
}
