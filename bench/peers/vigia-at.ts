import { runEverything } from '../../daemon/src/app/run-everything.ts';
import { terminal, untilSignal } from '../../daemon/src/cli/common.ts';
import { DEFAULTS } from '../../daemon/src/model/config.ts';

/**
 * Vigía with its hard threshold wherever the bench wants it: a configuration's file takes none so far from danger.
 *
 *   node vigia-at.ts PERCENT DATABASE
 */
const [percent, database = ''] = process.argv.slice(2);
const config = {
  ...DEFAULTS,
  database,
  pressure: { ...DEFAULTS.pressure, availablePercent: Number(percent) },
  cron: { install: false },
  grafana: { ...DEFAULTS.grafana, start: false },
};
await runEverything(config, null, terminal, untilSignal());
