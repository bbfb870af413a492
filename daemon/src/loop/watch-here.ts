import type { Config } from '../model/config.ts';
import { NO_HISTORY } from '../model/history.ts';
import { Lookout, type LookoutPorts } from './lookout.ts';
import { Watch } from './watch.ts';

/** A watch in the loop's own thread. It leaves all acts to the loop, which virtual time never holds up. */
export function watchHere(
  ports: Omit<LookoutPorts, 'say'>,
  config: Config,
  signal: AbortSignal,
): { readonly watch: Watch; readonly over: Promise<void> } {
  const watch: Watch = new Watch({ judge: (judgement) => lookout.judge(judgement) });
  const lookout = new Lookout(
    { ...ports, say: (word) => watch.hear(word) },
    { number: 0, config, memoryPressure: NO_HISTORY.memoryPressure },
  );
  return { watch, over: lookout.run(signal) };
}
