import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DEFAULTS } from '../../daemon/src/model/config.ts';
import { docker, run, until } from '../../tests/lab/guest.ts';
import { median } from './spread.ts';
import { crossedAt, LAST_OF_TWO, lastCrossedAt, names, observe, setHog, setStage } from './stage.ts';

/**
 * How fast Vigía reacts at this host's own speed, where its memory must not really run out: in each round the hard
 * threshold is set 3 % of RAM below what is available just then, and a hog grows by 1 % a second. An engine must
 * answer; without modules the /proc sensor reads. Prints a line a round, then medians.
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

function ask(sql: string, ...parameters: string[]): Record<string, unknown>[] {
  try {
    const db = new DatabaseSync(database, { readOnly: true, timeout: 5000 });
    try {
      return db.prepare(sql).all(...parameters);
    } finally {
      db.close();
    }
  } catch {
    // Between the making of the file and of its tables.
    return [];
  }
}

const cycles = (): number => Number(ask('SELECT count(*) AS n FROM cycle')[0]?.['n'] ?? 0);

async function startVigia(percent: number): Promise<ChildProcess> {
  const before = cycles();
  const vigia = spawn(process.execPath, [join(ROOT, 'bench/peers/vigia-at.ts'), String(percent), database], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
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
  /** How long before it the threshold was crossed for the first time, by a dip that passed. */
  readonly dippedMs: number;
  readonly died: readonly string[];
  readonly because: string;
}

/** null where what else runs on this host crossed the threshold before the hog did: no round. */
async function round(standing: 'last' | 'new'): Promise<Reaction | null> {
  const id = setHog(standing, 'gentle');
  if (standing === 'last') {
    const vigia = await startVigia(DEFAULTS.pressure.availablePercent);
    await until('the hog is one of two high', 90, () => ask(LAST_OF_TWO, id).length > 0).finally(() =>
      stopVigia(vigia),
    );
  }
  // Set as late as can be: what else runs here takes memory and gives it back.
  const percent = Number((availablePercent() - BELOW_PERCENT).toFixed(1));
  const vigia = await startVigia(percent);
  try {
    const before = pids();
    const observing = observe(docker('inspect', '--format', '{{.State.Pid}}', 'hog'), 30, 1);
    docker('kill', '--signal', 'USR1', 'hog');
    const observed = await observing;
    const dipped = crossedAt(observed, percent);
    // Whatever else runs here may have made a dip before, too short to be seen.
    const crossed = lastCrossedAt(observed, percent);
    if (crossed === null || observed.ended_ms === null || crossed === 0 || dipped === null) return null;
    const after = pids();
    const died = [...before]
      .filter(([name, pid]) => name !== 'hog' && after.get(name) !== pid)
      .map(([name]) => name);
    await until(
      'it is written down',
      60,
      () => ask('SELECT 1 FROM action WHERE container_id = ?', id).length > 0,
    );
    const because = String(ask('SELECT because FROM action WHERE container_id = ?', id)[0]?.['because']);
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
  setStage(1024);
  while (done.length < rounds) {
    const standing = done.length % 2 === 0 ? 'last' : 'new';
    const reaction = await round(standing).catch((error: unknown) => {
      process.stderr.write(`${error}\n`);
      return null;
    });
    if (reaction === null) {
      process.stderr.write('no round: something else took or gave back memory meanwhile; once more\n');
      continue;
    }
    done.push(reaction);
    const { endedMs, dippedMs, died, because } = reaction;
    const dip = dippedMs > 0 ? ` (a dip ${dippedMs} ms before)` : '';
    process.stdout.write(
      `${done.length} hog ${standing}: gone ${endedMs.toFixed(0)} ms${dip}, died besides: ${died.join(', ') || 'nobody'}; load ${run('cut', '-d ', '-f1', '/proc/loadavg')}; ${because}\n`,
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
    `hog ${kind}: ${times.length} rounds, threshold to hog gone: median ${median(times).toFixed(0)} ms, worst ${Math.max(...times).toFixed(0)} ms\n`,
  );
}
const wrong = done.filter(({ died }) => died.length > 0).length;
process.stdout.write(`bystanders died in ${wrong} of ${done.length} rounds\n`);
