import { LOAD_BPF, UNLOAD_BPF } from '../layout/paths.ts';
import type { HostFacts } from '../model/host-facts.ts';
import type { Reason } from '../model/reason.ts';
import { lastLine, runCommand } from './command.ts';
import { whyNotLoaded } from './load-refusal.ts';

export type BpfUp =
  | { readonly kind: 'loaded'; readonly byUs: boolean }
  | { readonly kind: 'not-loaded'; readonly because: Reason };

/** Loads and pins the BPF iterator. Never throws. */
export async function loadBpf(signal: AbortSignal): Promise<BpfUp> {
  const finished = await runCommand(LOAD_BPF, [], { timeoutSeconds: 300, signal });
  if (finished.code === 0) return { kind: 'loaded', byUs: finished.stdout.includes('tasks loaded') };
  return { kind: 'not-loaded', because: whyNotLoaded(finished) };
}

/** Removes the pinned iterator. Callers do so only if this run loaded it. */
export async function unloadBpf(): Promise<void> {
  const finished = await runCommand(UNLOAD_BPF, [], { timeoutSeconds: 60 });
  if (finished.code !== 0) throw new Error(`the BPF iterator was not unloaded: ${lastLine(finished)}`);
}

/** What loadBpf would do. Never throws. */
export async function checkBpf(timeoutSeconds: number): Promise<HostFacts['bpf']> {
  const finished = await runCommand(LOAD_BPF, ['--check'], { timeoutSeconds });
  if (finished.code !== 0) return { state: 'refused', because: whyNotLoaded(finished) };
  return { state: finished.stdout.includes('already-loaded') ? 'loaded' : 'loadable' };
}
