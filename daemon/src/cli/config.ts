import { Command } from 'commander';
import { configOf, printJson } from './common.ts';

export function configCommand(): Command {
  const config = new Command('config').description('the configuration');
  config
    .command('show')
    .description('the effective one, defaults included, in the form of the file')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const effective = configOf(command);
      const { stringify } = await import('yaml');
      if (json) printJson(effective);
      else process.stdout.write(stringify(effective));
    });
  return config;
}
