import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * The folder that holds Vigía's files. The work tree, the bundle and the package have the same folders below it; only
 * the depth of this module differs.
 */
const ROOT = findRoot(import.meta.dirname);

export const LOAD_MODULES = join(ROOT, 'scripts/load-modules.sh');
export const UNLOAD_MODULES = join(ROOT, 'scripts/unload-modules.sh');
export const LOAD_BPF = join(ROOT, 'scripts/load-bpf.sh');
export const UNLOAD_BPF = join(ROOT, 'scripts/unload-bpf.sh');
/** Prints how this distribution installs what is missing. */
export const HOW_TO_INSTALL = join(ROOT, 'scripts/loading/how-to-install.sh');
export const SPAWN_CONTAINERS = join(ROOT, 'workload/spawn-containers.sh');
export const BUILD_IMAGES = join(ROOT, 'workload/build-images.sh');
export const DASHBOARDS = join(ROOT, 'dashboards');
export const MIGRATIONS = join(ROOT, 'daemon/src/record/migrations');
export const SCENARIOS = join(ROOT, 'daemon/src/simulate/scenarios');
/** Holds Vigía's version. */
export const PACKAGE_JSON = join(ROOT, 'package.json');
/** Only in the repository, like TESTS: the delivery and the package come without them. */
export const LAB = join(ROOT, 'lab/lab.sh');
export const TESTS = join(ROOT, 'tests/run.ts');
/** The page as Vite built it; missing in a work tree where it was not built. */
export const PAGE = join(ROOT, 'page/dist');
/** Entry file of the worker thread that records a simulation. */
export const RECORD_THREAD = entryFile('daemon/src/app/record-thread.ts');
/** Entry file of the worker thread that watches memory. */
export const WATCH_THREAD = entryFile('daemon/src/app/watch-thread.ts');
/** Entry file of the worker thread that reads /proc. */
export const PROC_THREAD = entryFile('daemon/src/sense/proc-thread.ts');

export const CRON_FILE = '/etc/cron.d/vigia-workload';
export const LOOP_LOCK = '/run/vigia/loop.lock';
/** Held by a command that changes the orders or the configuration. */
export const COMMAND_LOCK = '/run/vigia/command.lock';
/** One line about the running loop, for the script that starts the workload (host/loop-state.ts). */
export const LOOP_STATE = '/run/vigia/state';
/** There while the package is upgraded: the stop before it is not meant to last. */
export const UPGRADING = '/run/vigia/upgrading';
export const SPAWN_LOCK = '/run/vigia/spawn.lock';

/** The bundle and the package have the entry files of threads beside their main file. */
function entryFile(source: string): string {
  return import.meta.filename.endsWith('.ts')
    ? join(ROOT, source)
    : join(import.meta.dirname, basename(source).replace(/ts$/, 'mjs'));
}

/** The nearest folder above `from` that holds Vigía's migrations. Throws when there is none. */
function findRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'daemon/src/record/migrations'))) return folder;
    if (folder === dirname(folder))
      throw new Error(`no folder above ${from} holds Vigía's files: install the package again`);
  }
}
