import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const ROOT = join(import.meta.dirname, '../..');

/** Runs docker(1). Throws with its error message. */
export function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Starts a container of the workload for a test; its label lets `removeAll` find it again. */
export function start(
  batch: string,
  image: string,
  labels: Record<string, string> = {},
  env: Record<string, string> = {},
): string {
  const flags = Object.entries({ 'vigia.test': batch, ...labels }).flatMap(([key, value]) => [
    '--label',
    `${key}=${value}`,
  ]);
  const settings = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  return docker('run', '--detach', '--network', 'none', ...flags, ...settings, image);
}

export function isRunning(id: string): boolean {
  const found = spawnSync('docker', ['inspect', '--format', '{{.State.Running}}', id], { encoding: 'utf8' });
  return found.stdout.trim() === 'true';
}

export function exists(id: string): boolean {
  return spawnSync('docker', ['inspect', id]).status === 0;
}

/** Removes every container that carries one of these labels. */
export function removeAll(...labels: string[]): void {
  for (const label of labels) {
    const ids = docker('ps', '--all', '--quiet', '--filter', `label=${label}`).split('\n').filter(Boolean);
    if (ids.length > 0) docker('rm', '--force', ...ids);
  }
}

/** Long enough for a slow, busy machine; only an engine that hangs takes longer. */
const PATIENCE_SECONDS = 300;

/** Waits for a condition; fails with `what` when it is not true in time. */
export async function until(
  what: string,
  condition: () => boolean,
  seconds = PATIENCE_SECONDS,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!condition()) {
    if (performance.now() > deadline) assert.fail(`not within ${seconds} s: ${what}`);
    await sleep(100);
  }
}
