import type { SQLOutputValue } from 'node:sqlite';
import type { Reason } from '../model/reason.ts';
import { render } from '../words/language.ts';
import { recognizeProse } from './prose-of-0.1.0.ts';

type Row = Record<string, SQLOutputValue>;

/** The three columns of a reason: the English sentence under its own name, the Spanish one, and the data as JSON. */
export function reasonColumns<N extends string>(name: N, reason: Reason | null) {
  const columns = {
    [name]: reason && render(reason, 'en'),
    [`${name}_es`]: reason && render(reason, 'es'),
    [`${name}_code`]: reason && JSON.stringify(reason),
  };
  return columns as Record<N | `${N}_es` | `${N}_code`, string | null>;
}

/** The row with each named reason as data in place of its columns. Prose of an earlier version becomes a reason too. */
export function withReasons<N extends string>(row: Row, ...names: readonly N[]): Row & Record<N, Reason> {
  const read: Record<string, SQLOutputValue | Reason> = { ...row };
  for (const name of names) {
    read[name] = reasonFromColumns(row[`${name}_code`], row[name]) ?? null;
    delete read[`${name}_code`];
    delete read[`${name}_es`];
  }
  return read as Row & Record<N, Reason>;
}

/** A stored reason as data; null when both columns are null. */
function reasonFromColumns(code: unknown, text: unknown): Reason | null {
  if (typeof code !== 'string') return asReason(text);
  try {
    return asReason(JSON.parse(code));
  } catch {
    return asReason(text);
  }
}

/** A reason from stored JSON: an object with a code, or a string, which is prose of an earlier version. */
export function asReason(value: unknown): Reason | null {
  if (typeof value === 'string') return recognizeProse(value) ?? { code: 'recorded-text', text: value };
  const isReason =
    typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';
  return isReason ? (value as Reason) : null;
}
