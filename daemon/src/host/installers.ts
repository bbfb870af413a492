import { HOW_TO_INSTALL } from '../layout/paths.ts';
import type { Installers } from '../model/host-facts.ts';
import { runCommand } from './command.ts';

const NAMES = ['cron', 'compose', 'docker', 'chrony'] as const;

/** The distribution's command to install each; never throws. */
export async function findInstallers(timeoutSeconds: number): Promise<Installers> {
  const { stdout } = await runCommand('bash', [HOW_TO_INSTALL, ...NAMES], { timeoutSeconds });
  const lines = stdout.split('\n');
  const commands = NAMES.map((name, i) => [name, lines[i] || `your package manager to install ${name}`]);
  return Object.fromEntries(commands) as Installers;
}
