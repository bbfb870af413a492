import * as v from 'valibot';
import { inert } from '../inert.ts';

const number = v.number();
/** Shares of the times that passed within so many milliseconds; null where it never happened. */
const Percentiles = v.nullable(v.record(v.string(), v.nullable(number)));

/** What `vigia simulate --json` prints. What is not known here may come along. */
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

/** null when the text is no report; the names in it are inert. */
export function readReport(json: string): Report | null {
  try {
    const data: unknown = JSON.parse(json, (_, value) => (typeof value === 'string' ? inert(value) : value));
    const parsed = v.safeParse(Report, data);
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
