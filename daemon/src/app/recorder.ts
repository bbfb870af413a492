import type { DatabaseSync } from 'node:sqlite';
import type { Config } from '../model/config.ts';
import type { Decision } from '../model/decision.ts';
import { errorMessage } from '../model/error-message.ts';
import type { ScriptRun } from '../model/script.ts';
import { isDamage } from '../record/database.ts';
import { upkeep } from '../record/retention.ts';
import { saveScriptRun } from '../record/script-runs.ts';
import type { Store } from '../record/store.ts';
import { render } from '../words/language.ts';

/** Five minutes: no chore is due more often, and checking costs more than most of the work. */
const UPKEEP_EVERY_TICKS = 15;

/** Cycles that may wait to be written: ten minutes. Beyond that the oldest is lost. */
const MOST_WAITING = 30;

/**
 * Returns a function that writes cycles. A cycle that cannot be written waits and is written with a later one, so that
 * the loop goes on. Throws only when the file is damaged and must be replaced; `waiting` then still has the cycle.
 */
export function recorder(
  db: DatabaseSync,
  store: Store,
  config: Config,
  rssKb: () => number,
  warn: (message: string) => void,
  waiting: Decision[] = [],
): (decision: Decision) => void {
  let dueTick = 0;
  return (decision) => {
    const { tick, at } = decision.snapshot;
    if (waiting.at(-1) !== decision) waiting.push(decision);
    try {
      for (let [oldest] = waiting; oldest !== undefined; [oldest] = waiting) {
        store.save(oldest, rssKb());
        waiting.shift();
      }
    } catch (error) {
      if (isDamage(error)) throw error;
      const lost = waiting.length > MOST_WAITING ? waiting.shift() : undefined;
      const what = lost === undefined ? `${waiting.length} wait` : `cycle ${lost.snapshot.tick} is lost`;
      return warn(`cycle ${tick} was not recorded in ${config.database}: ${errorMessage(error)}; ${what}`);
    }
    try {
      if (tick < dueTick) return;
      const isBehind = upkeep(db, config.retention, Math.floor(at / 1000));
      dueTick = tick + (isBehind ? 1 : UPKEEP_EVERY_TICKS);
    } catch (error) {
      if (isDamage(error)) throw error;
      warn(`upkeep of ${config.database} failed and will be tried again: ${errorMessage(error)}`);
    }
  };
}

/** Returns a function that records a script run, and logs it if it was not successful. */
export function scriptRecorder(db: DatabaseSync, warn: (message: string) => void): (run: ScriptRun) => void {
  return (run) => {
    const { script, result, output, refusal, event } = run;
    const why = refusal === null ? output.trim() : `[${refusal.code}] ${render(refusal, 'en')}`;
    if (result !== 'done') warn(`script ${script} on ${event}: ${result}${why === '' ? '' : `: ${why}`}`);
    try {
      saveScriptRun(db, run);
    } catch (error) {
      warn(`the result of script ${script} was not recorded: ${errorMessage(error)}`);
    }
  };
}
