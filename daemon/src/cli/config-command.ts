import { Command } from 'commander';
import { settingsOf, variableOf } from '../app/config-environment.ts';
import { configOf, printJson } from './common.ts';

export function configCommand(): Command {
  const config = new Command('config').description('the configuration');
  config
    .command('show')
    .description('the effective one, defaults included, in the form of the file')
    .option('--json', 'as JSON')
    .option('--environment', 'as variables of the environment, which win over the file')
    .action(async ({ json, environment }: { json?: boolean; environment?: boolean }, command: Command) => {
      const effective = configOf(command);
      const { stringify } = await import('yaml');
      if (json) printJson(effective);
      else if (environment) {
        for (const { path, value } of settingsOf(effective)) {
          const text = typeof value === 'string' ? value : JSON.stringify(value);
          console.log(`${variableOf(path)}=${text}`);
        }
      } else process.stdout.write(stringify(effective));
    });
  return config;
}
