import { Command, Option } from 'commander';
import { openForReading } from '../record/database.ts';
import { readEngineEvents } from '../record/engine-events.ts';
import { type ActionRow, type Because, type EventFilter, readEvents } from '../record/queries.ts';
import { readScriptRuns } from '../record/script-runs.ts';
import { ACTION_KINDS } from '../show/action-kinds.ts';
import { explainAction } from '../show/explain.ts';
import { shortId, time } from '../show/format.ts';
import { CATALOGUES, render } from '../words/language.ts';
import {
  configOf,
  duration,
  FORMATS,
  inert,
  LANGUAGE,
  printJson,
  table,
  WORDS,
  wholeNumber,
  withHelp,
} from './common.ts';
import { followEvents } from './follow-events.ts';

/** Everyday verbs in both languages. */
const LONGEST_VERB = 9;

interface Options {
  readonly limit: number;
  readonly container: string;
  readonly kind?: string;
  readonly since?: number;
  readonly follow?: boolean;
  readonly why?: boolean;
  readonly scripts?: boolean;
  readonly engine?: boolean;
  readonly json?: boolean;
}

export function eventsCommand(): Command {
  const events = new Command('events')
    .description('list the actions on containers: when, what, why, and the outcome')
    .option('--limit <n>', 'list this many, the newest first', wholeNumber, 20)
    .option(
      '--container <text>',
      'only containers whose name holds this, whose ID begins with it, or of project/service',
      '',
    )
    .addOption(new Option('--kind <kind>', 'only actions of this kind').choices(ACTION_KINDS))
    .option('--since <time>', 'only actions of the last 30s, 90min, 12h or 7d', duration)
    .option('--follow', 'list them from the oldest to the newest, then each new one, until Ctrl-C')
    .option('--why', 'explain each action in sentences: figures, rank, next candidate, outcome')
    .option(
      '--engine',
      'list what the engine told instead: starts, stops, ends and their causes, OOM, health',
    )
    .option('--scripts', 'list the scripts that ran on events, and their outcomes, instead')
    .option('--json', 'print them as JSON')
    .action(async (options: Options, command: Command) => {
      const { database } = configOf(command);
      if (options.follow) return followEvents(database, filterOf(options), printerOf(options));
      const db = openForReading(database);
      if (options.scripts) {
        const runs = readScriptRuns(db, options.limit);
        db.close();
        return options.json ? printJson(runs) : console.log(scriptTable(runs));
      }
      if (options.engine) {
        const told = readEngineEvents(db, filterOf(options));
        db.close();
        return options.json ? printJson(told) : console.log(toldTable(told));
      }
      const actions = readEvents(db, filterOf(options));
      db.close();
      if (options.json) return printJson(actions);
      console.log(options.why ? sentences(actions) : eventTable(actions));
    });
  return withHelp(events, {
    examples: [
      ['vigia events --limit 5', 'the newest five actions'],
      ['vigia events --container cpu --why', 'explain those on containers named …cpu…'],
      ['vigia events --kind kill', 'containers whose processes were killed because memory ran out'],
      ['vigia events --since 12h --follow', 'those of the last 12 hours, and each new one'],
      ['vigia events --engine --container web', 'why the containers named …web… ended'],
      ['vigia events --scripts', 'outcomes of scripts'],
    ],
  });
}

function filterOf({ limit, container, kind = '', since, why = false }: Options): EventFilter {
  const sinceSeconds = since === undefined ? 0 : Date.now() / 1000 - since;
  return { limit, container, kind, sinceSeconds, withCandidates: why };
}

/** How an action is printed as it comes: a line, sentences, or a line of JSON. */
function printerOf({ why, json }: Options): (action: ActionRow) => void {
  return (action) =>
    console.log(json ? JSON.stringify(action) : why ? sentences([action]) : inert(eventLine(action)));
}

function sentences(events: readonly ActionRow[]): string {
  if (events.length === 0) return WORDS.events.none;
  return events
    .map((event) => [String(event['name']), ...explainAction(event, String(event['container_id']), LANGUAGE)])
    .map((lines) => lines.map(inert).join('\n  '))
    .join('\n\n');
}

function toldTable(told: readonly Because[]): string {
  const { columns, events: say } = WORDS;
  if (told.length === 0) return say.nothingTold;
  return table(told, [
    { title: columns.time, value: (row) => time(row['at']) },
    { title: columns.event, value: (row) => String(row['kind']) },
    {
      title: columns.container,
      value: (row) => `${String(row['name']).slice(0, 32)} ${shortId(row['container_id'])}`,
    },
    { title: columns.why, value: (row) => render(row.because, LANGUAGE) },
  ]);
}

type ScriptRow = ReturnType<typeof readScriptRuns>[number];

function scriptTable(runs: readonly ScriptRow[]): string {
  const { columns, events: say } = WORDS;
  if (runs.length === 0) return say.noScript;
  return table(runs, [
    { title: columns.time, value: (row) => time(row['at']) },
    { title: columns.cycle, right: true, value: (row) => String(row['tick']) },
    { title: columns.event, value: (row) => String(row['event']) },
    { title: columns.script, value: (row) => String(row['script']) },
    { title: columns.result, value: resultOf },
    { title: 'MS', right: true, value: (row) => FORMATS.number(row['took_ms'], 0) },
    {
      title: columns.output,
      wraps: true,
      value: ({ refusal, ...row }) =>
        refusal === null ? String(row['output']).trim() : render(refusal, LANGUAGE),
    },
  ]);
}

function resultOf(row: ScriptRow): string {
  const { events: say } = WORDS;
  const results: Readonly<Record<string, string>> = say.results;
  const result = results[String(row['result'])] ?? String(row['result']);
  const exit = row['exit_code'] ?? null;
  return row['result'] === 'failed' ? say.failed(result, exit === null ? null : String(exit)) : result;
}

/** The table of actions, also for `vigia status`. */
export function eventTable(events: readonly ActionRow[]): string {
  const { columns, events: say } = WORDS;
  const { verbs, results } = CATALOGUES[LANGUAGE];
  if (events.length === 0) return say.none;
  return table(events, [
    { title: columns.time, value: (row) => time(row['at']) },
    { title: columns.cycle, right: true, spare: 1, value: (row) => String(row['tick']) },
    { title: columns.action, value: (row) => verbs[String(row['kind'])] ?? String(row['kind']) },
    {
      title: columns.container,
      wraps: true,
      value: (row) => `${row['name']} ${shortId(row['container_id'])}`,
    },
    { title: columns.why, wraps: true, value: (row) => render(row.because, LANGUAGE) },
    {
      title: columns.result,
      wraps: true,
      value: (row) => `${results[String(row['result'])] ?? row['result']}: ${render(row.detail, LANGUAGE)}`,
    },
  ]);
}

/** One action in one line, for a list that grows. */
function eventLine(row: ActionRow): string {
  const { verbs, results } = CATALOGUES[LANGUAGE];
  const verb = verbs[String(row['kind'])] ?? String(row['kind']);
  const result = `${results[String(row['result'])] ?? row['result']}: ${render(row.detail, LANGUAGE)}`;
  const what = [`${row['name']} ${shortId(row['container_id'])}`, render(row.because, LANGUAGE), result];
  return [time(row['at']), verb.padEnd(LONGEST_VERB), ...what].join('  ');
}
