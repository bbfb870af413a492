import { Command } from 'commander';
import { openForReading } from '../record/database.ts';
import { type Row, readEvents } from '../record/queries.ts';
import { explainAction } from '../show/explain.ts';
import { shortId, time } from '../show/format.ts';
import { configOf, inert, printJson, table, wholeNumber } from './common.ts';

export function eventsCommand(): Command {
  return new Command('events')
    .description('what was removed and started, when, why, and what came of it')
    .option('--limit <n>', 'how many, the newest first', wholeNumber, 20)
    .option('--container <text>', 'part of a name, or the beginning of an ID', '')
    .option('--why', 'each in sentences: the figures, the rank, the runner-up, the outcome')
    .option('--json', 'the same as JSON')
    .action(
      (
        { limit, container, why, json }: { limit: number; container: string; why?: boolean; json?: boolean },
        command: Command,
      ) => {
        const db = openForReading(configOf(command).database);
        const events = readEvents(db, { limit, container, weighed: why === true });
        db.close();
        if (json) return printJson(events);
        console.log(why ? sentences(events) : eventTable(events));
      },
    );
}

function sentences(events: readonly Row[]): string {
  return events
    .map((event) => [String(event['name']), ...explainAction(event, String(event['container_id']))])
    .map((lines) => lines.map(inert).join('\n  '))
    .join('\n\n');
}

export function eventTable(events: readonly Row[]): string {
  if (events.length === 0) return 'Nothing yet.';
  return table(events, [
    { title: 'TIME', value: (row) => time(row['at']) },
    { title: 'CYCLE', right: true, value: (row) => String(row['tick']) },
    { title: 'ACTION', value: (row) => String(row['kind']) },
    {
      title: 'CONTAINER',
      value: (row) => `${String(row['name']).slice(0, 32)} ${shortId(row['container_id'])}`,
    },
    { title: 'WHY', value: (row) => String(row['because']) },
    { title: 'RESULT', value: (row) => `${row['result']}: ${row['detail']}` },
  ]);
}
