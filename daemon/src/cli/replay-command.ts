import { Command, Option } from 'commander';
import type { Difference, Replayed } from '../app/replay-cycles.ts';
import type { Action, Plan } from '../model/decision.ts';
import { openForReading } from '../record/database.ts';
import { time } from '../show/format.ts';
import { CATALOGUES, render } from '../words/language.ts';
import { TerminalError } from '../words/terminal-error.ts';
import {
  duration,
  inert,
  LANGUAGE,
  paint,
  printJson,
  runConfigOf,
  table,
  WORDS,
  wholeNumber,
  withHelp,
} from './common.ts';

interface Options {
  readonly policy: string;
  readonly since: number;
  readonly database?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** Exit code: the configurations decide some cycle differently. */
const DIFFERS = 3;

export function replayCommand(): Command {
  const replay = new Command('replay')
    .description('evaluate recorded cycles with another configuration and list the decisions that differ')
    .requiredOption('--policy <file>', 'the other configuration: a whole file, as in /etc/vigia')
    .addOption(
      new Option('--since <time>', 'how far back: 90min, 12h, 7d (retention.samplesDays limits it)')
        .argParser(duration)
        .default(7 * 86_400, '7d'),
    )
    .option('--database <file>', "read this database, as of simulate --database, not the configuration's")
    .option('--limit <n>', 'print this many differing cycles, the oldest first', wholeNumber, 10)
    .option('--json', 'print all of them as JSON')
    .action(async ({ policy, since, database, limit, json }: Options, command: Command) => {
      const present = runConfigOf(command);
      const changed = runConfigOf(command, policy);
      const { replayCycles } = await import('../app/replay-cycles.ts');
      const { readSnapshots } = await import('../record/snapshots.ts');
      const db = openForReading(database ?? present.database, { anyVersion: true });
      const newest = Number(db.prepare('SELECT max(at) AS at FROM snapshot').get()?.['at'] ?? 0);
      const from = newest - since;
      const replayed = replayCycles(readSnapshots(db, from, newest), present, changed, from * 1000);
      db.close();
      if (replayed.cycles === 0) throw new TerminalError(({ replay: say }) => say.noCycle);
      const settings = settingsThatDiffer(present, changed);
      if (json) printJson({ settings, ...replayed });
      else console.log(describe(replayed, settings, limit));
      if (replayed.differences.length > 0) process.exitCode = DIFFERS;
    });
  return withHelp(replay, {
    notes: `Both configurations decide the same recorded snapshots, one cycle at a time. The recorded actions stay as they
are: each cycle shows what would have been decided in it, not what would have become of the host afterwards. Where
the thresholds for memory pressure differ, only the readings in the snapshots count, not those of every second.`,
    examples: [
      ['vigia replay --policy new.yaml', 'the last seven days'],
      'vigia replay --policy new.yaml --since 12h --limit 3',
      ['vigia replay --policy new.yaml --database kept.db --json', 'a simulated record'],
    ],
    exitCodes:
      '0 both decide the same, 1 nothing is recorded or it cannot be read, 2 wrong usage or configuration, 3 they differ',
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
  const { replay: say } = WORDS;
  const { cycles, acted, from, to, asRecorded, differences } = replayed;
  const shown = differences.slice(0, limit);
  const left = differences.length - shown.length;
  return [
    say.cycles(cycles, time(seconds(from)), time(seconds(to)), acted),
    say.asRecorded(asRecorded, asRecorded === cycles),
    settings.length === 0
      ? say.sameConfiguration
      : settings
          .map(({ name, present, changed }) => `${name}: ${text(present)} → ${text(changed)}`)
          .join('\n'),
    '',
    ...shown.flatMap((difference) => [describeDifference(difference), '']),
    ...(left > 0 ? [say.more(left), ''] : []),
    summary(replayed),
  ].join('\n');
}

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.floor(ms / 1000));
const text = (value: unknown): string => JSON.stringify(value) ?? WORDS.replay.notSet;

function describeDifference(difference: Difference): string {
  const { columns, replay: say } = WORDS;
  const { tick, at, present, changed, both, onlyPresent, onlyChanged } = difference;
  const rows = Array.from({ length: Math.max(onlyPresent.length, onlyChanged.length) }, (_, i) => ({
    left: onlyPresent[i],
    right: onlyChanged[i],
  }));
  const heading = say.difference(tick, time(seconds(at)), kindOf(present), kindOf(changed), both.length);
  return [
    paint('bold', heading),
    table(rows, [
      { title: columns.present, wraps: true, value: ({ left }) => describeAction(left) },
      { title: columns.changed, wraps: true, value: ({ right }) => describeAction(right) },
    ]),
  ].join('\n');
}

function kindOf(plan: Plan): string {
  const { replay: say } = WORDS;
  return plan.kind === 'hold'
    ? say.hold(inert(render(plan.because, LANGUAGE)))
    : say.actions(plan.actions.length);
}

const verbOf = (kind: string): string => CATALOGUES[LANGUAGE].verbs[kind] ?? kind;

function describeAction(action: Action | undefined): string {
  if (action === undefined) return '–';
  const what = action.kind === 'start' ? action.image : action.name;
  return `${verbOf(action.kind)} ${what}: ${render(action.because, LANGUAGE)}`;
}

function summary({ differences, cycles }: Replayed): string {
  const { replay: say } = WORDS;
  if (differences.length === 0) return paint('green', say.allSame(cycles));
  const count = (pick: (difference: Difference) => readonly Action[]) =>
    Object.entries(Object.groupBy(differences.flatMap(pick), ({ kind }) => kind))
      .map(([kind, actions]) => `${actions.length} × ${verbOf(kind)}`)
      .join(', ') || say.nothing;
  const onlyPresent = count((difference) => difference.onlyPresent);
  const onlyChanged = count((difference) => difference.onlyChanged);
  return paint('yellow', say.summary(differences.length, cycles, onlyPresent, onlyChanged));
}
