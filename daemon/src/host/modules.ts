import { LOAD_MODULES, UNLOAD_MODULES } from '../layout/paths.ts';
import type { Reason } from '../model/reason.ts';
import { lastLine, runCommand } from './command.ts';
import { whyNotLoaded } from './load-refusal.ts';

export type ModulesUp =
  | { readonly kind: 'loaded'; readonly byUs: readonly string[] }
  | { readonly kind: 'not-loaded'; readonly because: Reason };

/** Runs the load script, which unloads what it has loaded when it is ended early. Never throws. */
export async function loadModules(carnet: string, signal: AbortSignal): Promise<ModulesUp> {
  const finished = await runCommand(LOAD_MODULES, ['--carnet', carnet], { timeoutSeconds: 300, signal });
  if (finished.code !== 0) return { kind: 'not-loaded', because: whyNotLoaded(finished) };
  const byUs = finished.stdout.split('\n').flatMap((line) => /^(\w+) loaded$/.exec(line)?.[1] ?? []);
  return { kind: 'loaded', byUs };
}

/** Unloads the named modules, whatever carnet they were loaded with. Callers name only modules that this run loaded. */
export async function unloadModules(names: readonly string[], signal?: AbortSignal): Promise<void> {
  if (names.length === 0) return;
  const finished = await runCommand(UNLOAD_MODULES, names, { timeoutSeconds: 60, signal });
  if (finished.code !== 0) throw new Error(`the modules were not unloaded: ${lastLine(finished)}`);
}
