import { Command } from 'commander';
import { openForReading } from '../record/database.ts';
import { type ActionRow, readEvents } from '../record/queries.ts';
import { readScriptRuns } from '../record/script-runs.ts';
import { explainAction } from '../show/explain.ts';
import { shortId, time } from '../show/format.ts';
import { render } from '../words/language.ts';
import { configOf, inert, LANGUAGE, printJson, table, wholeNumber } from './common.ts';

interface Options {
  readonly limit: number;
  readonly container: string;
  readonly why?: boolean;
  readonly scripts?: boolean;
  readonly json?: boolean;
}

export function eventsCommand(): Command {
  return new Command('events')
    .description('what was removed and started, when, why, and what came of it')
    .option('--limit <n>', 'how many, the newest first', wholeNumber, 20)
    .option('--container <text>', 'part of a name, or the beginning of an ID', '')
    .option('--why', 'each in sentences: the figures, the rank, the runner-up, the outcome')
    .option('--scripts', 'instead, what came of the scripts that were run on them')
    .option('--json', 'the same as JSON')
    .action(({ limit, container, why, scripts, json }: Options, command: Command) => {
      const db = openForReading(configOf(command).database);
      if (scripts) {
        const runs = readScriptRuns(db, limit);
        db.close();
        return json ? printJson(runs) : console.log(scriptTable(runs));
      }
      const events = readEvents(db, { limit, container, withCandidates: why === true });
      db.close();
      if (json) return printJson(events);
      console.log(why ? sentences(events) : eventTable(events));
    });
}

function sentences(events: readonly ActionRow[]): string {
  return events
    .map((event) => [String(event['name']), ...explainAction(event, String(event['container_id']), LANGUAGE)])
    .map((lines) => lines.map(inert).join('\n  '))
    .join('\n\n');
}

function scriptTable(runs: ReturnType<typeof readScriptRuns>): string {
  if (runs.length === 0) return 'No script was run (vigia config show: scripts.directory).';
  return table(runs, [
    { title: 'TIME', value: (row) => time(row['at']) },
    { title: 'CYCLE', right: true, value: (row) => String(row['tick']) },
    { title: 'EVENT', value: (row) => String(row['event']) },
    { title: 'SCRIPT', value: (row) => String(row['script']) },
    {
      title: 'RESULT',
      value: (row) =>
        `${row['result']}${row['result'] === 'failed' ? ` (${row['exit_code'] ?? 'signal'})` : ''}`,
    },
    { title: 'MS', right: true, value: (row) => Number(row['took_ms']).toFixed(0) },
    {
      title: 'OUTPUT',
      value: ({ refusal, ...row }) =>
        refusal === null ? String(row['output']).trim() : render(refusal, LANGUAGE),
    },
  ]);
}

export function eventTable(events: readonly ActionRow[]): string {
  if (events.length === 0) return 'Nothing yet.';
  return table(events, [
    { title: 'TIME', value: (row) => time(row['at']) },
    { title: 'CYCLE', right: true, value: (row) => String(row['tick']) },
    { title: 'ACTION', value: (row) => String(row['kind']) },
    {
      title: 'CONTAINER',
      value: (row) => `${String(row['name']).slice(0, 32)} ${shortId(row['container_id'])}`,
    },
    { title: 'WHY', value: (row) => render(row.because, LANGUAGE) },
    { title: 'RESULT', value: (row) => `${row['result']}: ${render(row.detail, LANGUAGE)}` },
  ]);
}
