import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

/** Helpers for tests that run inside the lab machine, where the daemon runs. */
export const DATABASE = '/var/lib/vigia/vigia.db';

export type Row = Record<string, unknown>;

export function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  }).trim();
}

export const status = (program: string, ...args: string[]): number | null =>
  spawnSync(program, args, { stdio: 'ignore' }).status;

export const docker = (...args: string[]): string => run('docker', ...args);

export function query(sql: string, ...parameters: (string | number)[]): Row[] {
  const db = new DatabaseSync(DATABASE, { readOnly: true, timeout: 10_000 });
  try {
    return db.prepare(sql).all(...parameters);
  } finally {
    db.close();
  }
}

export const lastTick = (): number => Number(query('SELECT max(tick) AS tick FROM cycle')[0]?.['tick']);

export async function until<T>(
  what: string,
  seconds: number,
  probe: () => T | null | undefined | false,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const found = probe();
    if (found) return found;
    if (performance.now() > deadline) assert.fail(`not within ${seconds} s: ${what}`);
    await sleep(500);
  }
}

/** Lines of the kernel log that no test run may cause. */
export function kernelComplaints(): string[] {
  return run('dmesg')
    .split('\n')
    .filter((line) =>
      /BUG|WARNING|Oops|KASAN|suspicious|general protection|Call Trace|soft lockup|rcu.*stall|hung task|refcount|continfo|sysinfo/.test(
        line,
      ),
    )
    .filter(
      (line) =>
        !/loading out-of-tree module taints kernel|module verification failed/.test(line) &&
        !/\b(continfo|sysinfo)_so1: version \S+ (un)?loaded$/.test(line),
    );
}
