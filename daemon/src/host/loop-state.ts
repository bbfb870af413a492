import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LOOP_STATE } from '../layout/paths.ts';
import { type Config, isWorkloadOn } from '../model/config.ts';
import { hostPause } from '../model/orders.ts';

/**
 * Tells workload/spawn-containers.sh, in one line, whether it may start containers: only with `enforce workload`. Without
 * the loop's lock the line means nothing, so a daemon that was killed may leave it. Only the lock's holder writes it.
 */
export function publishLoopState(state: Config | 'stopping', file = LOOP_STATE): void {
  const line =
    state === 'stopping'
      ? state
      : hostPause(state.orders) !== null
        ? 'paused'
        : isWorkloadOn(state)
          ? 'enforce workload'
          : state.mode;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.new`;
  writeFileSync(draft, `${line}\n`);
  renameSync(draft, file);
}

/** Removes the line, if it is there. */
export function withdrawLoopState(file = LOOP_STATE): void {
  rmSync(file, { force: true });
}
