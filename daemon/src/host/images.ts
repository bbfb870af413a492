import { BUILD_IMAGES } from '../layout/paths.ts';
import { lastLine, runCommand } from './command.ts';

/** Builds the workload's three images where they are missing or outdated; throws with the script's own reason. */
export async function buildImages(signal: AbortSignal): Promise<void> {
  const finished = await runCommand(BUILD_IMAGES, [], { timeoutSeconds: 300, signal });
  if (finished.code !== 0) throw new Error(lastLine(finished));
}
