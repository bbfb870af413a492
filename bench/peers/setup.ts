import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryTree } from '../../daemon/src/engine/cgroup-files.ts';
import { docker, run, status, until } from '../../tests/lab/guest.ts';
import type { Growth, Kind, Place } from './results.ts';

/** The containers of a round, its hog, and what is read of the host meanwhile. */
const BUILD = join(import.meta.dirname, 'build');
const IMAGE = 'bench-peers';
export const DIR = '/run/bench-peers';
const TMPFS = join(DIR, 'tmpfs');
const SWAP_MB = 512;

// --- containers ---------------------------------------------------------------

const label = (...labels: readonly string[]) =>
  labels.flatMap((one) => ['--label', one]).concat('--label', 'bench=peers');

/** Labels of a container that Vigía has started to fill a quota: counts for that class until it is classified. */
const disposable = (level: Level) =>
  label('vigia.managed=true', 'vigia.disposable=true', 'vigia.spawn=floor', `vigia.class=${level}`);

/** What an owner has: it comes back when it was killed, and it has a volume. */
const owned = (...labels: readonly string[]) => [
  ...label(...labels),
  ...['--restart', 'unless-stopped', '--volume', '/data'],
];

type Level = 'low' | 'high';

const start = (name: string, options: readonly string[], ...image: string[]): string =>
  docker('run', '--detach', '--network', 'none', '--name', name, ...options, ...image);

const listed = (...flags: string[]): string[] =>
  docker(...flags)
    .split('\n')
    .filter(Boolean);
const names = (...filters: string[]): string[] =>
  listed('ps', '--format', '{{.Names}}', ...filters.flatMap((filter) => ['--filter', filter]));

export const removeContainers = (): void => {
  for (const one of ['bench=peers', 'vigia.managed=true']) {
    const ids = listed('ps', '--all', '--quiet', '--filter', `label=${one}`);
    if (ids.length > 0) status('docker', 'rm', '--force', '--volumes', ...ids);
  }
};

