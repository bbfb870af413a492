import { hostname } from 'node:os';
import { Command } from 'commander';
import { notifyWords } from '../words/notify-words.ts';
import { configOf, errorText, outliveReader, terminal, untilSignal, withHelp } from './common.ts';

export function notifyCommand(): Command {
  const notify = new Command('notify').description(
    'tell people what Vigía decided, on the channels of the configuration',
  );
  withHelp(notify, { examples: ['vigia notify test', 'vigia notify run'] });
  const run = notify
    .command('run')
    .description('send notifications until a signal; only reads the database')
    .action(async (_options, command: Command) => {
      const config = configOf(command);
      if (config.notify.channels.length === 0) throw new Error('no channel in notify.channels');
      outliveReader();
      const { runNotifier } = await import('../app/run-notifier.ts');
      await runNotifier(config, terminal.warn, untilSignal());
    });
  withHelp(run, { examples: [['vigia notify run', 'until Ctrl-C']] });
  const test = notify
    .command('test')
    .description('send a test message to every channel')
    .option('--channel <name>', 'only to this one')
    .action(async ({ channel: only }: { channel?: string }, command: Command) => {
      const { channels, language } = configOf(command).notify;
      const chosen = channels.filter(({ name }) => only === undefined || name === only);
      if (chosen.length === 0) throw new Error(`no channel ${only ?? ''} in notify.channels`);
      const { send } = await import('../notify/channels/send.ts');
      const at = Math.floor(Date.now() / 1000);
      const body = notifyWords(language).test;
      for (const channel of chosen) {
        const message = { title: `Vigía ${hostname()}`, body, severity: 'info', at, events: [] } as const;
        try {
          await send(channel, message, `vigia-${hostname()}-test-${at}`);
          console.log(`${channel.name}: ok`);
        } catch (error) {
          console.error(`${channel.name}: ${errorText(error)}`);
          process.exitCode = 1;
        }
      }
    });
  withHelp(test, { examples: ['vigia notify test', 'vigia notify test --channel phone'] });
  return notify;
}
