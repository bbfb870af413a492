import { mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isUnified } from '../../daemon/src/engine/cgroup-files.ts';
import { docker, run, until } from '../../tests/lab/guest.ts';
import { type Contestant, killsOfKernel, prepareRivals, rivals, type Said, vigia } from './contestants.ts';
import {
  GROWTHS,
  type Growth,
  KINDS,
  type Kind,
  type Machine,
  NAMES,
  type Name,
  type Place,
  type Round,
} from './results.ts';
import {
  addSwap,
  type Belongings,
  belongings,
  buildImages,
  crossedAt,
  DIR,
  meminfo,
  NATIVE_RATE,
  type Observed,
  observe,
  removeContainers,
  startBystanders,
  startHog,
  worstStall,
} from './setup.ts';

/**
 * Runs memory hogs against each program, one program at a time, and prints the machine and each round as a line of JSON.
 * Needs root and an engine whose managed containers may be removed.
 *
 *   node rounds.ts [--rounds N] [--growth LIST] [--kind LIST] [--only LIST]
 *       in the lab machine, started by in-lab.sh: until memory is exhausted
 *   node rounds.ts --native …
 *       Vigía on this host, whose memory must not run out: in each round the hard threshold is set 3 % of RAM below the
 *       available memory, and the hog stops 6 % below it. Without the modules Vigía reads /proc.
 */
const { values } = parseArgs({
  options: {
    native: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    growth: { type: 'string', default: GROWTHS.join() },
    kind: { type: 'string', default: KINDS.join() },
    only: { type: 'string', default: NAMES.join() },
  },
});
const place: Place = values.native ? 'native' : 'lab';
const growths = values.growth.split(',') as Growth[];
const kinds = values.kind.split(',') as Kind[];
const contestants = place === 'native' ? (['vigia'] as const) : (values.only.split(',') as Name[]);
const PROGRAMS: Readonly<Record<Name, Contestant>> = { ...rivals, vigia: vigia(place) };

const HARD_PERCENT = 5;
/** How far below the available memory the native threshold is. */
const BELOW_PERCENT = 3;
/** A hog that is not killed for so long is never killed. One in a tmpfs grows no further, and here none does. */
const limitSeconds = (kind: Kind, growth: Growth): number => {
  if (place === 'native') return growth === 'fast' ? 18 : 32;
  return kind === 'tmpfs' ? 90 : 300;
};
/** The hog begins to grow so long after the recording. */
const QUIET_MS = 2000;
const AFTER_SECONDS = place === 'native' ? 3 : 5;
/** A round that other processes of this host have spoiled is repeated. */
const MOST_TRIES = 8;

const log = (text: string) => process.stderr.write(`${new Date().toTimeString().slice(0, 8)} ${text}\n`);
const print = (line: Machine | Round): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

/** Services that must be the same after a round. */
const SERVICES = place === 'lab' ? ['docker', 'containerd', 'ssh', 'cron', 'dbus', 'systemd-journald'] : [];

/** One round; null if something else crossed the threshold before the hog did. */
async function round(name: Name, kind: Kind, growth: Growth): Promise<Round | null> {
  const program = PROGRAMS[name];
  removeHog();
  await startBystanders(place);
  if (place === 'native') await untilQuiet();
  const hog = await startHog(kind, growth, place);
  let percent = HARD_PERCENT;
  try {
    if (place === 'native') {
      // As late as possible, because the memory use of other processes changes.
      percent = Number((availablePercent() - BELOW_PERCENT).toFixed(1));
      await program.start(percent);
    }
    await program.ready();
    const units = [...SERVICES, ...program.units];
    const before = belongings(units);
    const since = Math.floor(Date.now() / 1000);
    const [observed] = await Promise.all([
      observe(hog.pid, limitSeconds(kind, growth), AFTER_SECONDS),
      sleep(QUIET_MS).then(() => process.kill(hog.pid, 'SIGUSR1')),
    ]);
    const isEnded = observed.ended_ms !== undefined;
    // Killed directly, because the engine may be slow when memory is short.
    if (!isEnded) process.kill(hog.pid, 'SIGKILL');
    await until('the engine to answer', 300, () => docker('ps') !== null);
    const after = belongings(units);
    const said = await program.said(since, hog, isEnded);
    const byKernel = place === 'lab' && killsOfKernel(since).some((line) => line.includes(` ${hog.pid} `));
    const endedBy = isEnded ? (byKernel ? 'kernel' : name) : null;
    return evaluate({ contestant: name, kind, growth }, percent, observed, before, after, said, endedBy);
  } finally {
    hog.remove();
    if (place === 'native') await program.stop();
  }
}

const availablePercent = () => (100 * meminfo('MemAvailable')) / meminfo('MemTotal');

/**
 * Waits until the other users of this host leave a round enough memory and change it little. Their memory must never run
 * out, and the hog takes 14 % of RAM.
 */
const untilQuiet = (): Promise<true> => {
  let recent: number[] = [];
  return until('a quiet host', 900, () => {
    recent = [...recent, availablePercent()].slice(-10);
    const [least, most] = [Math.min(...recent), Math.max(...recent)];
    return recent.length === 10 && least > 40 && most - least < 0.5;
  });
};

