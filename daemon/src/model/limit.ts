/**
 * Limits that Vigía writes into a container's cgroup itself (cgroup v2 only). They end with the container's run, and each
 * is recognised by its value: no record is needed to find and lift it.
 */
export type CgroupLimit = 'memory' | 'pids' | 'io';

/** What Vigía can limit: `cpu` through the engine, the others through the cgroup. */
export type Limit = 'cpu' | CgroupLimit;
export const LIMITS: readonly Limit[] = ['cpu', 'memory', 'pids', 'io'];
