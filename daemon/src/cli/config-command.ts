import { Command } from 'commander';
import { settingsOf, variableOf } from '../app/config-environment.ts';
import { inFileForm } from '../app/config-in-file-form.ts';
import { configOf, printJson, withHelp } from './common.ts';

export function configCommand(): Command {
  const config = new Command('config').description('print the configuration');
  withHelp(config, { examples: ['vigia config show'] });
  const show = config
    .command('show')
    .description('print the effective configuration, defaults included, as YAML')
    .option('--json', 'print it as JSON')
    .option('--environment', 'print it as environment variables, which override the file')
    .action(async ({ json, environment }: { json?: boolean; environment?: boolean }, command: Command) => {
      const effective = inFileForm(configOf(command));
      const { stringify } = await import('yaml');
      if (json) printJson(effective);
      else if (environment) {
        for (const { path, value } of settingsOf(effective)) {
          const text = typeof value === 'string' ? value : JSON.stringify(value);
          console.log(`${variableOf(path)}=${text}`);
        }
      } else process.stdout.write(stringify(effective));
    });
  withHelp(show, {
    examples: [
      ['vigia config show', 'the configuration of this host'],
      ['vigia --config new.yaml config show', 'check a file and print it with the defaults'],
      'vigia config show --environment',
    ],
  });
  return config;
}
