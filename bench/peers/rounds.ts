import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { docker, query, run, until } from '../../tests/lab/guest.ts';
import type { Hog, Name, Round, Run } from './results.ts';
import {
  BUILD,
  crossedAt,
  LAST_OF_TWO,
  names,
  type Observed,
  observe,
  startContainers,
  startHog,
} from './setup.ts';

/**
 * Runs a memory hog several times against each program, one program at a time. Runs as root in the lab machine, started
 * by in-lab.sh. Prints a Run as JSON.
 *
 *   node rounds.ts fast|slow [--rounds N] [--vigia N] [--only NAME[,NAME]]
 */
const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    vigia: { type: 'string' },
    only: { type: 'string', default: 'kernel,earlyoom,systemd-oomd,vigia' },
  },
  allowPositionals: true,
});
const hog: Hog = positionals[0] === 'slow' ? 'slow' : 'fast';
const groups = Number(values.rounds);
const vigiaRounds = Number(values.vigia ?? values.rounds);
const contestants = values.only.split(',') as Name[];

const DIR = '/run/bench-peers';
const TICKS = join(DIR, 'ticks');
/** A program that takes longer counts as never acting. */
const LIMIT_SECONDS = { fast: 300, slow: 300 };
const AFTER_SECONDS = 5;
const HARD_PERCENT = 5;
const BACK_PERCENT = 10;
const SWAP_MB = 512;

const log = (text: string) => process.stderr.write(`${new Date().toTimeString().slice(0, 8)} ${text}\n`);

// --- contestants --------------------------------------------------------------

interface Contestant {
  start(): Promise<void>;
  stop(): void;
  /** Log lines about the hog since a Unix time. `ended`: whether the hog was killed. */
  said(since: number, id: string, ended: boolean): Promise<string[]>;
}

const journal = (unit: string, since: number, pattern: RegExp): string[] =>
  run('journalctl', '--unit', unit, '--since', `@${since}`, '--output', 'cat', '--no-pager')
    .split('\n')
    .filter((line) => pattern.test(line));

function service(unit: string, pattern: RegExp): Contestant {
  return {
    start: async () => {
      run('systemctl', 'start', unit);
    },
    stop: () => {
      run('systemctl', 'stop', unit);
    },
    said: async (since) => journal(unit, since, pattern),
  };
}

const VIGIA_CONFIG = join(DIR, 'vigia.yaml');

const CONTESTANTS: Readonly<Record<Name, Contestant>> = {
  kernel: {
    start: async () => {},
    stop: () => {},
    said: async (since) =>
      run('journalctl', '--dmesg', '--since', `@${since}`, '--output', 'cat', '--no-pager')
        .split('\n')
        .filter((line) => /Killed process/.test(line)),
  },
  earlyoom: service('earlyoom', /sending|kill|low memory|escalat/i),
  'systemd-oomd': {
    ...service('systemd-oomd', /kill/i),
    async start() {
      run('systemctl', 'start', 'systemd-oomd');
      await until('systemd-oomd to monitor the containers', 60, () => /\/system\.slice/.test(run('oomctl')));
    },
    stop: () => {
      run('systemctl', 'stop', 'systemd-oomd.socket', 'systemd-oomd.service');
    },
  },
  vigia: {
    async start() {
      writeFileSync(VIGIA_CONFIG, 'cron: { install: false }\ngrafana: { start: false }\n');
      const vigia = join(import.meta.dirname, '../../vigia');
      run(
        'systemd-run',
        '--quiet',
        '--collect',
        '--unit',
        'bench-vigia',
        '--setenv',
        'NO_COLOR=1',
        vigia,
        '--config',
        VIGIA_CONFIG,
        'up',
      );
      const began = Date.now() / 1000;
      await until('first cycle', 600, () =>
        succeeds(() => Number(query('SELECT max(at) AS at FROM cycle')[0]?.['at']) >= began - 1),
      );
    },
    stop() {
      run('systemctl', 'stop', 'bench-vigia');
    },
    async said(since, id, ended) {
      const readActions = () =>
        query(
          'SELECT because, result, detail, took_ms FROM action WHERE container_id = ? AND at >= ?',
          id,
          since - 60,
        );
      // Recorded when the whole plan has been carried out, including the start of a replacement.
      if (ended) await until('the action to be recorded', 300, () => readActions().length > 0);
      return readActions().map(
        (row) =>
          `${row['because']} → ${row['result']}, ${row['detail']} (${Math.round(Number(row['took_ms']))} ms)`,
      );
    },
  },
};

