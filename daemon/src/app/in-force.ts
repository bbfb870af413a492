import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import type { Config } from '../model/config.ts';
import { settingsOf } from './config-environment.ts';
import { inFileForm } from './config-in-file-form.ts';
import { replaceFile } from './edit-drop-in.ts';

/** What a running loop tells the commands: which orders and which configuration it follows. */
const IN_FORCE = v.object({
  pid: v.number(),
  /** Tells this process from a later one with the same pid. */
  started: v.string(),
  revision: v.number(),
  settings: v.record(v.string(), v.unknown()),
});
export type InForce = v.InferOutput<typeof IN_FORCE>;

const fileOf = (database: string): string => join(dirname(database), 'in-force.json');

/** The values of all settings, each by its path: `soft.cpuPercent`. */
export const settingsByPath = (config: Config): Record<string, unknown> =>
  Object.fromEntries(settingsOf(inFileForm(config)).map(({ path, value }) => [path.join('.'), value]));

/** Called by the loop at the beginning of a cycle in which either has changed. */
export function publishInForce(config: Config, revision: number): void {
  const { pid } = process;
  const inForce: InForce = { pid, started: startOf(pid), revision, settings: settingsByPath(config) };
  replaceFile(fileOf(config.database), `${JSON.stringify(inForce)}\n`);
}

/** What the loop of this database follows; null while none runs. */
export function readInForce(database: string): InForce | null {
  try {
    const inForce = v.parse(IN_FORCE, JSON.parse(readFileSync(fileOf(database), 'utf8')));
    return startOf(inForce.pid) === inForce.started ? inForce : null;
  } catch {
    return null;
  }
}

/** The start time of a process in ticks since boot, with the boot's ID. Throws when there is no such process. */
function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  // The name, in parentheses, may hold spaces; `starttime` is field 22.
  return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
}
