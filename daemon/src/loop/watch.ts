import { followStrain, hardBreach } from '../classify/strain.ts';
import type { Config } from '../model/config.ts';
import type { Strain } from '../model/history.ts';
import type { Ports } from '../model/ports.ts';
import type { Nanoseconds } from '../model/units.ts';

export interface Watched {
  readonly strain: Strain;
  /** Why it ended early: memory runs out. */
  readonly alarm: string | null;
}

/** Looks at the pressure every second until the moment comes, the signal aborts, or memory runs out. */
export async function watch(
  ports: Ports,
  config: Config,
  start: Strain,
  untilNs: Nanoseconds,
  signal: AbortSignal,
): Promise<Watched> {
  let strain = start;
  const watchMs = config.pressure.watchSeconds * 1000;
  while (!signal.aborted) {
    const leftMs = (untilNs - ports.clock.monotonicNs()) / 1e6;
    await ports.clock.sleep(Math.max(0, Math.min(watchMs, leftMs)), signal);
    if (leftMs <= watchMs || signal.aborted) break;
    const reading = ports.pressure();
    strain = followStrain(strain, reading, config);
    const alarm = hardBreach(strain, reading, config);
    if (alarm !== null) return { strain, alarm };
  }
  return { strain, alarm: null };
}
