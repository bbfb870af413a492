import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Beside the database: the newest run was started with the demo, whatever the configuration's files say. */
const markOf = (database: string): string => join(dirname(database), 'demo');

/** Notes for `status`, `top`, `serve` and `replay` whether this run is a demo. */
export function markRun(database: string, isDemo: boolean): void {
  if (isDemo) writeFileSync(markOf(database), 'vigia up --demo\n', { mode: 0o640 });
  else rmSync(markOf(database), { force: true });
}

/** Whether the newest run was a demo. */
export const wasDemo = (database: string): boolean => existsSync(markOf(database));
