import { Command } from 'commander';
import { openForReading } from '../record/database.ts';
import { readEngineEvents } from '../record/engine-events.ts';
import { type Because, findContainers, readStory } from '../record/queries.ts';
import { explain, explainTold } from '../show/explain.ts';
import { shortId } from '../show/format.ts';
import { TerminalError } from '../words/terminal-error.ts';
import { inert, LANGUAGE, printJson, runConfigOf, WORDS, withHelp } from './common.ts';

/** Of the containers that match, the first is explained and the others are named. */
const MOST_MATCHES = 5;

const MOST_EVENTS = 100;

export function explainCommand(): Command {
  const command = new Command('explain')
    .description(
      'explain in sentences what Vigía may do to one container, what was decided about it, and why',
    )
    .argument('<container>', 'part of a name, the beginning of an ID, or a Compose address: project/service')
    .option('--json', 'print the records behind it as JSON')
    .action((text: string, { json }: { json?: boolean }, command: Command) => {
      const config = runConfigOf(command);
      const db = openForReading(config.database);
      const told = (container: string) => readEngineEvents(db, { limit: MOST_EVENTS, container });
      const [first, ...others] = findContainers(db, text, MOST_MATCHES);
      if (first === undefined && tellOf(told(text), json === true)) return db.close();
      if (first === undefined) throw new TerminalError(({ explain: say }) => say.noMatch(text));
      const story = readStory(db, String(first['id']));
      const toldOfIt = told(String(first['id']));
      db.close();
      if (story === null)
        throw new TerminalError(({ explain: say }) => say.noLongerRecorded(String(first['name'])));
      if (json) return printJson({ ...story, told: toldOfIt });
      for (const sentence of explain(story, config.soft, LANGUAGE, toldOfIt)) console.log(inert(sentence));
      const names = others.map(({ name }) => name).join(', ');
      if (names !== '') console.log(inert(WORDS.explain.alsoMatching(names)));
    });
  return withHelp(command, {
    examples: [
      ['vigia explain cpu-7', 'the newest container whose name holds cpu-7'],
      ['vigia explain shop/db', 'the newest replica of a Compose service'],
      ['vigia explain 3f2a9c', 'the container whose ID begins with 3f2a9c'],
    ],
    exitCodes:
      '0 done, 1 no container matches or the database cannot be read, 2 wrong usage or configuration',
  });
}

/** A container that only the engine told of; false where it did not either. */
function tellOf(told: readonly Because[], asJson: boolean): boolean {
  const [newest] = told;
  if (newest === undefined) return false;
  const own = told.filter((row) => row['container_id'] === newest['container_id']);
  if (asJson) printJson({ container: null, told: own });
  else {
    const [name, image] = [String(newest['name']), String(newest['image'])];
    const introduction = WORDS.explain.onlyTold(name, shortId(newest['container_id']), image);
    for (const line of [introduction, ...explainTold(own, LANGUAGE)]) console.log(inert(line));
  }
  return true;
}
