import { BUILD_IMAGES } from '../layout/paths.ts';
import { lastLine, runCommand } from './command.ts';

/** Builds those of the workload's images that are missing or outdated. Throws with the script's reason. */
export async function buildImages(signal: AbortSignal): Promise<void> {
  const finished = await runCommand(BUILD_IMAGES, [], { timeoutSeconds: 300, signal });
  if (finished.code !== 0) throw new Error(lastLine(finished));
}
