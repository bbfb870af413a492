import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker, run, status } from '../../tests/lab/guest.ts';

/** What both comparisons share: containers around the hog, the observer, the engine's word. */
export const BUILD = join(import.meta.dirname, 'build');

/** As if Vigía had started it for a floor: until it knows better it counts for that class. */
const floor = (level: string) => [
  '--label',
  'vigia.managed=true',
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

/** Images, and the containers that are there all the time. `foreignMb`: somebody else's, larger than any of ours. */
export function setStage(foreignMb: number): void {
  execFileSync(join(import.meta.dirname, '../../workload/build-images.sh'), {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(join(BUILD, 'Dockerfile'), 'FROM scratch\nCOPY hog /hog\nENTRYPOINT ["/hog"]\n');
  run('docker', 'build', '--tag', 'bench-hog', BUILD);
  // Left by a run that was cut off.
  status('docker', 'rm', '--force', 'foreign', 'hog', 'idle-1', 'idle-2', 'idle-3');
  start('foreign', ['--env', `VIGIA_RAM_MB=${foreignMb}`], 'vigia/ram');
  for (const n of [1, 2, 3]) start(`idle-${n}`, floor('low'), 'vigia/idle');
}

/**
 * The hog, waiting for its signal, as one of two high containers that Vigía knows (`last`), or as a third one whose
 * class is not known (`new`). Returns its ID.
 */
export function setHog(standing: 'last' | 'new', hog: string): string {
  if (status('docker', 'inspect', 'hog') === 0) docker('rm', '--force', 'hog');
  const besides = standing === 'new' ? 2 : 1;
  setHighs(besides);
  const id = start(
    'hog',
    standing === 'new' ? ['--label', 'vigia.managed=true'] : floor('high'),
    'bench-hog',
    hog,
  );
  // A replacement may have come up in between.
  setHighs(besides);
  return id;
}

/** As many high ones besides the hog; those that Vigía has started meanwhile count. */
function setHighs(count: number): void {
  const there = names('label=vigia.managed=true', 'label=vigia.class=high').filter((name) => name !== 'hog');
  for (const name of there.slice(count)) docker('rm', '--force', name);
  for (let n = there.length; n < count; n += 1) start(`high-${n}-${Date.now()}`, floor('high'), 'vigia/ram');
}

/** The last reading says that the hog is high, and the cycle left two: it is one of them. */
export const LAST_OF_TWO = `SELECT 1 FROM container_sample AS s JOIN container AS c ON c.key = s.container
  WHERE c.id = ? AND s.level = 'high' AND s.at = (SELECT max(at) FROM cycle)
  AND (SELECT high_after FROM cycle ORDER BY tick DESC LIMIT 1) = 2`;

/** What observe.c prints. */
export interface Observed {
  readonly began_monotonic_ns: number;
  readonly began_wall_ns: number;
  readonly total_kb: number;
  readonly swap_kb: number;
  readonly ended_ms: number | null;
  /** ms, MemAvailable, SwapFree, memory pressure of system.slice in hundredths of a per cent. */
  readonly samples: readonly (readonly [number, number, number, number])[];
}

/** Watches memory until `afterSeconds` after the end of the process, `seconds` at most. */
export async function observe(pid: string, seconds: number, afterSeconds: number): Promise<Observed> {
  const observer = spawn(join(BUILD, 'observe'), [pid, String(seconds), String(afterSeconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of observer.stdout) output += chunk;
  return JSON.parse(output) as Observed;
}

/** When MemAvailable fell below this share of RAM, in ms since the observer began; null when it did not. */
export function crossedAt({ samples, total_kb, ended_ms }: Observed, percent: number): number | null {
  const found = samples.find(
    ([ms, available]) => (ended_ms === null || ms <= ended_ms) && available < (percent / 100) * total_kb,
  );
  return found?.[0] ?? null;
}

/** The same, but of the time for which it has been below without a break when the process ends. */
export function lastCrossedAt({ samples, total_kb, ended_ms }: Observed, percent: number): number | null {
  const before = samples.filter(([ms]) => ended_ms === null || ms <= ended_ms);
  const above = before.findLastIndex(([, available]) => available >= (percent / 100) * total_kb);
  return before[above + 1]?.[0] ?? null;
}
