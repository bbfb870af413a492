import type { DatabaseSync } from 'node:sqlite';
import type { Reason } from '../model/reason.ts';
import type { ScriptRun } from '../model/script.ts';
import { statement } from './database.ts';
import type { Row } from './queries.ts';
import { withReasons } from './reason-columns.ts';

/** Writes one script run, as a transaction of its own: scripts end between cycles. */
export function saveScriptRun(db: DatabaseSync, run: ScriptRun): void {
  const { tick, at, event, script, result, exitCode, output, refusal, tookMs } = run;
  statement(
    db,
    `INSERT INTO script_run (tick, at, event, script, result, exit_code, output, refusal_code, took_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    tick,
    Math.floor(at / 1000),
    event,
    script,
    result,
    exitCode,
    output,
    refusal && JSON.stringify(refusal),
    tookMs,
  );
}

/** Script runs, the newest first. `refusal`: why the script was not run; null when it was. */
export function readScriptRuns(
  db: DatabaseSync,
  limit: number,
): (Row & { readonly refusal: Reason | null })[] {
  return db
    .prepare('SELECT *, NULL AS refusal FROM script_run ORDER BY id DESC LIMIT ?')
    .all(limit)
    .map((row) => withReasons(row, 'refusal'));
}
