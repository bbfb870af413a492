import * as v from 'valibot';
import { escapeInvisible } from '../escape-invisible.ts';

const number = v.number();
/** Percentiles in milliseconds, by name; null when there were no values. */
const Percentiles = v.nullable(v.record(v.string(), v.nullable(number)));

/** What `vigia simulate --json` prints. Unknown fields are allowed. */
const Report = v.looseObject({
  scenario: v.string(),
  seed: number,
  days: number,
  cycles: number,
  containers: number,
  faults: number,
  crashes: number,
  removed: number,
  kills: number,
  started: number,
  throttles: number,
  restoredAfterMs: v.optional(Percentiles, null),
  reactionMs: v.optional(Percentiles, null),
  rssKb: v.array(number),
  databaseBytes: v.array(number),
  invariants: v.array(
    v.looseObject({
      name: v.string(),
      about: v.string(),
      checks: number,
      violations: v.array(v.unknown()),
    }),
  ),
});

export type Report = v.InferOutput<typeof Report>;

/** Parses a report, with invisible characters escaped in every string; null when the text is not a report. */
export function readReport(json: string): Report | null {
  try {
    const data: unknown = JSON.parse(json, (_, value) =>
      typeof value === 'string' ? escapeInvisible(value) : value,
    );
    const parsed = v.safeParse(Report, data);
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
