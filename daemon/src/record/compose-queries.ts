import type { DatabaseSync } from 'node:sqlite';
import { PROJECT_LABEL, parseAddress, SERVICE_LABEL } from '../model/compose.ts';

/** A container of the record in the form that targets are compared with. */
export interface Recorded {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The containers that exist now, running or not, as far as the newest cycle saw them. */
export function findRunning(db: DatabaseSync): Recorded[] {
  return db
    .prepare('SELECT id, name, compose FROM container WHERE last_seen = (SELECT max(at) FROM cycle)')
    .all()
    .map(({ id, name, compose }) => {
      const address = parseAddress(String(compose ?? ''));
      const labels =
        address === null ? {} : { [PROJECT_LABEL]: address.project, [SERVICE_LABEL]: address.service ?? '' };
      return { id: String(id), name: String(name), labels };
    });
}

/** SQL: whether `c.compose` is at the address in `:parameter`: `shop/db`, or `shop/` for a project. */
export const isAtAddress = (parameter: string): string =>
  `(instr(:${parameter}, '/') > 0 AND (c.compose = :${parameter} OR substr(:${parameter}, -1) = '/'
     AND substr(c.compose, 1, length(:${parameter})) = :${parameter}))`;
