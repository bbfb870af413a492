// Measures how long the query of each panel takes over an hour, six hours, a week and a month, in a database of 30
// days. Opens a connection per query, as Grafana's data source does. `node bench/panels/measure.ts [days] [file]`: the
// file is created if it does not exist, and kept.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { containersToChoose } from '../../daemon/src/panels/containers-to-choose.ts';
import { panels } from '../../daemon/src/panels/dashboards.ts';
import { removals } from '../../daemon/src/panels/grafana-marks.ts';
import { bindRange } from '../../daemon/src/panels/range.ts';
import { fill } from './seeded-database.ts';

const GOAL_MS = 100;
const ROUNDS = 5;
const RANGES = { '1 h': 1, '6 h': 6, '7 d': 7 * 24, '30 d': 30 * 24 } as const;

const days = Number(process.argv[2] ?? 30);
const scratch = mkdtempSync(join(tmpdir(), 'vigia-bench-'));
const file = process.argv[3] ?? join(scratch, 'vigia.db');
const end = 1_900_000_000 - (1_900_000_000 % 3600) + 1230;
try {
  if (!existsSync(file)) {
    const db = new DatabaseSync(file);
    fill(db, days, end);
    db.close();
  }
  report();
} finally {
  rmSync(scratch, { recursive: true });
}

function report(): void {
  console.log(`${days} days, ${(statSync(file).size / 1e6).toFixed(0)} MB; median of ${ROUNDS}, in ms\n`);
  console.log(`| panel | ${Object.keys(RANGES).join(' | ')} |\n| --- | ${'---: | '.repeat(4).trim()}`);
  const queries = [
    ...panels,
    { id: 'annotations', ...removals },
    { id: 'choice of container', ...containersToChoose },
  ];
  let worst = 0;
  for (const { id, sql } of queries) {
    const times = Object.values(RANGES).map((hours) => {
      const bound = bindRange(sql, (end - hours * 3600) * 1000, end * 1000);
      const runs = Array.from({ length: ROUNDS }, () => measureQuery(bound)).sort((a, b) => a - b);
      return runs[Math.floor(ROUNDS / 2)] ?? 0;
    });
    worst = Math.max(worst, ...times);
    console.log(`| ${id} | ${times.map((ms) => ms.toFixed(1)).join(' | ')} |`);
  }
  console.log(`\nslowest: ${worst.toFixed(1)} ms; goal: at most ${GOAL_MS} ms`);
  process.exitCode = worst <= GOAL_MS ? 0 : 1;
}

function measureQuery(sql: string): number {
  const began = performance.now();
  const db = new DatabaseSync(file, { readOnly: true });
  const statement = db.prepare(sql);
  if (sql.includes(':container')) statement.all({ container: '1'.padStart(64, '0') });
  else statement.all();
  db.close();
  return performance.now() - began;
}
