import { runEverything } from '../../daemon/src/app/run-everything.ts';
import { terminal, untilSignal } from '../../daemon/src/cli/common.ts';
import { DEFAULTS } from '../../daemon/src/model/config.ts';

/**
 * Runs Vigía with any hard memory threshold: the configuration file does not accept one that high.
 *
 *   node vigia-with-threshold.ts PERCENT DATABASE
 */
const [percent, database = ''] = process.argv.slice(2);
const config = {
  ...DEFAULTS,
  mode: 'enforce' as const,
  database,
  pressure: { ...DEFAULTS.pressure, availablePercent: Number(percent) },
  cron: { install: false },
  grafana: { ...DEFAULTS.grafana, start: false },
};
await runEverything({ current: () => config }, null, terminal, untilSignal());
