import { BUILD_IMAGES } from '../layout/paths.ts';
import { lastLine, runCommand } from './command.ts';
import { dockerHost } from './docker-host.ts';

/** Builds those of the workload's images that are missing or outdated. Throws with the script's reason. */
export async function buildImages(socket: string, signal: AbortSignal): Promise<void> {
  const env = dockerHost(socket);
  const finished = await runCommand(BUILD_IMAGES, [], { timeoutSeconds: 300, env, signal });
  if (finished.code !== 0) throw new Error(lastLine(finished));
}
