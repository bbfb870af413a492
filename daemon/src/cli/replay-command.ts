import { Command, Option } from 'commander';
import { loadConfig } from '../app/load-config.ts';
import type { Difference, Replayed } from '../app/replay-cycles.ts';
import type { Action, Plan } from '../model/decision.ts';
import { openForReading } from '../record/database.ts';
import { time } from '../show/format.ts';
import { render } from '../words/language.ts';
import { configOf, duration, inert, LANGUAGE, paint, printJson, table, wholeNumber } from './common.ts';

interface Options {
  readonly policy: string;
  readonly since: number;
  readonly database?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** The policies decide some cycle differently. */
const DIFFERS = 3;

export function replayCommand(): Command {
  return new Command('replay')
    .description('decide the recorded cycles anew by a changed configuration, beside the present one')
    .requiredOption('--policy <file>', 'the changed configuration, whole, as it would stand in /etc/vigia')
    .addOption(
      new Option('--since <time>', 'how far back: 90min, 12h, 7d (kept: retention.samplesDays)')
        .argParser(duration)
        .default(7 * 86_400, '7d'),
    )
    .option('--database <file>', "another record than the present configuration's, as of simulate --database")
    .option('--limit <n>', 'how many differing cycles are told, the oldest first', wholeNumber, 10)
    .option('--json', 'all of them, as JSON')
    .addHelpText(
      'after',
      `
Both configurations judge the same recorded snapshots. One step at a time: what was done then is done, so that each
cycle tells what would have been decided in it, not what would have become of the host afterwards. Where they set other
thresholds for memory pressure, only what the snapshots show is known of it, not each second between them.

Exit codes: 0 both decide the same everywhere, 3 they differ, 1 nothing is recorded or it cannot be read, 2 wrong usage.`,
    )
    .action(async ({ policy, since, database, limit, json }: Options, command: Command) => {
      const present = configOf(command);
      const changed = loadConfig(policy);
      const { replayCycles } = await import('../app/replay-cycles.ts');
      const { readSnapshots } = await import('../record/snapshots.ts');
      const db = openForReading(database ?? present.database);
      const newest = Number(db.prepare('SELECT max(at) AS at FROM snapshot').get()?.['at'] ?? 0);
      const from = newest - since;
      const replayed = replayCycles(readSnapshots(db, from, newest), present, changed, from * 1000);
      db.close();
      if (replayed.cycles === 0)
        throw new Error('no cycle of that time is recorded: ask for an earlier --since');
      const settings = settingsThatDiffer(present, changed);
      if (json) printJson({ settings, ...replayed });
      else console.log(describe(replayed, settings, limit));
      if (replayed.differences.length > 0) process.exitCode = DIFFERS;
    });
}

interface Setting {
  readonly name: string;
  readonly present: unknown;
  readonly changed: unknown;
}

function settingsThatDiffer(present: object, changed: object, prefix = ''): Setting[] {
  const other = new Map<string, unknown>(Object.entries(changed));
  return Object.entries(present).flatMap(([key, value]): Setting[] => {
    const [name, beside] = [`${prefix}${key}`, other.get(key)];
    if (isGroup(value) && isGroup(beside)) return settingsThatDiffer(value, beside, `${name}.`);
    return JSON.stringify(value) === JSON.stringify(beside)
      ? []
      : [{ name, present: value, changed: beside }];
  });
}

const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function describe(replayed: Replayed, settings: readonly Setting[], limit: number): string {
  const { cycles, acted, from, to, asRecorded, differences } = replayed;
  const shown = differences.slice(0, limit);
  const left = differences.length - shown.length;
  return [
    `${cycles} cycles, ${time(seconds(from))} to ${time(seconds(to))}; something to do in ${acted}`,
    `the present policy plans what was recorded in ${asRecorded} of them${asRecorded < cycles ? ': in the others another policy was in force' : ''}`,
    settings.length === 0
      ? 'the two configurations are the same'
      : settings
          .map(({ name, present, changed }) => `${name}: ${text(present)} → ${text(changed)}`)
          .join('\n'),
    '',
    ...shown.flatMap((difference) => [tell(difference), '']),
    ...(left > 0 ? [`… and ${left} more (--limit, --json)`, ''] : []),
    summary(replayed),
  ].join('\n');
}

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.floor(ms / 1000));
const text = (value: unknown): string => JSON.stringify(value) ?? 'not set';

function tell({ tick, at, present, changed, both, onlyPresent, onlyChanged }: Difference): string {
  const rows = Array.from({ length: Math.max(onlyPresent.length, onlyChanged.length) }, (_, i) => ({
    left: onlyPresent[i],
    right: onlyChanged[i],
  }));
  const same = both.length === 0 ? '' : `, ${both.length} the same in both`;
  return [
    paint(
      'bold',
      `cycle ${tick} at ${time(Math.floor(at / 1000))}: ${kindOf(present)} → ${kindOf(changed)}${same}`,
    ),
    table(rows, [
      { title: 'PRESENT', value: ({ left }) => deed(left) },
      { title: 'CHANGED', value: ({ right }) => deed(right) },
    ]),
  ].join('\n');
}

function kindOf(plan: Plan): string {
  return plan.kind === 'hold'
    ? `hold (${inert(render(plan.because, LANGUAGE))})`
    : `${plan.actions.length} actions`;
}

function deed(action: Action | undefined): string {
  if (action === undefined) return '–';
  const what = action.kind === 'start' ? action.image : action.name;
  return `${action.kind} ${what}: ${render(action.because, LANGUAGE)}`;
}

function summary({ differences, cycles }: Replayed): string {
  if (differences.length === 0) return paint('green', `both decide the same in all of ${cycles} cycles`);
  const count = (pick: (difference: Difference) => readonly Action[]) =>
    Object.entries(Object.groupBy(differences.flatMap(pick), ({ kind }) => kind))
      .map(([kind, actions]) => `${actions.length} × ${kind}`)
      .join(', ') || 'nothing';
  return paint(
    'yellow',
    `${differences.length} of ${cycles} cycles differ. Only by the present policy: ${count((d) => d.onlyPresent)}; only by the changed one: ${count((d) => d.onlyChanged)}`,
  );
}