const succeeds = (check: () => boolean): boolean => {
  try {
    return check();
  } catch {
    return false;
  }
};

// --- setup --------------------------------------------------------------------

function prepare(): void {
  mkdirSync(DIR, { recursive: true });
  startContainers(200);
  run(
    'systemd-run',
    '--quiet',
    '--unit',
    'bench-ticker',
    `--property=StandardOutput=file:${TICKS}`,
    join(BUILD, 'ticker'),
  );
  // Swap is only needed for the slow hog.
  if (hog === 'slow') {
    run('dd', 'if=/dev/zero', 'of=/swap', 'bs=1M', `count=${SWAP_MB}`);
    run('chmod', '600', '/swap');
    run('mkswap', '/swap');
    run('swapon', '/swap');
  }
  // By default systemd-oomd monitors no containers: enable both of its criteria.
  for (const [slice, line] of [
    ['system.slice', 'ManagedOOMMemoryPressure=kill'],
    ['-.slice', 'ManagedOOMSwap=kill'],
  ] as const) {
    mkdirSync(`/etc/systemd/system/${slice}.d`, { recursive: true });
    writeFileSync(`/etc/systemd/system/${slice}.d/bench.conf`, `[Slice]\n${line}\n`);
  }
  run('systemd-sysusers');
  run('systemctl', 'daemon-reload');
  run('systemctl', 'reload', 'dbus');
}

const mainPid = (unit: string): string => run('systemctl', 'show', '--property=MainPID', '--value', unit);

/** PIDs of all other services and containers: they must be the same after the round. */
function otherProcesses(contestant: Name): Map<string, string> {
  const units = ['docker', 'containerd', 'ssh', 'cron', 'dbus', 'systemd-journald', 'bench-ticker'];
  if (contestant === 'vigia') units.push('bench-vigia');
  else if (contestant !== 'kernel') units.push(contestant);
  const all = new Map(units.map((unit) => [unit, mainPid(unit)]));
  for (const name of names())
    if (name !== 'hog') all.set(name, docker('inspect', '--format', '{{.State.Pid}}', name));
  return all;
}

// --- one round ----------------------------------------------------------------

async function round(contestant: Name, standing: Round['standing']): Promise<Round> {
  const id = startHog(standing, hog);
  if (contestant === 'vigia' && standing === 'last')
    await until('the hog is one of two high', 300, () => query(LAST_OF_TWO, id).length > 0);
  const before = otherProcesses(contestant);
  const since = Math.floor(Date.now() / 1000);
  const pid = docker('inspect', '--format', '{{.State.Pid}}', 'hog');
  const observing = observe(pid, LIMIT_SECONDS[hog], AFTER_SECONDS);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  docker('kill', '--signal', 'USR1', 'hog');
  const observed = await observing;
  // Kill it directly, because the engine may be slow when memory is short.
  if (observed.ended_ms === null) process.kill(Number(pid), 'SIGKILL');
  const after = otherProcesses(contestant);
  const said = await CONTESTANTS[contestant].said(since, id, observed.ended_ms !== null);
  const surplusRemoved = contestant === 'vigia' ? surplusRemovedSince(since) : [];
  const bystanders = [...before]
    .filter(([name, pid]) => !surplusRemoved.includes(name) && (pid === '0' || after.get(name) !== pid))
    .map(([name]) => name);
  return evaluate(contestant, standing, observed, bystanders, said);
}

