import { Command, CommanderError } from 'commander';
import { ConfigError } from '../app/load-config.ts';
import { versionText } from '../host/version.ts';
import { classifyCommand } from './classify-command.ts';
import { endWithReader, errorText, inertLines, WORDS, withHelp } from './common.ts';
import { completionCommand } from './completion-command.ts';
import { configCommand } from './config-command.ts';
import { dbCommand } from './db-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { eventsCommand } from './events-command.ts';
import { explainCommand } from './explain-command.ts';
import { launcherCommands } from './launcher.ts';
import { notifyCommand } from './notify-command.ts';
import { cronCommand, grafanaCommand, modulesCommand } from './part-commands.ts';
import { pauseCommand, resumeCommand } from './pause-commands.ts';
import { manageCommand, protectCommand, releaseCommand } from './place-commands.ts';
import { planCommand } from './plan-command.ts';
import { reloadCommand } from './reload-command.ts';
import { replayCommand } from './replay-command.ts';
import { runCommand } from './run-command.ts';
import { serveCommand } from './serve-command.ts';
import { simulateCommand } from './simulate-command.ts';
import { statusCommand } from './status-command.ts';
import { topCommand } from './top-command.ts';
import { undoCommand } from './undo-command.ts';
import { upCommand } from './up-command.ts';

/** The table of commands. Each imports its parts only when it runs, so that `status` starts fast. */
const program = new Command('vigia')
  .description(
    'Keep a Docker host stable: remove surplus containers, start missing ones, record every decision with its reason.',
  )
  .option('-c, --config <file>', 'configuration (default: /etc/vigia/config.yaml if it exists)')
  .showHelpAfterError('(vigia --help shows all commands)')
  // Commander prints a fixed text, and Git is asked only when it is wanted.
  .option('--version', 'print the version and its commit')
  .on('option:version', () => {
    console.log(versionText());
    throw new CommanderError(0, 'vigia.version', '');
  });
withHelp(program, {
  examples: [
    ['vigia plan', 'what is on this host, and what Vigía would do'],
    ['vigia doctor', 'what this host can and cannot do'],
    ['vigia up', 'look on, record and serve the page, until Ctrl-C'],
    ['vigia up --demo', 'the same with the demo workload; acts'],
    ['vigia status', 'the newest cycle'],
    ['vigia top', 'the same, live'],
    ['vigia events --limit 5', 'the newest actions, with reasons'],
    ['vigia explain cpu-7', 'why a container was removed or kept'],
    'vigia simulate --days 30 --seed 7 --faults',
    'vigia replay --policy new.yaml --since 7d',
    'cat capture.json | vigia classify -',
  ],
});

for (const command of [
  upCommand,
  planCommand,
  doctorCommand,
  runCommand,
  serveCommand,
  statusCommand,
  topCommand,
  eventsCommand,
  explainCommand,
  classifyCommand,
  simulateCommand,
  replayCommand,
  dbCommand,
  protectCommand,
  manageCommand,
  releaseCommand,
  pauseCommand,
  resumeCommand,
  undoCommand,
  reloadCommand,
  notifyCommand,
  configCommand,
  modulesCommand,
  cronCommand,
  grafanaCommand,
  completionCommand,
]) {
  program.addCommand(command());
}
for (const { command, isHere } of launcherCommands()) program.addCommand(command, { hidden: !isHere });
throwErrors(program);

endWithReader();

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = await report(error);
}

/** Makes wrong usage throw at every level: commander itself would exit with 1. Its messages begin as all others do. */
function throwErrors(command: Command): void {
  command.exitOverride();
  command.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'vigia: ')) });
  for (const sub of command.commands) throwErrors(sub);
}

async function report(error: unknown): Promise<number> {
  // Commander has already printed the usage error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { isDamage } = await import('../record/database.ts');
  const remedy = isDamage(error) ? `. ${WORDS.database.remedy}` : '';
  console.error(`vigia: ${inertLines(errorText(error))}${remedy}`);
  return error instanceof ConfigError ? 2 : 1;
}
