import { runLoop } from '../../daemon/src/app/run-loop.ts';
import { terminal, untilSignal } from '../../daemon/src/cli/common.ts';
import { DEMO_DEFAULTS } from '../../daemon/src/model/config.ts';

/**
 * Runs Vigía's loop with the assignment's quotas and any hard memory threshold: the configuration file does not accept
 * one that high, and caps it at an absolute amount. Without modules it reads /proc.
 *
 *   node vigia-with-threshold.ts PERCENT DATABASE
 */
const [percent, database = ''] = process.argv.slice(2);
const availablePercent = Number(percent);
const { pressure, classify, quotas } = DEMO_DEFAULTS;
/** Memory has recovered 1.25 % of RAM above the threshold, as above the threshold of 5 %. */
const releaseRatio = availablePercent / (availablePercent + 1.25);
const config = {
  ...DEMO_DEFAULTS,
  database,
  pressure: { ...pressure, availablePercent, availableMib: Number.MAX_SAFE_INTEGER },
  classify: { ...classify, releaseRatio },
  quotas: { ...quotas, high: { ...quotas.high, images: ['vigia/ram'] } },
};
await runLoop({ current: () => config, revision: 0, done: () => {} }, terminal, untilSignal());
