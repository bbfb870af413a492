import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { SCENARIOS } from '../layout/paths.ts';
import { INVARIANTS, type Invariant } from '../simulate/checks/invariants.ts';
import type { Scenario } from '../simulate/scenario.ts';
import { render } from '../words/language.ts';
import { reasonOf } from '../words/reasoned-error.ts';
import { TerminalError } from '../words/terminal-error.ts';

const least0 = v.pipe(v.number(), v.minValue(0));
const above0 = v.pipe(v.number(), v.minValue(1e-9));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const range = v.pipe(
  v.tuple([least0, least0]),
  v.check(([from, to]) => from <= to, 'a range is [from, to]'),
);
const optional = v.exactOptional;
const Binge = v.strictObject({
  everySeconds: range,
  kbPerSecond: above0,
  leavesKb: least0,
  staysSeconds: range,
});
const Rise = v.strictObject({ toKb: least0, seconds: above0 });
const Kind = v.strictObject({
  image: v.string(),
  cpuPercent: range,
  rssKb: range,
  shmemKb: optional(range),
  startUp: optional(
    v.pipe(
      v.strictObject({ cpuPercent: least0, seconds: optional(above0), coreSeconds: optional(above0) }),
      v.check((it) => it.seconds !== undefined || it.coreSeconds !== undefined, 'it has no end'),
    ),
  ),
  fills: optional(Rise),
  caches: optional(Rise),
  rhythm: optional(
    v.strictObject({
      periodSeconds: above0,
      busySeconds: above0,
      restCpuPercent: least0,
      busyKb: optional(least0),
      busyProcesses: optional(count),
    }),
  ),
  rssKbPerSecond: optional(least0),
  growsAfterSeconds: optional(range),
  binges: optional(Binge),
  thrashesAboveKb: optional(least0),
  stopSeconds: optional(range),
  stopTimeoutSeconds: optional(least0),
  livesSeconds: optional(range),
  endsAfterCoreSeconds: optional(above0),
  comesBack: optional(v.literal(true)),
  failsForSeconds: optional(range),
  sickensSeconds: optional(range),
  processes: optional(range),
  processesPerSecond: optional(least0),
  forksAfterSeconds: optional(range),
  burst: optional(v.strictObject({ afterSeconds: range, processes: count, seconds: above0 })),
  readsKbPerSecond: optional(range),
  writesKbPerSecond: optional(range),
  stallsAboveKbPerSecond: optional(least0),
  stallPercent: optional(v.pipe(least0, v.maxValue(100))),
});
const Nature = v.picklist(['disposable', 'service', 'foreign', 'protected']);
const Labels = v.record(v.string(), v.string());
const QuotaChange = v.strictObject({
  keep: optional(count),
  trim: optional(v.boolean()),
  images: optional(v.array(v.string())),
});
const Schema = v.strictObject({
  about: v.string(),
  config: optional(
    v.strictObject({
      demo: optional(v.boolean()),
      quotas: optional(v.strictObject({ low: optional(QuotaChange), high: optional(QuotaChange) })),
    }),
  ),
  reaches: optional(v.array(v.picklist(Object.keys(INVARIANTS) as Invariant[]))),
  host: v.strictObject({
    cpus: v.number(),
    totalKb: v.number(),
    systemKb: v.number(),
    systemCpuPercent: optional(least0),
    holders: optional(
      v.array(
        v.strictObject({
          kind: v.picklist(['cgroup', 'process', 'tmpfs']),
          name: v.string(),
          holdsKb: least0,
          binges: optional(Binge),
        }),
      ),
    ),
  }),
  kinds: v.record(v.string(), Kind),
  residents: v.array(
    v.strictObject({
      kind: v.string(),
      count: v.number(),
      nature: optional(Nature),
      labels: optional(Labels),
      name: optional(v.string()),
    }),
  ),
  arrivals: v.array(
    v.strictObject({
      everySeconds: v.pipe(v.number(), v.minValue(1)),
      count: v.number(),
      kinds: v.record(v.string(), least0),
      nature: optional(Nature),
      labels: optional(Labels),
    }),
  ),
  owners: optional(
    v.array(
      v.strictObject({
        kinds: v.array(v.string()),
        everySeconds: v.pipe(v.number(), v.minValue(1)),
        does: v.strictObject({
          stop: optional(least0),
          restart: optional(least0),
          redeploy: optional(least0),
          scale: optional(least0),
          start: optional(least0),
        }),
        awaySeconds: optional(range),
      }),
    ),
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
