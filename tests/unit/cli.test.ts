import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { classify } from '../../daemon/src/classify/classify.ts';
import { NO_HISTORY } from '../../daemon/src/model/history.ts';
import { closeCleanly, openForWriting } from '../../daemon/src/record/database.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { config, container, snapshot } from './builders.ts';

/** The commands as they are typed: what they say, and their exit codes. */

const VIGIA = join(import.meta.dirname, '../../daemon/src/cli/vigia.ts');

function vigia(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [VIGIA, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** A folder with a database of one cycle of that time, in ms, and a configuration that names it. */
function recorded(t: TestContext, at: number): { dir: string; settings: string; database: string } {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-cli-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [database, settings] = [join(dir, 'vigia.db'), join(dir, 'config.yaml')];
  writeFileSync(settings, `database: ${database}\n`);
  const db = openForWriting(database, (message) => assert.fail(message));
  const now = snapshot([container(1)], { at });
  new Store(db, config()).save(
    {
      history: NO_HISTORY,
      snapshot: now,
      verdicts: classify(NO_HISTORY, now, config()),
      plan: { kind: 'hold', because: 'nothing to do', candidates: [] },
      outcomes: [],
      before: { low: 0, high: 0, unknown: 1 },
      after: { low: 0, high: 0, unknown: 1 },
      observations: [],
      cost: { senseMs: 1, decideMs: 1, actMs: 1 },
    },
    1,
  );
  closeCleanly(db);
  return { dir, settings, database };
}

const HOUR_MS = 3_600_000;

test('status: a record newer than the clock is no running daemon', (t) => {
  const ahead = recorded(t, Date.now() + HOUR_MS);
  assert.match(
    vigia('--config', ahead.settings, 'status').stdout,
    /^STOPPED {2}cycle 2, \d{4} s ahead of the clock, which went back, sensor kernel/,
  );
  const now = recorded(t, Date.now());
  assert.match(vigia('--config', now.settings, 'status').stdout, /^running {2}cycle 2, \d+ s ago, sensor/);
});
