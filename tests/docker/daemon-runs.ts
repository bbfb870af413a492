import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { docker, ROOT, until } from './real-engine.ts';

/** Runs of the real daemon on one database, for tests that kill it or break what it depends on. */

export type Row = Record<string, unknown>;

/** Short cycles, so that a minute holds many; a container has a rate after two of them. */
const FAST_SETTINGS = {
  demo: true,
  cycleSeconds: 1,
  classify: { minSeconds: 0.9 },
  sensor: 'procfs',
  grafana: { start: false },
  act: { stopSeconds: 2 },
};

/** Another commit's, to see a test fail there. */
const VIGIA = process.env['VIGIA_UNDER_TEST'] ?? join(ROOT, 'vigia');

export class DaemonRuns {
  readonly directory = mkdtempSync(join(tmpdir(), 'vigia-runs-'));
  readonly database: string;
  readonly #config = join(this.directory, 'config.yaml');
  readonly #runs: DaemonRun[] = [];

  /** `settings` are added to the fast ones; without `database` the database is in a temporary directory. */
  constructor(settings: { database?: string; [key: string]: unknown } = {}) {
    this.database = settings.database ?? join(this.directory, 'data', 'vigia.db');
    // JSON is YAML.
    this.configure(settings);
  }

  /** Writes the configuration anew, for the next run. */
  configure(settings: object): void {
    writeFileSync(this.#config, JSON.stringify({ ...FAST_SETTINGS, ...settings, database: this.database }));
  }

  /** Starts the daemon. `run`: only the loop. `up`: with the cron job. `prefix`: a program that runs it. */
  begin(command: readonly string[] = ['run'], prefix: readonly string[] = []): DaemonRun {
    const [program = VIGIA, ...args] = [...prefix, VIGIA, '--config', this.#config, ...command];
    const run = new DaemonRun(spawn(program, args));
    this.#runs.push(run);
    return run;
  }

  /** Kills what a failed test left running, and removes the directory. */
  end(): void {
    for (const { child } of this.#runs) child.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Output of a command on this database. */
  vigia(...args: string[]): string {
    return execFileSync(VIGIA, ['--config', this.#config, ...args], { encoding: 'utf8' });
  }

  query(sql: string, ...parameters: (string | number)[]): Row[] {
    if (!existsSync(this.database)) return [];
    const db = new DatabaseSync(this.database, { readOnly: true, timeout: 5000 });
    try {
      return db.prepare(sql).all(...parameters);
    } finally {
      db.close();
    }
  }

  /** Number of the newest recorded cycle; 0 while there is none. */
  lastTick(): number {
    try {
      return Number(this.query('SELECT max(tick) AS tick FROM cycle')[0]?.['tick'] ?? 0);
    } catch {
      // The file exists before its tables do.
      return 0;
    }
  }

  /**
   * Waits for a recorded cycle after `tick` that found 3 low, 2 high and no unclassified container. Returns its number.
   */
  async settled(tick = this.lastTick(), seconds?: number): Promise<number> {
    const found = () =>
      this.lastTick() <= tick
        ? undefined
        : this.query(
            `SELECT tick FROM cycle WHERE tick > ? AND unknown_before = 0 AND low_before = 3 AND high_before = 2
             AND NOT EXISTS (SELECT 1 FROM fault WHERE fault.tick = cycle.tick AND blind = 1) ORDER BY tick LIMIT 1`,
            tick,
          )[0];
    await until('3 low and 2 high', () => found() !== undefined, seconds);
    return Number(found()?.['tick']);
  }

  /** The cycles that the daemon reported and that are not in the database. */
  unrecorded(run: DaemonRun): number[] {
    const recorded = new Set(this.query('SELECT tick FROM cycle').map(({ tick }) => Number(tick)));
    return run.cycles().filter((tick) => !recorded.has(tick));
  }

  /** Asserts that SQLite finds the file intact. */
  assertIntact(): void {
    if (!existsSync(this.database)) return;
    assert.equal(this.query('PRAGMA integrity_check')[0]?.['integrity_check'], 'ok');
    assert.equal(this.query('PRAGMA foreign_key_check').length, 0);
  }
}

export class DaemonRun {
  readonly child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #output = '';

  constructor(child: ChildProcess) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output += chunk;
      });
    }
    this.#ended = new Promise((resolve) => child.once('close', resolve));
  }

  /** Everything written to stdout and stderr so far. */
  output(): string {
    return this.#output;
  }

  /** The cycles that it reported. */
  cycles(): number[] {
    return [...this.#output.matchAll(/^cycle (\d+) · /gm)].map((match) => Number(match[1]));
  }

  /** Sends a signal and waits. Returns the exit code; null after a SIGKILL. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.#ended;
  }

  /** How many cycles it reported, and how many numbers are missing between them. */
  cycleSummary(): string {
    const ticks = this.cycles();
    const lost = ticks.length === 0 ? 0 : Number(ticks.at(-1)) - Number(ticks[0]) + 1 - ticks.length;
    return `${ticks.length} cycles, ${lost} lost`;
  }

  async untilOutput(pattern: RegExp): Promise<void> {
    try {
      await until(`the daemon prints ${pattern}`, () => pattern.test(this.#output));
    } catch (error) {
      throw new Error(`the daemon printed:\n${this.#output.slice(-2000)}`, { cause: error });
    }
  }
}

/** Starts and removals of managed containers as the engine reports them, to compare the database with. */
export class EngineEvents {
  readonly #events: ChildProcess;
  #lines = '';

  constructor() {
    this.#events = spawn('docker', [
      ...['events', '--filter', 'type=container', '--filter', 'label=vigia.managed=true'],
      ...['--filter', 'event=destroy', '--filter', 'event=start', '--format', '{{json .}}'],
    ]);
    this.#events.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#lines += chunk;
    });
  }

  /** The containers of these events, in order. */
  of(action: 'destroy' | 'start'): { id: string; labels: Record<string, string> }[] {
    return this.#lines
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .filter((event) => event.Action === action)
      .map((event) => ({ id: event.Actor.ID, labels: event.Actor.Attributes }));
  }

  end(): void {
    this.#events.kill();
  }
}

/** IDs of the managed containers that run, as the engine reports them. */
export const running = (): string[] =>
  docker('ps', '--quiet', '--no-trunc', '--filter', 'label=vigia.managed=true').split('\n').filter(Boolean);

/**
 * Share of the long form (200 kills, 1,000 containers) to run, from 0 to 1. The everyday run takes 0, which needs about
 * two minutes; `vigia test --only failures` takes 1.
 */
export const LONG_SHARE = Number(process.env['VIGIA_FAILURES'] ?? 0);

/** A test of the long form only. */
export function longTest(name: string, work: (t: TestContext) => Promise<void>): void {
  if (LONG_SHARE > 0) test(name, work);
}

/** Prints a row of the failure table: what was measured in this run. */
export const reportRow = (row: string, ...seen: string[]): void =>
  console.log(`# ${row}: ${seen.join(' · ')}`);
