import type { SQLOutputValue } from 'node:sqlite';
import type { ContainerPolicy } from '../model/container-policy.ts';
import type { ShownKind } from '../words/catalogue.ts';

type Row = Record<string, SQLOutputValue>;

/** The kind of the container in a row. Rows of earlier versions have only the columns `managed` and `protected`. */
export function kindOf(row: Row): ShownKind {
  const kind = row['kind'];
  if (kind === 'disposable' || kind === 'service' || kind === 'foreign' || kind === 'protected') return kind;
  if (row['protected'] === 1) return 'protected';
  return row['managed'] === 1 ? 'managed' : 'foreign';
}

export const withKind = (row: Row): Row & { kind: ShownKind } => Object.assign(row, { kind: kindOf(row) });

/** SQL: whether the container in `c` counts for the quotas. In earlier versions every managed container did. */
export const COUNTS_FOR_QUOTAS = "(c.kind = 'disposable' OR c.kind IS NULL AND c.managed = 1)";

/** The policy that the column `policy` holds, as this program wrote it; null in rows of earlier versions. */
export function policyFrom(column: unknown): ContainerPolicy | null {
  if (typeof column !== 'string') return null;
  try {
    const value: unknown = JSON.parse(column);
    return typeof value === 'object' && value !== null && 'allow' in value
      ? (value as ContainerPolicy)
      : null;
  } catch {
    return null;
  }
}
