import type { Config } from './config.ts';
import type { KiB } from './units.ts';

/** Memory is short when less than this is available: a share of RAM, and at most an absolute amount. */
export function thresholdKb(
  { totalKb }: { readonly totalKb: KiB },
  { pressure }: Pick<Config, 'pressure'>,
): KiB {
  return Math.min((pressure.availablePercent / 100) * totalKb, pressure.availableMib * 1024);
}
