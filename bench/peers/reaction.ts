import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DEFAULTS } from '../../daemon/src/model/config.ts';
import { docker, run, until } from '../../tests/lab/guest.ts';
import { crossedAt, LAST_OF_TWO, lastCrossedAt, names, observe, startContainers, startHog } from './setup.ts';
import { median } from './statistics.ts';

/**
 * Measures how fast Vigía reacts without emulation, on this host, whose memory must not run out: in each round the hard
 * threshold is set 3 % of RAM below the available memory, and a hog grows by 1 % of RAM per second. Needs a running
 * engine; without the modules Vigía reads /proc. Prints a line per round, then the medians.
 *
 *   node reaction.ts [ROUNDS]
 */
const rounds = Number(process.argv[2] ?? 20);
const ROOT = join(import.meta.dirname, '../..');
const BELOW_PERCENT = 3;

const dir = mkdtempSync(join(tmpdir(), 'vigia-reaction-'));
const database = join(dir, 'data/vigia.db');

function availablePercent(): number {
  const meminfo = readFileSync('/proc/meminfo', 'utf8');
  const kb = (name: string) => Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(meminfo)?.[1]);
  return (100 * kb('MemAvailable')) / kb('MemTotal');
}

function query(sql: string, ...parameters: string[]): Record<string, unknown>[] {
  try {
    const db = new DatabaseSync(database, { readOnly: true, timeout: 5000 });
    try {
      return db.prepare(sql).all(...parameters);
    } finally {
      db.close();
    }
  } catch {
    // The file has been created, but not its tables yet.
    return [];
  }
}

const cycles = (): number => Number(query('SELECT count(*) AS n FROM cycle')[0]?.['n'] ?? 0);

async function startVigia(percent: number): Promise<ChildProcess> {
  const before = cycles();
  const vigia = spawn(
    process.execPath,
    [join(ROOT, 'bench/peers/vigia-with-threshold.ts'), String(percent), database],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  await until('the first cycle', 60, () => cycles() > before);
  return vigia;
}

async function stopVigia(vigia: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => vigia.once('exit', resolve));
  vigia.kill('SIGTERM');
  await ended;
}

const pids = (): Map<string, string> =>
  new Map(names().map((name) => [name, docker('inspect', '--format', '{{.State.Pid}}', name)]));

interface Reaction {
  readonly standing: 'last' | 'new';
  readonly endedMs: number;
  /** How long before that the threshold was first crossed, by a dip from which memory recovered. */
  readonly dippedMs: number;
  readonly died: readonly string[];
  readonly because: string;
}

/** Returns null if other processes on this host crossed the threshold before the hog did: the round is void. */
async function round(standing: 'last' | 'new'): Promise<Reaction | null> {
  const id = startHog(standing, 'gentle');
  if (standing === 'last') {
    const vigia = await startVigia(DEFAULTS.pressure.availablePercent);
    await until('the hog is one of two high', 90, () => query(LAST_OF_TWO, id).length > 0).finally(() =>
      stopVigia(vigia),
    );
  }
  // Set the threshold as late as possible, because the memory use of other processes changes.
  const percent = Number((availablePercent() - BELOW_PERCENT).toFixed(1));
  const vigia = await startVigia(percent);
  try {
    const before = pids();
    const observing = observe(docker('inspect', '--format', '{{.State.Pid}}', 'hog'), 30, 1);
    docker('kill', '--signal', 'USR1', 'hog');
    const observed = await observing;
    const dipped = crossedAt(observed, percent);
    // Other processes may have caused a dip before, too short for Vigía to see.
    const crossed = lastCrossedAt(observed, percent);
    if (crossed === null || observed.ended_ms === null || crossed === 0 || dipped === null) return null;
    const after = pids();
    const died = [...before]
      .filter(([name, pid]) => name !== 'hog' && after.get(name) !== pid)
      .map(([name]) => name);
    await until(
      'the action is recorded',
      60,
      () => query('SELECT 1 FROM action WHERE container_id = ?', id).length > 0,
    );
    const because = String(query('SELECT because FROM action WHERE container_id = ?', id)[0]?.['because']);
    return {
      standing,
      endedMs: observed.ended_ms - crossed,
      dippedMs: crossed - dipped,
      died,
      because,
    };
  } finally {
    await stopVigia(vigia);
  }
}

const done: Reaction[] = [];
try {
  startContainers(1024);
  while (done.length < rounds) {
    const standing = done.length % 2 === 0 ? 'last' : 'new';
    const reaction = await round(standing).catch((error: unknown) => {
      process.stderr.write(`${error}\n`);
      return null;
    });
    if (reaction === null) {
      process.stderr.write('round repeated: the memory use of other processes has changed meanwhile\n');
      continue;
    }
    done.push(reaction);
    const { endedMs, dippedMs, died, because } = reaction;
    const dip = dippedMs > 0 ? ` (a dip ${dippedMs} ms before)` : '';
    process.stdout.write(
      `${done.length} hog ${standing}: ended after ${endedMs.toFixed(0)} ms${dip}, other containers ended: ${died.join(', ') || 'none'}; load ${run('cut', '-d ', '-f1', '/proc/loadavg')}; ${because}\n`,
    );
  }
} finally {
  const ids = docker('ps', '--all', '--quiet', '--filter', 'label=vigia.managed=true')
    .split('\n')
    .filter(Boolean);
  docker('rm', '--force', 'foreign', ...ids);
  rmSync(dir, { recursive: true, force: true });
}
for (const kind of ['last', 'new'] as const) {
  const times = done.filter(({ standing }) => standing === kind).map(({ endedMs }) => endedMs);
  process.stdout.write(
    `hog ${kind}: ${times.length} rounds, from threshold to end of hog: median ${median(times).toFixed(0)} ms, worst ${Math.max(...times).toFixed(0)} ms\n`,
  );
}
const wrong = done.filter(({ died }) => died.length > 0).length;
process.stdout.write(`other containers ended in ${wrong} of ${done.length} rounds\n`);