/** One of an interrupted round. */
const removeHog = (): void => {
  const ids = docker('ps', '--all', '--quiet', '--filter', 'name=^hog$').split('\n').filter(Boolean);
  if (ids.length > 0) docker('rm', '--force', '--volumes', ...ids);
};

function evaluate(
  what: Pick<Round, 'contestant' | 'kind' | 'growth'>,
  percent: number,
  observed: Observed,
  before: Belongings,
  after: Belongings,
  said: Said,
  endedBy: Name | null,
): Round | null {
  const { samples, total_kb, killed_ms = null, ended_ms = null } = observed;
  const share = (kb: number) => (100 * kb) / total_kb;
  const crossed = crossedAt(observed, percent);
  // It was trimmed as a surplus before, or most of the way to the threshold was the doing of other processes here.
  const least = place === 'lab' ? 0 : (600 * BELOW_PERCENT) / NATIVE_RATE[what.growth];
  if (what.contestant === 'vigia' && (crossed === null || crossed < QUIET_MS + least)) {
    log(`threshold of ${percent} % crossed ${crossed === null ? 'never' : `${crossed} ms after the start`}`);
    return null;
  }
  const own = samples.find((sample) => isOver(what.contestant, sample, percent, observed))?.[0] ?? null;
  const from = crossed ?? own ?? ended_ms ?? 0;
  const isBack = ([ms, available]: Observed['samples'][number]) => ms > from && share(available) >= percent;
  const stays = ([ms]: Observed['samples'][number]) =>
    samples.every((later) => later[0] < ms || later[0] > ms + 1000 || isBack(later));
  // Where nothing was killed, other processes of this host have freed memory.
  const isRelieved = place === 'lab' || endedBy !== null || said.givenUp.length > 0;
  const relief = isRelieved ? (samples.find((sample) => isBack(sample) && stays(sample))?.[0] ?? null) : null;
  const end = (relief ?? samples.at(-1)?.[0] ?? 0) + 2000;
  const stalls = (a: number, b: number) => ({
    ticker: worstStall('ticker', observed, a, b),
    reader: worstStall('reader', observed, a, b),
  });
  const since = (ms: number | null) => (ms === null ? null : ms - from);
  return {
    ...what,
    isCrossed: crossed !== null,
    killedMs: since(killed_ms),
    endedMs: since(ended_ms),
    reliefMs: since(relief),
    ownReliefMs: relief === null || own === null ? null : relief - own,
    lowestPercent: Number(share(Math.min(...samples.map(([, available]) => available))).toFixed(2)),
    stallMs: stalls(from - 1000, end),
    quietStallMs: stalls(-5000, QUIET_MS),
    isNamed: said.isNamed,
    endedBy,
    innocents: [...before.pids]
      .filter(([name, pid]) => !said.givenUp.includes(name) && (pid === '0' || after.pids.get(name) !== pid))
      .map(([name]) => name),
    givenUp: said.givenUp,
    lost: before.owned.filter((one) => !after.owned.includes(one)),
    said: said.lines,
  };
}

/** Whether the program acts on this sample, according to its configuration. */
function isOver(
  contestant: Name,
  [, available, swapFree, pressure]: Observed['samples'][number],
  percent: number,
  { total_kb, swap_kb }: Observed,
): boolean {
  switch (contestant) {
    case 'vigia':
      return available < (percent / 100) * total_kb;
    case 'earlyoom':
      return available < 0.1 * total_kb && swapFree <= 0.1 * swap_kb;
    case 'systemd-oomd':
      return pressure > 6000 || (swap_kb > 0 && available < 0.1 * total_kb && swapFree < 0.1 * swap_kb);
    case 'kernel':
      return false;
  }
}

async function undisturbed(name: Name, kind: Kind, growth: Growth): Promise<void> {
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const done = await round(name, kind, growth).catch((error: unknown) => {
      log(error instanceof Error ? `${error.stack}` : String(error));
      return null;
    });
    if (done !== null) {
      log(`load ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0]} ${JSON.stringify(done)}`);
      print(done);
      return;
    }
    log(`${name}, ${kind}, ${growth}: repeated, since something else disturbed it`);
  }
}

// --- main ---------------------------------------------------------------------

mkdirSync(DIR, { recursive: true });
removeContainers();
buildImages();
if (place === 'lab') prepareRivals();
print({
  kernel: run('uname', '-r'),
  cpus: Number(run('nproc')),
  memoryKb: meminfo('MemTotal'),
  cgroup: isUnified() ? 'v2' : 'v1',
  docker: run('docker', '--version'),
});
try {
  for (const growth of growths) {
    if (place === 'lab' && growth === 'slow') addSwap();
    for (let group = 0; group < Number(values.rounds); group += 1) {
      for (const name of contestants) {
        if (place === 'lab') {
          // Before Vigía, which would start the same.
          await startBystanders(place);
          await PROGRAMS[name].start(HARD_PERCENT);
        }
        for (const kind of kinds) await undisturbed(name, kind, growth);
        if (place === 'lab') await PROGRAMS[name].stop();
      }
    }
  }
} finally {
  removeContainers();
}
