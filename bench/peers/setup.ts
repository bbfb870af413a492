import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker, run, status } from '../../tests/lab/guest.ts';

/** Shared by rounds.ts and reaction.ts: starts the hog and the other containers, and records the available memory. */
export const BUILD = join(import.meta.dirname, 'build');

/** Labels of a container that Vigía has started to fill a quota: counts for that class until it is classified. */
const floor = (level: string) => [
  '--label',
  'vigia.managed=true',
  '--label',
  'vigia.disposable=true',
  '--label',
  'vigia.spawn=floor',
  '--label',
  `vigia.class=${level}`,
];

const start = (name: string, options: readonly string[], ...image: string[]): string =>
  docker('run', '--detach', '--network', 'none', '--name', name, ...options, ...image);

/** Names of the running containers that pass all filters. */
export const names = (...filters: string[]): string[] =>
  docker('ps', '--format', '{{.Names}}', ...filters.flatMap((filter) => ['--filter', filter]))
    .split('\n')
    .filter(Boolean);

/** Builds the images and starts the permanent containers. `foreignMb`: memory of the one that Vigía does not manage. */
export function startContainers(foreignMb: number): void {
  execFileSync(join(import.meta.dirname, '../../workload/build-images.sh'), {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(join(BUILD, 'Dockerfile'), 'FROM scratch\nCOPY hog /hog\nENTRYPOINT ["/hog"]\n');
  run('docker', 'build', '--tag', 'bench-hog', BUILD);
  // Remove containers left over from an aborted run.
  status('docker', 'rm', '--force', 'foreign', 'hog', 'idle-1', 'idle-2', 'idle-3');
  start('foreign', ['--env', `VIGIA_RAM_MB=${foreignMb}`], 'vigia/ram');
  for (const n of [1, 2, 3]) start(`idle-${n}`, floor('low'), 'vigia/idle');
}

/**
 * Starts the hog, which waits for its signal: as one of two high containers known to Vigía (`last`), or as a third one
 * that is not classified yet (`new`). Returns its ID.
 */
export function startHog(standing: 'last' | 'new', hog: string): string {
  if (status('docker', 'inspect', 'hog') === 0) docker('rm', '--force', 'hog');
  const otherHighs = standing === 'new' ? 2 : 1;
  setHighCount(otherHighs);
  const id = start(
    'hog',
    standing === 'new'
      ? ['--label', 'vigia.managed=true', '--label', 'vigia.disposable=true']
      : floor('high'),
    'bench-hog',
    hog,
  );
  // Vigía may have started a replacement in between.
  setHighCount(otherHighs);
  return id;
}

/** Adjusts the number of high containers other than the hog, including those that Vigía has started. */
function setHighCount(count: number): void {
  const there = names('label=vigia.managed=true', 'label=vigia.class=high').filter((name) => name !== 'hog');
  for (const name of there.slice(count)) docker('rm', '--force', name);
  for (let n = there.length; n < count; n += 1) start(`high-${n}-${Date.now()}`, floor('high'), 'vigia/ram');
}

/** In the last cycle the hog was classified as high, and there were two high containers: it is one of them. */
export const LAST_OF_TWO = `SELECT 1 FROM container_sample AS s JOIN container AS c ON c.key = s.container
  WHERE c.id = ? AND s.level = 'high' AND s.at = (SELECT max(at) FROM cycle)
  AND (SELECT high_after FROM cycle ORDER BY tick DESC LIMIT 1) = 2`;

/** Output of observe.c. */
export interface Observed {
  readonly began_monotonic_ns: number;
  readonly began_wall_ns: number;
  readonly total_kb: number;
  readonly swap_kb: number;
  readonly ended_ms: number | null;
  /** Time in ms, MemAvailable, SwapFree, memory pressure of system.slice in hundredths of a percent. */
  readonly samples: readonly (readonly [number, number, number, number])[];
}

/** Records memory until `afterSeconds` after the process has ended, for at most `seconds`. */
export async function observe(pid: string, seconds: number, afterSeconds: number): Promise<Observed> {
  const observer = spawn(join(BUILD, 'observe'), [pid, String(seconds), String(afterSeconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of observer.stdout) output += chunk;
  return JSON.parse(output) as Observed;
}

/** When MemAvailable first fell below a share of RAM, in ms since the start of the recording; null if it did not. */
export function crossedAt({ samples, total_kb, ended_ms }: Observed, percent: number): number | null {
  const found = samples.find(
    ([ms, available]) => (ended_ms === null || ms <= ended_ms) && available < (percent / 100) * total_kb,
  );
  return found?.[0] ?? null;
}

/** The same, but the start of the last period below it, in which the process ended. */
export function lastCrossedAt({ samples, total_kb, ended_ms }: Observed, percent: number): number | null {
  const before = samples.filter(([ms]) => ended_ms === null || ms <= ended_ms);
  const above = before.findLastIndex(([, available]) => available >= (percent / 100) * total_kb);
  return before[above + 1]?.[0] ?? null;
}