export function buildImages(): void {
  const workload = join(import.meta.dirname, '../../workload/build-images.sh');
  execFileSync(workload, { stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(join(BUILD, 'Dockerfile'), 'FROM scratch\nCOPY hog ticker /\n');
  run('docker', 'build', '--tag', IMAGE, BUILD);
}

/**
 * Starts what is missing of the other containers: a foreign one that is larger than any other at first, one that ticks, a
 * service that keeps reading a big file, and as many disposable ones as the quotas ask for.
 */
export async function startBystanders(place: Place): Promise<void> {
  const ensure = (name: string, options: readonly string[], ...image: string[]) => {
    if (status('docker', 'inspect', name) === 0) docker('start', name);
    else start(name, options, ...image);
  };
  const [foreignMb, filePercent] = place === 'lab' ? [200, 25] : [1024, 5];
  ensure('foreign', [...owned(), '--env', `VIGIA_RAM_MB=${foreignMb}`], 'vigia/ram');
  ensure('ticker', owned(), IMAGE, '/ticker');
  ensure('reader', owned('vigia.managed=true'), IMAGE, '/ticker', '/data/file', String(filePercent));
  setCount('low', 3, 'vigia/idle');
  setHighs(2);
  // Restarted ones say it again.
  await until('the reader reads', 300, () => /ready\n[^a-z]*$/.test(`${docker('logs', 'reader')}\n`));
}

const setHighs = (count: number): void => setCount('high', count, 'vigia/ram');

/** Adjusts the number of disposable containers, including those that Vigía has started. */
function setCount(level: Level, count: number, image: string): void {
  const there = names('label=vigia.disposable=true', `label=vigia.class=${level}`).filter(
    (name) => name !== 'hog',
  );
  for (const name of there.slice(count)) status('docker', 'rm', '--force', name);
  for (let n = there.length; n < count; n += 1)
    start(`${level}-${n}-${Date.now()}`, disposable(level), image);
}

/** Longest gap that a ticker reported between two times, in ms of `observe`. */
export function worstStall(name: string, { began_monotonic_ns }: Observed, from: number, to: number): number {
  const gaps = [...docker('logs', name).matchAll(/^(\d+) (\d+)$/gm)].map(([, ns, gap]) => ({
    ms: (Number(ns) - began_monotonic_ns) / 1e6,
    gap: Number(gap),
  }));
  return Math.max(0, ...gaps.filter(({ ms }) => ms >= from && ms <= to).map(({ gap }) => gap));
}

/** What must be the same after a round: the process of each container but the hog, and all that an owner has. */
export interface Belongings {
  readonly pids: ReadonlyMap<string, string>;
  readonly owned: readonly string[];
}

export function belongings(units: readonly string[]): Belongings {
  const unitPid = (unit: string) => run('systemctl', 'show', '--property=MainPID', '--value', unit);
  const containers = names().filter((name) => name !== 'hog');
  const owners = listed('ps', '--all', '--format', '{{.Names}} {{.ID}} {{.Label "vigia.disposable"}}');
  return {
    pids: new Map([
      ...units.map((unit) => [unit, unitPid(unit)] as const),
      ...containers.map((name) => [name, docker('inspect', '--format', '{{.State.Pid}}', name)] as const),
    ]),
    owned: [
      ...owners.filter((line) => !line.endsWith('true')).map((line) => `container ${line.trim()}`),
      ...listed('volume', 'ls', '--quiet').map((name) => `volume ${name.slice(0, 12)}`),
    ],
  };
}

// --- hog ----------------------------------------------------------------------

export interface Hog {
  readonly kind: Kind;
  readonly pid: number;
  /** Of the container; null when it is none. */
  readonly id: string | null;
  /** What a record may call it. */
  readonly names: RegExp;
  /** Removes it and gives its memory back. */
  remove(): void;
}

/** Percent of RAM a second. */
export const NATIVE_RATE = { fast: 1, slow: 0.2 } as const;

/** In the lab: until memory is exhausted. Here it must not be: 6 % of RAM beyond the threshold at most. */
function growthFlags(growth: Growth, place: Place): string[] {
  if (place === 'native') return [String(10 * NATIVE_RATE[growth]), '14'];
  const most = Math.round(100 + (50 * SWAP_MB * 1024) / meminfo('MemTotal'));
  return growth === 'fast' ? ['-j', '10', '300'] : ['-j', '-t', '10', String(most)];
}

/** Starts the hog, and waits until it holds its 5 % of RAM and waits for SIGUSR1. */
export async function startHog(kind: Kind, growth: Growth, place: Place): Promise<Hog> {
  const hog = begin(kind, growth, place);
  await until('the hog waits', 60, () => / \(hog\) S /.test(readFileSync(`/proc/${hog.pid}/stat`, 'utf8')));
  return hog;
}

function begin(kind: Kind, growth: Growth, place: Place): Hog {
  const flags = growthFlags(growth, place);
  if (kind === 'disposable' || kind === 'service' || kind === 'foreign') {
    const options = {
      // Where there are too many for a moment, another one is trimmed.
      disposable: [...disposable('high'), '--label', 'vigia.priority=5'],
      service: owned('vigia.managed=true'),
      foreign: owned(),
    }[kind];
    const id = docker('create', '--network', 'none', '--name', 'hog', ...options, IMAGE, '/hog', ...flags);
    // Takes the place of another one.
    if (kind === 'disposable') setHighs(1);
    docker('start', 'hog');
    return {
      ...{ kind, id, names: new RegExp(`\\bhog\\b|${id}`) },
      pid: Number(docker('inspect', '--format', '{{.State.Pid}}', 'hog')),
      remove: () => status('docker', 'rm', '--force', '--volumes', 'hog'),
    };
  }
  if (kind === 'tmpfs') {
    mkdirSync(TMPFS, { recursive: true });
    // It fills the tmpfs, which leaves 3 % of RAM available, and holds it.
    const kb =
      place === 'native' ? meminfo('MemTotal') : meminfo('MemAvailable') - 0.03 * meminfo('MemTotal');
    run('mount', '-t', 'tmpfs', '-o', `size=${Math.round(kb)}k`, 'bench', TMPFS);
    flags.unshift('-f', join(TMPFS, 'file'));
  }
  const pid = place === 'lab' ? startUnit(flags) : startOutsideCgroups(flags);
  return {
    ...{ kind, id: null, pid, names: /\bhog\b|\btmpfs\b/ },
    remove() {
      status('kill', '-KILL', String(pid));
      if (place === 'lab') status('systemctl', 'stop', 'bench-hog');
      if (kind === 'tmpfs') run('umount', '--lazy', TMPFS);
    },
  };
}

function startUnit(flags: readonly string[]): number {
  run('systemd-run', '--quiet', '--collect', '--unit', 'bench-hog', join(BUILD, 'hog'), ...flags);
  return Number(run('systemctl', 'show', '--property=MainPID', '--value', 'bench-hog'));
}

/** Where no systemd gives each service a cgroup: in the root cgroup of memory. */
function startOutsideCgroups(flags: readonly string[]): number {
  const script = `echo $$ >${memoryTree()}/cgroup.procs && exec "$0" "$@"`;
  const hog = spawn('sh', ['-c', script, join(BUILD, 'hog'), ...flags], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return hog.pid ?? 0;
}

/** The slow hog needs swap. */
export function addSwap(): void {
  if (existsSync('/swap')) return;
  run('dd', 'if=/dev/zero', 'of=/swap', 'bs=1M', `count=${SWAP_MB}`);
  run('chmod', '600', '/swap');
  run('mkswap', '/swap');
  run('swapon', '/swap');
}

// --- memory -------------------------------------------------------------------

/** In KiB. */
export function meminfo(field: string): number {
  return Number(new RegExp(`^${field}: +(\\d+)`, 'm').exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]);
}

/** Output of observe.c. */
export interface Observed {
  readonly began_monotonic_ns: number;
  readonly total_kb: number;
  readonly swap_kb: number;
  /** When the process began to exit and when it had ended; absent if it did not. */
  readonly killed_ms?: number;
  readonly ended_ms?: number;
  /** Time in ms, MemAvailable, SwapFree, memory pressure of system.slice in hundredths of a percent. */
  readonly samples: readonly (readonly [number, number, number, number])[];
}

/** Records memory until `afterSeconds` after the process has ended, for at most `seconds`. */
export async function observe(pid: number, seconds: number, afterSeconds: number): Promise<Observed> {
  const observer = spawn(join(BUILD, 'observe'), [String(pid), String(seconds), String(afterSeconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of observer.stdout) output += chunk;
  return JSON.parse(output) as Observed;
}

/** Its memory comes back as soon as it is killed, long before it has ended. */
const untilKill = ({ samples, killed_ms = Number.POSITIVE_INFINITY }: Observed) =>
  samples.filter(([ms]) => ms < killed_ms);

/** When MemAvailable first fell below a share of RAM, in ms since the start of the recording; null if it did not. */
export function crossedAt(observed: Observed, percent: number): number | null {
  const isBelow = ([, available]: Observed['samples'][number]) =>
    available < (percent / 100) * observed.total_kb;
  return untilKill(observed).find(isBelow)?.[0] ?? null;
}
