import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Where the files are that are not code. The work tree, the bundle in it and the package keep them in the same folders;
 * only how far above this file they begin differs.
 */
const ROOT = findRoot(import.meta.dirname);

export const LOAD_MODULES = join(ROOT, 'scripts/load-modules.sh');
export const UNLOAD_MODULES = join(ROOT, 'scripts/unload-modules.sh');
export const SPAWN_CONTAINERS = join(ROOT, 'workload/spawn-containers.sh');
export const BUILD_IMAGES = join(ROOT, 'workload/build-images.sh');
export const DASHBOARDS = join(ROOT, 'dashboards');
export const MIGRATIONS = join(ROOT, 'daemon/src/record/migrations');
export const SCENARIOS = join(ROOT, 'daemon/src/simulate/scenarios');
/** Its version is ours. */
export const PACKAGE_JSON = join(ROOT, 'package.json');
/** What only the repository has: the delivery and the package come without. */
export const LAB = join(ROOT, 'lab/lab.sh');
export const TESTS = join(ROOT, 'tests/run.ts');
/** The page as Vite built it; not there in a work tree where it was not built. */
export const PAGE = join(ROOT, 'page/dist');
/** A thread begins in a file: that of a simulation's record lies beside the bundle, or the executable. */
export const RECORD_THREAD = import.meta.filename.endsWith('.ts')
  ? join(ROOT, 'daemon/src/app/record-thread.ts')
  : join(import.meta.dirname, 'record-thread.mjs');

export const CRON_FILE = '/etc/cron.d/vigia-workload';
export const LOOP_LOCK = '/run/vigia/loop.lock';

/** The nearest folder above that holds Vigía's migrations: a folder of nobody else's. */
function findRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'daemon/src/record/migrations'))) return folder;
    if (folder === dirname(folder))
      throw new Error(`Vigía's own files are nowhere above ${from}: install the package again`);
  }
}
