import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DATABASE, type Row, run, until } from '../../tests/lab/guest.ts';
import type { Name, Place } from './results.ts';
import { DIR, type Hog } from './setup.ts';

/** One of the programs that are compared. */
export interface Contestant {
  /** Services that must be the same after the round. */
  readonly units: readonly string[];
  /** `thresholdPercent`: available memory at which Vigía is to act; the others have their own. */
  start(thresholdPercent: number): Promise<void>;
  stop(): Promise<void>;
  /** Waits until it has seen the hog. */
  ready(): Promise<void>;
  /** What its record or log says since a Unix time. */
  said(since: number, hog: Hog, isEnded: boolean): Promise<Said>;
}

export interface Said {
  readonly lines: readonly string[];
  readonly isNamed: boolean;
  /** Disposable containers that were removed although they were not the hog. */
  readonly givenUp: readonly string[];
}

const nothing = async (): Promise<void> => {};

/** Log lines since a Unix time. */
export const journal = (since: number, pattern: RegExp, ...from: string[]): string[] =>
  run('journalctl', ...from, '--since', `@${since}`, '--output', 'cat', '--no-pager')
    .split('\n')
    .filter((line) => pattern.test(line));

export const killsOfKernel = (since: number): string[] => journal(since, /Killed process/, '--dmesg');

const saidOf = (lines: readonly string[], hog: Hog): Said => ({
  ...{ lines, givenUp: [] },
  isNamed: lines.some((line) => hog.names.test(line)),
});

function service(unit: string, pattern: RegExp): Contestant {
  return {
    units: [unit],
    start: async () => void run('systemctl', 'start', unit),
    stop: async () => void run('systemctl', 'stop', unit),
    ready: nothing,
    said: async (since, hog) => saidOf(journal(since, pattern, '--unit', unit), hog),
  };
}

export const rivals: Readonly<Record<Exclude<Name, 'vigia'>, Contestant>> = {
  kernel: {
    ...{ units: [], start: nothing, stop: nothing, ready: nothing },
    said: async (since, hog) => saidOf(killsOfKernel(since), hog),
  },
  earlyoom: service('earlyoom', /sending|kill|low memory|escalat/i),
  'systemd-oomd': {
    ...service('systemd-oomd', /kill/i),
    async start() {
      run('systemctl', 'start', 'systemd-oomd');
      await until('systemd-oomd to monitor the containers', 60, () => /\/system\.slice/.test(run('oomctl')));
    },
    stop: async () => void run('systemctl', 'stop', 'systemd-oomd.socket', 'systemd-oomd.service'),
  },
};

/** By default systemd-oomd monitors no containers: enables both of its criteria. */
export function prepareRivals(): void {
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

/** The assignment's quotas, without containers that spin. With `demo` the containers of the bench would go when it stops. */
const VIGIA_CONFIG = `mode: enforce
quotas: { low: { keep: 3, trim: true }, high: { keep: 2, trim: true, images: [vigia/ram] } }
cron: { install: false }
grafana: { start: false }
`;

/** In the lab as a service with its own configuration file; natively with a threshold that this host reaches. */
export function vigia(place: Place): Contestant {
  const database =
    place === 'lab' ? DATABASE : join(mkdtempSync(join(tmpdir(), 'vigia-peers-')), 'data/vigia.db');
  const root = join(import.meta.dirname, '../..');
  let child: ChildProcess | null = null;
  const query = (sql: string, ...parameters: (string | number)[]): Row[] => {
    try {
      using db = new DatabaseSync(database, { readOnly: true, timeout: 10_000 });
      return db.prepare(sql).all(...parameters);
    } catch {
      // The file has been created, but not its tables yet.
      return [];
    }
  };
  const lastTick = () => Number(query('SELECT max(tick) AS tick FROM cycle')[0]?.['tick'] ?? 0);
  const cycles = (more: number, before = lastTick()) =>
    until(`${more} more cycles`, 600, () => {
      if (child !== null && child.exitCode !== null) throw new Error('Vigía has ended');
      return lastTick() >= before + more;
    });
  return {
    units: place === 'lab' ? ['bench-vigia'] : [],
    async start(percent) {
      const first = cycles(1);
      if (place === 'native') {
        const program = join(root, 'bench/peers/vigia-with-threshold.ts');
        child = spawn(process.execPath, [program, String(percent), database], {
          stdio: ['ignore', 'ignore', 'ignore'],
        });
        process.once('exit', () => child?.kill());
      } else {
        const config = join(DIR, 'vigia.yaml');
        writeFileSync(config, VIGIA_CONFIG);
        const unit = ['--quiet', '--collect', '--unit', 'bench-vigia', '--setenv', 'NO_COLOR=1'];
        run('systemd-run', ...unit, join(root, 'vigia'), '--config', config, 'up');
      }
      await first;
    },
    async stop() {
      if (child === null) run('systemctl', 'stop', 'bench-vigia');
      else {
        const ended = new Promise((resolve) => child?.once('exit', resolve));
        child.kill('SIGTERM');
        await ended;
        child = null;
      }
    },
    // The second one has begun after the hog had.
    ready: async () => void (place === 'lab' && (await cycles(2))),
    async said(since, { id, names }, isEnded) {
      const actions = () =>
        query(
          "SELECT kind, name, container_id, because, because_code ->> 'code' AS code, result, detail, took_ms FROM action WHERE at >= ? AND kind <> 'start'",
          since,
        );
      const named = () =>
        query(
          "SELECT message, message_code -> 'culprit' ->> 'name' AS name FROM fault WHERE at >= ? AND message_code ->> 'code' = 'culprit-named'",
          since,
        );
      const holds = query("SELECT DISTINCT because FROM cycle WHERE at >= ? AND plan = 'hold'", since);
      // Recorded when the whole plan has been carried out, including the start of a replacement.
      if (isEnded && id !== null)
        await until('the emergency to be recorded', 300, () => named().length > 0).catch(() => null);
      const removed = actions().filter(({ kind, result }) => kind === 'remove' && result === 'done');
      const text = (row: Row) => `${row['kind']} ${row['name']}: ${row['because']} → ${row['result']}`;
      return {
        lines: [
          ...named().map(({ message }) => String(message)),
          ...holds.map(({ because }) => `nothing done: ${because}`),
          ...actions().map(
            (row) => `${text(row)}, ${row['detail']} (${Math.round(Number(row['took_ms']))} ms)`,
          ),
        ],
        isNamed: names.test(String(named()[0]?.['name'] ?? '')),
        givenUp: removed
          .filter(({ code }) => code === 'surplus' || code === 'sacrifice-for-memory')
          .map(({ name }) => String(name)),
      };
    },
  };
}
