import { join } from 'node:path';

/** The installation's own folders, found from this file. */
const ROOT = join(import.meta.dirname, '../../..');

export const LOAD_MODULES = join(ROOT, 'scripts/load-modules.sh');
export const UNLOAD_MODULES = join(ROOT, 'scripts/unload-modules.sh');
export const SPAWN_CONTAINERS = join(ROOT, 'workload/spawn-containers.sh');
export const BUILD_IMAGES = join(ROOT, 'workload/build-images.sh');
export const DASHBOARDS = join(ROOT, 'dashboards');
export const CRON_FILE = '/etc/cron.d/vigia-workload';
export const LOOP_LOCK = '/run/vigia/loop.lock';
