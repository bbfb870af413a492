import { LOAD_BPF, UNLOAD_BPF } from '../layout/paths.ts';
import { lastLine, runCommand } from './command.ts';

export type BpfUp =
  | { readonly kind: 'loaded'; readonly byUs: boolean }
  /** `because`: what the load script says. */
  | { readonly kind: 'unavailable'; readonly because: string };

/** Loads and pins the BPF iterator. Never throws. */
export async function loadBpf(signal: AbortSignal): Promise<BpfUp> {
  const finished = await runCommand(LOAD_BPF, [], { timeoutSeconds: 300, signal });
  if (finished.code === 0) return { kind: 'loaded', byUs: finished.stdout.includes('tasks loaded') };
  return { kind: 'unavailable', because: lastLine(finished).replace(/^load-bpf: /, '') };
}

/** Removes the pinned iterator. Callers do so only if this run loaded it. */
export async function unloadBpf(): Promise<void> {
  const finished = await runCommand(UNLOAD_BPF, [], { timeoutSeconds: 60 });
  if (finished.code !== 0) throw new Error(`the BPF iterator was not unloaded: ${lastLine(finished)}`);
}

/** What loadBpf would do. Never throws. */
export async function checkBpf(
  timeoutSeconds: number,
): Promise<{ readonly state: 'loaded' | 'loadable' | 'refused'; readonly because: string }> {
  const finished = await runCommand(LOAD_BPF, ['--check'], { timeoutSeconds });
  if (finished.code !== 0)
    return { state: 'refused', because: lastLine(finished).replace(/^load-bpf: /, '') };
  return { state: finished.stdout.includes('already-loaded') ? 'loaded' : 'loadable', because: '' };
}
