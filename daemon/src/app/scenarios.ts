import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { SCENARIOS } from '../layout/paths.ts';
import type { Scenario } from '../simulate/scenario.ts';
import { render } from '../words/language.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { TerminalError } from '../words/terminal-error.ts';

const least0 = v.pipe(v.number(), v.minValue(0));
const range = v.pipe(
  v.tuple([least0, least0]),
  v.check(([from, to]) => from <= to, 'a range is [from, to]'),
);
const Kind = v.strictObject({
  image: v.string(),
  cpuPercent: range,
  rssKb: range,
  busySeconds: v.exactOptional(v.pipe(v.number(), v.minValue(1))),
  rssKbPerSecond: v.exactOptional(least0),
  thrashesAboveKb: v.exactOptional(least0),
  stopSeconds: v.exactOptional(range),
  livesSeconds: v.exactOptional(range),
  comesBack: v.exactOptional(v.literal(true)),
  processes: v.exactOptional(range),
  processesPerSecond: v.exactOptional(least0),
  writesKbPerSecond: v.exactOptional(range),
  stallsAboveKbPerSecond: v.exactOptional(least0),
});
const Schema = v.strictObject({
  about: v.string(),
  host: v.strictObject({ cpus: v.number(), totalKb: v.number(), systemKb: v.number() }),
  kinds: v.record(v.string(), Kind),
  residents: v.array(
    v.strictObject({
      kind: v.string(),
      count: v.number(),
      labels: v.record(v.string(), v.string()),
      name: v.exactOptional(v.string()),
      untouchable: v.exactOptional(v.picklist(['protected', 'foreign'])),
    }),
  ),
  arrivals: v.array(
    v.strictObject({
      everySeconds: v.pipe(v.number(), v.minValue(1)),
      count: v.number(),
      kinds: v.record(v.string(), least0),
      labels: v.exactOptional(v.record(v.string(), v.string())),
    }),
  ),
});

export function scenarioNames(): string[] {
  return readdirSync(SCENARIOS)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

/** Loads a scenario that comes with Vigía by its name, or any file by its path (a text with a slash). Throws. */
export function loadScenario(name: string): Scenario {
  const file = name.includes('/') ? name : join(SCENARIOS, `${name}.json`);
  let source: unknown;
  try {
    source = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const names = scenarioNames().join(', ');
    throw new TerminalError(({ simulate }, language) =>
      simulate.noScenario(name, names, render(reasonOf(error), language)),
    );
  }
  const parsed = v.safeParse(Schema, source);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`${file}: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
}
