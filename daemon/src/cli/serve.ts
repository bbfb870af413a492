import { Command } from 'commander';
import { servePage } from '../app/serve.ts';
import { configOf, untilSignal } from './common.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description('only the page: reads the database, needs no privileges')
    .action((_options, command: Command) => servePage(configOf(command), untilSignal()));
}
