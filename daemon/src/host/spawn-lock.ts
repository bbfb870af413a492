import { existsSync } from 'node:fs';
import { SPAWN_LOCK } from '../layout/paths.ts';
import { runCommand } from './command.ts';

/** Waits until no run of the spawn script is starting containers. False when one still is after `seconds`. */
export async function awaitSpawnScript(seconds: number, lock = SPAWN_LOCK): Promise<boolean> {
  if (!existsSync(lock)) return true;
  const args = ['--timeout', String(seconds), lock, 'true'];
  return (await runCommand('flock', args, { timeoutSeconds: seconds + 5 })).code === 0;
}
