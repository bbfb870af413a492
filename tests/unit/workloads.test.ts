// Each ordinary workload of a service alone on a host of 16 GB and 8 cores, beside a leak and a runaway: what Vigía does.
// Run by itself with --test-reporter=spec it prints the table.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { configFor, runSimulation } from '../../daemon/src/app/run-simulation.ts';
import { loadScenario } from '../../daemon/src/app/scenarios.ts';
import { openForReading } from '../../daemon/src/record/database.ts';
import { NO_FAULTS } from '../../daemon/src/simulate/faults.ts';
import type { Kind, Scenario } from '../../daemon/src/simulate/scenario.ts';
import { config } from './builders.ts';

const GB = 1024 * 1024;
/** What may be done to a service that behaves: limits, each of which is undone. */
const HARMLESS = new Set(['throttle', 'squeeze', 'limit-pids', 'limit-io', 'release']);

interface Deed {
  /** Seconds since the start. */
  readonly at: number;
  readonly kind: string;
}

/** What was done in so many hours to a service of this kind, the only managed container of its host. */
async function deedsOn(kind: Kind, hours: number): Promise<Deed[]> {
  const directory = mkdtempSync(join(tmpdir(), 'vigia-workload-'));
  const database = join(directory, 'vigia.db');
  const scenario: Scenario = {
    about: 'one service',
    config: { demo: false },
    host: { cpus: 8, totalKb: 16 * GB, systemKb: 1 * GB, systemCpuPercent: 10 },
    kinds: { subject: kind },
    residents: [{ kind: 'subject', count: 1, nature: 'service', name: 'subject' }],
    arrivals: [],
  };
  try {
    await runSimulation({
      ...{ scenario, faults: NO_FAULTS, days: hours / 24, seed: 1, database },
      config: configFor(scenario, config()),
      progress: () => {},
    });
    using db = openForReading(database);
    const start = Number(db.prepare('SELECT min(at) AS at FROM cycle').get()?.['at']);
    const rows = db.prepare("SELECT at, kind FROM action WHERE result = 'done' ORDER BY id").all();
    return rows.map((row) => ({ at: Number(row['at']) - start, kind: String(row['kind']) }));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const table: string[] = [];
const note = (name: string, deeds: readonly Deed[]): void => {
  const words = deeds.slice(0, 6).map(({ at, kind }) => `${kind} at ${at} s`);
  const more = deeds.length > 6 ? `, … ${deeds.length} in all` : '';
  table.push(`${name.padEnd(20)} ${words.length === 0 ? 'nothing' : words.join(', ')}${more}`);
};
after(() => {
  for (const line of table) console.log(line);
});

const { kinds: services } = loadScenario('services');
const { kinds: runaways } = loadScenario('runaways');
/** Not a service of this host's owner, protected, or larger than this host. */
const OTHERS = new Set(['grafana', 'neighbour', 'foreign-spinner', 'foreign-hog', 'steady-database']);
const ordinary = Object.entries(services).filter(([name]) => !OTHERS.has(name));
assert.ok(ordinary.length >= 12, `${ordinary.length} ordinary workloads`);

for (const [name, kind] of ordinary) {
  test(`${name}: nothing is done that its owner could not get back`, async () => {
    const deeds = await deedsOn(kind, 2);
    note(name, deeds);
    assert.deepEqual(
      deeds.filter(({ kind: done }) => !HARMLESS.has(done)),
      [],
    );
  });
}

for (const [name, remedy] of [
  ['leak', ['squeeze', 'restart', 'kill']],
  ['runaway', ['squeeze', 'kill']],
] as const) {
  test(`${name}: it is dealt with, and not removed`, async () => {
    const kind = runaways[name];
    assert.ok(kind, name);
    const deeds = await deedsOn(kind, 6);
    note(name, deeds);
    assert.ok(
      deeds.some(({ kind: done }) => remedy.some((one) => one === done)),
      'something is done',
    );
    assert.ok(deeds.every(({ kind: done }) => done !== 'remove'));
  });
}