function evaluate(
  contestant: Name,
  standing: Round['standing'],
  observed: Observed,
  bystanders: string[],
  said: string[],
): Round {
  const { samples, total_kb, ended_ms } = observed;
  const percent = (kb: number) => (100 * kb) / total_kb;
  const last = samples.at(-1)?.[0] ?? 0;
  const before = samples.filter(([ms]) => ended_ms === null || ms <= ended_ms);
  const crossed = crossedAt(observed, HARD_PERCENT);
  const own = before.find((sample) => isOver(contestant, sample, observed))?.[0] ?? null;
  const back =
    ended_ms === null
      ? null
      : (samples.find(([ms, available]) => ms >= ended_ms && percent(available) >= BACK_PERCENT)?.[0] ??
        null);
  const from = crossed ?? own ?? ended_ms ?? 0;
  const ticks = readFileSync(TICKS, 'latin1')
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
    .map(([ns = 0, gap = 0]) => ({ ms: (ns - observed.began_monotonic_ns) / 1e6, gap }));
  const worst = (a: number, b: number) =>
    Math.max(0, ...ticks.filter(({ ms }) => ms >= a && ms <= b).map(({ gap }) => gap));
  return {
    contestant,
    hog,
    standing,
    crossedMs: crossed,
    endedMs: difference(ended_ms, from),
    backMs: difference(back, from),
    ownBackMs: difference(back, own),
    lowestPercent: Number(percent(Math.min(...samples.map(([, available]) => available))).toFixed(2)),
    worstStallMs: worst(from - 1000, (back ?? last) + 2000),
    quietStallMs: worst(-5000, 2000),
    bystanders,
    said,
  };
}

const difference = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a - b;

/** Whether the program acts on this sample, according to its configuration. */
function isOver(
  contestant: Name,
  [, available, swapFree, pressure]: Observed['samples'][number],
  { total_kb, swap_kb }: Observed,
): boolean {
  switch (contestant) {
    case 'vigia':
      return available < (HARD_PERCENT / 100) * total_kb;
    case 'earlyoom':
      return available < 0.1 * total_kb && swapFree <= 0.1 * swap_kb;
    case 'systemd-oomd':
      return pressure > 6000 || (swap_kb > 0 && available < 0.1 * total_kb && swapFree < 0.1 * swap_kb);
    case 'kernel':
      return false;
  }
}

/** Containers that Vigía has removed as surplus of their class, not because of memory pressure. */
const surplusRemovedSince = (since: number): string[] =>
  query(
    "SELECT name FROM action WHERE kind = 'remove' AND because_code ->> 'code' = 'surplus' AND at >= ?",
    since,
  ).map((row) => String(row['name']));

// --- main ---------------------------------------------------------------------

prepare();
const rounds: Round[] = [];
for (let group = 0; group < groups; group += 1) {
  for (const contestant of contestants) {
    const times =
      contestant === 'vigia'
        ? Math.round((vigiaRounds * (group + 1)) / groups) - Math.round((vigiaRounds * group) / groups)
        : 1;
    await CONTESTANTS[contestant].start();
    for (let i = 0; i < times; i += 1) {
      const standing = contestant === 'vigia' && (group + i) % 2 === 1 ? 'last' : 'new';
      let done = await round(contestant, standing);
      // Repeat rounds in which the hog was removed as surplus before memory ran low.
      while (contestant === 'vigia' && done.crossedMs === null) done = await round(contestant, standing);
      rounds.push(done);
      log(JSON.stringify(done));
    }
    CONTESTANTS[contestant].stop();
  }
}
const machine = {
  kernel: run('uname', '-r'),
  cpus: Number(run('nproc')),
  memory_kb: Number(/^MemTotal: +(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]),
  docker: run('docker', '--version'),
};
process.stdout.write(`${JSON.stringify({ machine, rounds } satisfies Run)}\n`);
