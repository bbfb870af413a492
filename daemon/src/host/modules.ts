import { LOAD_MODULES, UNLOAD_MODULES } from '../layout/paths.ts';
import { lastLine, runCommand } from './command.ts';

export type ModulesUp =
  | { readonly kind: 'loaded'; readonly byUs: readonly string[] }
  | { readonly kind: 'unavailable'; readonly because: string };

/** Exit code of the load script for "this kernel takes no modules". */
const NO_MODULES = 3;

/**
 * Runs the load script, which takes back what it did when it is ended early. A kernel that takes no modules is an answer;
 * anything else that fails is an error.
 */
export async function loadModules(carnet: string, signal: AbortSignal): Promise<ModulesUp> {
  const finished = await runCommand(LOAD_MODULES, ['--carnet', carnet], { timeoutSeconds: 300, signal });
  if (finished.code === NO_MODULES) return { kind: 'unavailable', because: lastLine(finished) };
  if (finished.code !== 0) throw new Error(`the modules were not loaded: ${lastLine(finished)}`);
  const byUs = finished.stdout.split('\n').flatMap((line) => /^(\w+) loaded$/.exec(line)?.[1] ?? []);
  return { kind: 'loaded', byUs };
}

/** Unloads the named modules; only those that this run loaded are ever named. */
export async function unloadModules(names: readonly string[], signal?: AbortSignal): Promise<void> {
  if (names.length === 0) return;
  const finished = await runCommand(UNLOAD_MODULES, names, { timeoutSeconds: 60, signal });
  if (finished.code !== 0) throw new Error(`the modules were not unloaded: ${lastLine(finished)}`);
}
