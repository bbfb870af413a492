import { Command } from 'commander';
import { openForReading } from '../record/database.ts';
import { findContainers, readStory } from '../record/queries.ts';
import { explain } from '../show/explain.ts';
import { configOf, inert, LANGUAGE, printJson } from './common.ts';

const FEW = 5;

export function explainCommand(): Command {
  return new Command('explain')
    .description('what was decided about one container, and why, in sentences')
    .argument('<container>', 'part of a name, or the beginning of an ID')
    .option('--json', 'the records behind it, as JSON')
    .action((text: string, { json }: { json?: boolean }, command: Command) => {
      const db = openForReading(configOf(command).database);
      const found = findContainers(db, text, FEW);
      const [first, ...others] = found;
      if (first === undefined)
        throw new Error(`no container is known by ${text} (vigia status, vigia events)`);
      const story = readStory(db, String(first['id']));
      db.close();
      if (story === null) throw new Error(`${first['name']} is no longer in the record`);
      if (json) return printJson(story);
      for (const sentence of explain(story, LANGUAGE)) console.log(inert(sentence));
      if (others.length > 0) console.log(inert(`(also: ${others.map(({ name }) => name).join(', ')})`));
    });
}
