import type { DatabaseSync } from 'node:sqlite';
import type { ScriptRun } from '../model/script.ts';
import { statement } from './database.ts';
import type { Row } from './queries.ts';

/** One statement is a transaction: a script that ends between two cycles waits for none. */
export function saveScriptRun(db: DatabaseSync, run: ScriptRun): void {
  const { tick, at, event, script, result, exitCode, output, tookMs } = run;
  statement(
    db,
    `INSERT INTO script_run (tick, at, event, script, result, exit_code, output, took_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(tick, Math.floor(at / 1000), event, script, result, exitCode, output, tookMs);
}

/** The newest first. */
export function readScriptRuns(db: DatabaseSync, limit: number): Row[] {
  return db.prepare('SELECT * FROM script_run ORDER BY id DESC LIMIT ?').all(limit);
}
