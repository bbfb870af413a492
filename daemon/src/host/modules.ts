import { LOAD_MODULES, UNLOAD_MODULES } from '../layout/paths.ts';
import { lastLine, runCommand } from './command.ts';

export type ModulesUp =
  | { readonly kind: 'loaded'; readonly byUs: readonly string[] }
  | { readonly kind: 'unavailable'; readonly because: string };

/** Exit code of the load script for "this kernel cannot load the modules". */
const NO_MODULES = 3;

/**
 * Loads the kernel modules with the load script, which undoes its work when it is ended early. A kernel that cannot
 * load them gives `unavailable` with the reason. Throws on any other failure.
 */
export async function loadModules(carnet: string, signal: AbortSignal): Promise<ModulesUp> {
  const finished = await runCommand(LOAD_MODULES, ['--carnet', carnet], { timeoutSeconds: 300, signal });
  if (finished.code === NO_MODULES) return { kind: 'unavailable', because: lastLine(finished) };
  if (finished.code !== 0) throw new Error(`the modules were not loaded: ${lastLine(finished)}`);
  const byUs = finished.stdout.split('\n').flatMap((line) => /^(\w+) loaded$/.exec(line)?.[1] ?? []);
  return { kind: 'loaded', byUs };
}

/** Unloads the named modules. Callers name only modules that this run loaded. Throws when that fails. */
export async function unloadModules(names: readonly string[], signal?: AbortSignal): Promise<void> {
  if (names.length === 0) return;
  const finished = await runCommand(UNLOAD_MODULES, names, { timeoutSeconds: 60, signal });
  if (finished.code !== 0) throw new Error(`the modules were not unloaded: ${lastLine(finished)}`);
}
