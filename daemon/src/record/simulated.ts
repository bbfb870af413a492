import type { DatabaseSync } from 'node:sqlite';

/** `VSim` in ASCII, in the field of the file's header that SQLite leaves to applications. */
const SIMULATED = 0x5653696d;

/** Marks the record as one of a simulated host, whose times are virtual. */
export const markSimulated = (db: DatabaseSync): void => db.exec(`PRAGMA application_id = ${SIMULATED}`);

export const isSimulated = (db: DatabaseSync): boolean =>
  db.prepare('PRAGMA application_id').get()?.['application_id'] === SIMULATED;
