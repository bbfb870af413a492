import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { docker, run, until } from '../../tests/lab/guest.ts';

/**
 * Measures how Vigía removes a surplus: it starts with COUNT random workload containers and removes all but 3 low and
 * 2 high ones in the first cycle in which all are classified. Needs a running engine. Prints the cycles.
 *
 *   node surplus.ts [COUNT]
 */
const count = Number(process.argv[2] ?? 50);
const ROOT = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'vigia-surplus-'));
const database = join(dir, 'data/vigia.db');
const configuration = join(dir, 'config.yaml');
writeFileSync(
  configuration,
  `database: ${database}\ncron: { install: false }\ngrafana: { start: false }\npage: { port: 18996 }\n`,
);

interface Cycle {
  readonly tick: number;
  readonly low_before: number;
  readonly high_before: number;
  readonly unknown_before: number;
  readonly low_after: number;
  readonly high_after: number;
  readonly removed: number;
  readonly started: number;
  readonly act_ms: number;
}

function cycles(): Cycle[] {
  try {
    const db = new DatabaseSync(database, { readOnly: true, timeout: 5000 });
    try {
      return db.prepare('SELECT * FROM cycle ORDER BY tick').all() as unknown as Cycle[];
    } finally {
      db.close();
    }
  } catch {
    // The file has been created, but not its tables yet.
    return [];
  }
}

const isSettled = ({ unknown_before, low_after, high_after }: Cycle): boolean =>
  unknown_before === 0 && low_after === 3 && high_after === 2;

const managed = (): string[] =>
  docker('ps', '--all', '--quiet', '--filter', 'label=vigia.managed=true').split('\n').filter(Boolean);

let vigia: ChildProcess | null = null;
try {
  run(join(ROOT, 'workload/build-images.sh'));
  run(join(ROOT, 'workload/spawn-containers.sh'), '--count', String(count), '--seed', '7', '--force');
  vigia = spawn(join(ROOT, 'vigia'), ['--config', configuration, 'up'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await until('3 low and 2 high containers', 180, () =>
    cycles()
      .slice(-1)
      .some((cycle) => isSettled(cycle) && cycle.removed === 0),
  );
  for (const cycle of cycles()) {
    process.stdout.write(
      `cycle ${cycle.tick}: low ${cycle.low_before} → ${cycle.low_after}, high ${cycle.high_before} → ${cycle.high_after}, unclassified ${cycle.unknown_before}, removed ${cycle.removed}, started ${cycle.started}, actions took ${(cycle.act_ms / 1000).toFixed(1)} s\n`,
    );
  }
  process.stdout.write(
    `containers in the engine: ${managed().length}; load ${run('cut', '-d ', '-f1', '/proc/loadavg')}\n`,
  );
} finally {
  if (vigia !== null) {
    const ended = new Promise((resolve) => vigia?.once('exit', resolve));
    vigia.kill('SIGTERM');
    await ended;
  }
  const left = managed();
  if (left.length > 0) docker('rm', '--force', ...left);
  rmSync(dir, { recursive: true, force: true });
}
