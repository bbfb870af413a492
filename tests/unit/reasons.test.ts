import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openForReading } from '../../daemon/src/record/database.ts';
import { inSpanish } from '../../page/src/words/reasons-es.ts';
import { ModelledHost } from '../browser/modelled-host.ts';

/** Words of English that no name and no figure holds. */
const ENGLISH =
  /\b(the|of|is|it|its|that|where|stays?|always|runs?|with(in)?|and|memory|nobody|would|has|nothing|left|from)\b/i;

for (const [scenario, hours] of [
  ['workload', 2],
  ['hogs', 4],
  ['spinners', 2],
  ['patterns', 2],
] as const) {
  test(`whatever the daemon says in the scenario ${scenario} is said in Spanish`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'vigia-reasons-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const database = join(folder, 'vigia.db');
    const host = new ModelledHost({ database, scenario });
    await host.past(hours);
    const db = openForReading(database);
    const said = db
      .prepare(`
        SELECT because AS text FROM action UNION SELECT detail FROM action WHERE result <> 'failed'
        UNION SELECT because FROM container_sample UNION SELECT because FROM cycle WHERE because IS NOT NULL
        UNION SELECT candidate.value ->> 'excluded' FROM cycle, json_each(candidates) AS candidate
        WHERE candidate.value ->> 'excluded' IS NOT NULL`)
      .all()
      .map(({ text }) => String(text));
    db.close();
    assert.ok(said.length > 20);
    const english = said
      .map((text) => [text, inSpanish(text)])
      .filter(([, spanish = '']) => ENGLISH.test(spanish));
    assert.deepEqual(english.slice(0, 5), []);
  });
}

test('what only a race, a restart of the daemon or a change of the configuration brings about is said in Spanish', () => {
  for (const text of [
    'would leave 1 high where 2 must stay',
    'restarted meanwhile (pid 7 → 8)',
    'protected meanwhile: protected image corp/db',
    'it is protected now: label vigia.protected',
    'no longer managed',
    'ended by itself',
    'Vigía ended before it was done',
    'gone: seen at the next start',
  ]) {
    assert.doesNotMatch(inSpanish(text), ENGLISH);
    assert.notEqual(inSpanish(text), text);
  }
});

test('what is not known stays as it is', () => {
  const error = 'Docker answered 500: driver "overlay2" failed to remove root filesystem';
  assert.equal(inSpanish(error), error);
});
