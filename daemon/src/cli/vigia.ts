import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../app/load-config.ts';
import { PACKAGE_JSON } from '../layout/paths.ts';
import { errorMessage } from '../model/error-message.ts';
import { classifyCommand } from './classify-command.ts';
import { endWithReader, inertLines } from './common.ts';
import { completionCommand } from './completion-command.ts';
import { configCommand } from './config-command.ts';
import { dbCommand } from './db-command.ts';
import { eventsCommand } from './events-command.ts';
import { explainCommand } from './explain-command.ts';
import { launcherCommands } from './launcher.ts';
import { cronCommand, grafanaCommand, modulesCommand } from './part-commands.ts';
import { replayCommand } from './replay-command.ts';
import { runCommand } from './run-command.ts';
import { serveCommand } from './serve-command.ts';
import { simulateCommand } from './simulate-command.ts';
import { statusCommand } from './status-command.ts';
import { topCommand } from './top-command.ts';
import { upCommand } from './up-command.ts';

/**
 * The table of commands. Each loads what it works with only when it runs: `status` need not wait for the daemon's parts.
 * Exit codes: 0 done, 1 failed, 2 wrong usage or configuration; `replay` has one more, in its help.
 */
const program = new Command('vigia')
  .description(
    'The lookout for container hosts: senses from the kernel, keeps 3 low and 2 high containers, explains why.',
  )
  .option('-c, --config <file>', 'configuration (default: /etc/vigia/config.yaml where it exists)')
  .showHelpAfterError('(vigia --help shows all commands)')
  .version(JSON.parse(readFileSync(PACKAGE_JSON, 'utf8')).version, '--version', 'the version')
  .addHelpText(
    'after',
    `
Examples:
  vigia up                 everything on this host, until Ctrl-C
  vigia status             one look
  vigia top                the same, live
  vigia events --limit 5   the newest decisions, with reasons
  vigia explain cpu-7      why one container was removed, or stayed
  vigia simulate --days 30 --seed 7 --faults
  vigia replay --policy new.yaml --since 7d
  cat capture.json | vigia classify -`,
  );

for (const command of [
  upCommand,
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

/** Wrong usage, however deep, is thrown: commander would end with 1. */
function throwErrors(command: Command): void {
  command.exitOverride();
  for (const sub of command.commands) throwErrors(sub);
}

async function report(error: unknown): Promise<number> {
  // Commander has already said what is wrong with the usage.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { isDamage } = await import('../record/database.ts');
  const remedy = isDamage(error)
    ? '. vigia db check reads all of it; the daemon sets it aside at its next start.'
    : '';
  console.error(`vigia: ${inertLines(errorMessage(error))}${remedy}`);
  return error instanceof ConfigError ? 2 : 1;
}
