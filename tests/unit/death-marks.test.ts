import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EngineEvent } from '../../daemon/src/model/engine-event.ts';
import type { Reason } from '../../daemon/src/model/reason.ts';
import { deathMarks } from '../../daemon/src/panels/death-marks.ts';
import { bindRange } from '../../daemon/src/panels/range.ts';
import { openForWriting } from '../../daemon/src/record/database.ts';
import { saveEngineEvents } from '../../daemon/src/record/engine-events.ts';

const BEGAN = 1_764_597_600_000;

test('only what nobody asked for is marked, an OOM and its death once', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-marks-'));
  const db = openForWriting(join(directory, 'vigia.db'), (message) => assert.fail(message));
  t.after(() => {
    db.close();
    rmSync(directory, { recursive: true });
  });
  const oom = (died: boolean): Reason => ({ code: 'oom-own-limit', limitMib: 32, died });
  const told: readonly [EngineEvent['kind'], Reason | null][] = [
    ['start', null],
    ['die', { code: 'ended-by-owner', exit: 0 }],
    ['die', { code: 'ended-by-us', kind: 'kill', tick: 1 }],
    ['die', { code: 'ended-by-itself-well' }],
    ['die', { code: 'crashed', exit: 1 }],
    ['oom', oom(true)],
    ['die', oom(true)],
    ['oom', oom(false)],
    ['die', { code: 'died-of-signal', signal: 11 }],
  ];
  saveEngineEvents(
    db,
    told.map(([kind, because], n) => ({
      event: {
        ...{ kind, at: BEGAN + 1000 * n, moment: `${BEGAN / 1000 + n}.0`, id: 'a'.repeat(64), name: `c${n}` },
        ...{ image: 'i', exitCode: null, signal: null, health: null },
      },
      because,
      evidence: null,
    })),
  );
  const marks = db.prepare(bindRange(deathMarks.sql, BEGAN, BEGAN + 60_000)).all();
  assert.deepEqual(
    marks.map((row) => String(row['text']).split(':')[0]),
    ['c8', 'c7', 'c6', 'c4'],
  );
  assert.deepEqual(db.prepare(bindRange(deathMarks.sql, 0, BEGAN - 1)).all(), []);
  // Grafana replaces its variables even inside string literals.
  assert.doesNotMatch(deathMarks.sql, /\$(?!__(from|to)\b)|\[\[/);
});
