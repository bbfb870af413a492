// The loop as `vigia run` runs it, on this host's /proc and the stand-in engine. usage: loop.ts SOCKET DATABASE
import { runLoop } from '../../daemon/src/app/run-loop.ts';
import { terminal, untilSignal } from '../../daemon/src/cli/common.ts';
import { DEFAULTS } from '../../daemon/src/model/config.ts';

const [socket = '', database = ''] = process.argv.slice(2);
const config = {
  ...DEFAULTS,
  ...({ database, mode: 'enforce', sensor: 'procfs', cycleSeconds: 5 } as const),
  docker: { socket, timeoutSeconds: 5 },
};
await runLoop({ current: () => config, revision: 0, done: () => {} }, terminal, untilSignal());
