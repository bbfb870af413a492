import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { docker, ROOT, until } from './real-engine.ts';

/** Lives of the real daemon on one record, for tests that end them, or what they stand on, in unfriendly ways. */

export type Row = Record<string, unknown>;

/** Quick enough that a minute holds many cycles; a rate is told from one cycle to the next. */
const HURRIED = {
  cycleSeconds: 1,
  classify: { minSeconds: 0.9 },
  sensor: 'procfs',
  grafana: { start: false },
  act: { stopSeconds: 2 },
};

export class Lives {
  readonly directory = mkdtempSync(join(tmpdir(), 'vigia-lives-'));
  readonly database: string;
  readonly #config = join(this.directory, 'config.yaml');
  readonly #all: Life[] = [];

  /** `settings` beyond the hurried ones; the record lies in a directory of its own unless they say otherwise. */
  constructor(settings: { database?: string; [key: string]: unknown } = {}) {
    this.database = settings.database ?? join(this.directory, 'data', 'vigia.db');
    // JSON is YAML.
    writeFileSync(this.#config, JSON.stringify({ ...HURRIED, ...settings, database: this.database }));
  }

  /** `run`: the loop alone. `up`: with the cron job. */
  begin(command: readonly string[] = ['run']): Life {
    const life = new Life(spawn(join(ROOT, 'vigia'), ['--config', this.#config, ...command]));
    this.#all.push(life);
    return life;
  }

  /** A test that failed leaves its daemon behind. */
  end(): void {
    for (const { child } of this.#all) child.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** What one of the commands prints about this record. */
  vigia(...args: string[]): string {
    return execFileSync(join(ROOT, 'vigia'), ['--config', this.#config, ...args], { encoding: 'utf8' });
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

  /** 0 while there is no record yet. */
  lastTick(): number {
    try {
      return Number(this.query('SELECT max(tick) AS tick FROM cycle')[0]?.['tick'] ?? 0);
    } catch {
      // Between the making of the file and of its tables.
      return 0;
    }
  }

  /** Waits for a recorded cycle after `tick` that found 3 low, 2 high and nobody unclassified; tells which. */
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

  /** The cycles that it said it had done and that are not in the record. */
  unrecorded(life: Life): number[] {
    const recorded = new Set(this.query('SELECT tick FROM cycle').map(({ tick }) => Number(tick)));
    return life.cycles().filter((tick) => !recorded.has(tick));
  }

  /** What SQLite itself thinks of the file. */
  assertWhole(): void {
    if (!existsSync(this.database)) return;
    assert.equal(this.query('PRAGMA integrity_check')[0]?.['integrity_check'], 'ok');
    assert.equal(this.query('PRAGMA foreign_key_check').length, 0);
  }
}

export class Life {
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

  /** Both streams, so far. */
  output(): string {
    return this.#output;
  }

  /** The cycles that it said it had done. */
  cycles(): number[] {
    return [...this.#output.matchAll(/^cycle (\d+) · /gm)].map((match) => Number(match[1]));
  }

  /** Its exit code; null after a SIGKILL. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.#ended;
  }

  /** How many cycles it decided, and how many it passed over. */
  decided(): string {
    const ticks = this.cycles();
    const lost = ticks.length === 0 ? 0 : Number(ticks.at(-1)) - Number(ticks[0]) + 1 - ticks.length;
    return `${ticks.length} cycles, ${lost} lost`;
  }

  async says(pattern: RegExp): Promise<void> {
    try {
      await until(`the daemon says ${pattern}`, () => pattern.test(this.#output));
    } catch (error) {
      throw new Error(`the daemon said:\n${this.#output.slice(-2000)}`, { cause: error });
    }
  }
}

/** What became of containers, by the engine's own account: the daemon's record is held against it. */
export class InvariantChecker {
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

  /** IDs of managed containers, in the order in which it happened to them. */
  saw(action: 'destroy' | 'start'): { id: string; labels: Record<string, string> }[] {
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

/** The managed containers that run, by the engine's account. */
export const running = (): string[] =>
  docker('ps', '--quiet', '--no-trunc', '--filter', 'label=vigia.managed=true').split('\n').filter(Boolean);

/**
 * The everyday run has time for about two minutes of these tests; `vigia test --only failures` takes the long form. Which
 * part of its 200 kills and 1,000 containers: VIGIA_FAILURES, from 0 to 1.
 */
export const LONG_SHARE = Number(process.env['VIGIA_FAILURES'] ?? 0);

/** In the long form only. */
export function longTest(name: string, work: (t: TestContext) => Promise<void>): void {
  if (LONG_SHARE > 0) test(name, work);
}

/** A line of the failure table: what was seen in this run. */
export const figures = (row: string, ...seen: string[]): void => console.log(`# ${row}: ${seen.join(' · ')}`);
