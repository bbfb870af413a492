import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { TerminalError } from '../words/terminal-error.ts';
import { closeCleanly, openForReading, openForWriting, setAside } from './database.ts';
import { findDamage } from './database-health.ts';

/**
 * Writes a copy of the database, as it is at one moment, while its daemon goes on writing. An existing file is replaced
 * once the copy has been checked. Returns the number of its cycles. Throws when the database or the copy is damaged.
 */
export function backUp(database: string, target: string): number {
  using db = openForReading(database, { anyVersion: true });
  return copyChecked(db, target, (copy) => openForReading(copy, { anyVersion: true }));
}

/**
 * Puts a copy in the place of the database, once it has been checked and brought to this version. The one before is
 * kept; a running daemon goes on in the new one at its next cycle.
 */
export function restore(
  source: string,
  database: string,
): { readonly cycles: number; readonly kept: string | null } {
  using db = openForReading(source, { anyVersion: true });
  let kept: string | null = null;
  const migrated = (copy: string): DatabaseSync => {
    closeCleanly(openForWriting(copy, damaged));
    return openForReading(copy);
  };
  const cycles = copyChecked(db, database, migrated, () => {
    kept = existsSync(database) ? setAside(database, 'before-restore') : null;
  });
  return { cycles, kept };
}

/** Copies to a file beside the target and renames that once it is whole, sound and on the disk. */
function copyChecked(
  db: DatabaseSync,
  target: string,
  open: (copy: string) => DatabaseSync,
  beforeRename: () => void = () => {},
): number {
  const beside = `${target}.${process.pid}.tmp`;
  try {
    db.prepare('VACUUM INTO ?').run(beside);
    chmodSync(beside, 0o640);
    const cycles = check(open(beside));
    const file = openSync(beside, 'r');
    fsyncSync(file);
    closeSync(file);
    beforeRename();
    renameSync(beside, target);
    return cycles;
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(beside + suffix, { force: true });
  }
}

/** Counts the cycles of a sound copy. */
function check(copy: DatabaseSync): number {
  using db = copy;
  const [damage] = findDamage(db);
  if (damage !== undefined) damaged(damage.code === 'sqlite' ? damage.message : damage.table);
  return Number(db.prepare('SELECT count(*) AS n FROM cycle').get()?.['n']);
}

function damaged(message: string): never {
  throw new TerminalError(({ database }) => database.copyDamaged(message));
}
