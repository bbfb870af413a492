import { hostname } from 'node:os';
import { Command } from 'commander';
import { realClock } from '../app/real-clock.ts';
import type { Position } from '../app/run-notifier.ts';
import type { Config } from '../model/config.ts';
import { readOutbox } from '../record/outbox.ts';
import { time } from '../show/format.ts';
import { notifyWords } from '../words/notify-words.ts';
import {
  configOf,
  errorText,
  inert,
  LANGUAGE,
  outliveReader,
  paint,
  printJson,
  table,
  terminal,
  untilSignal,
  withHelp,
} from './common.ts';

export function notifyCommand(): Command {
  const notify = new Command('notify')
    .description('send people what Vigía decided, on the channels of the configuration')
    .addCommand(runCommand())
    .addCommand(testCommand())
    .addCommand(statusCommand());
  return withHelp(notify, {
    notes: 'The package has a service for it: sudo systemctl enable --now vigia-notify',
    examples: ['vigia notify test', 'vigia notify status'],
  });
}

function runCommand(): Command {
  const run = new Command('run')
    .description('send notifications until a signal; only reads the database')
    .action(async (_options, command: Command) => {
      const config = withChannels(configOf(command));
      outliveReader();
      const [{ runNotifier }, { send }] = await Promise.all([
        import('../app/run-notifier.ts'),
        import('../notify/channels/send.ts'),
      ]);
      const now = () => Math.floor(realClock.now() / 1000);
      const ports = { now, sleep: realClock.sleep, random: Math.random, send, warn: terminal.warn };
      await runNotifier(config, ports, untilSignal());
    });
  return withHelp(run, { examples: [['vigia notify run', 'until Ctrl-C']] });
}

function testCommand(): Command {
  const test = new Command('test')
    .description('send a test message to every channel')
    .option('--channel <name>', 'only to this one')
    .action(async ({ channel: only }: { channel?: string }, command: Command) => {
      const { channels, language } = withChannels(configOf(command)).notify;
      const chosen = channels.filter(({ name }) => only === undefined || name === only);
      if (chosen.length === 0) throw new Error(`notify.channels has no channel ${only}`);
      const { send } = await import('../notify/channels/send.ts');
      const at = Math.floor(Date.now() / 1000);
      const body = notifyWords(language).test;
      for (const channel of chosen) {
        const message = { title: `Vigía ${hostname()}`, body, severity: 'info', at, events: [] } as const;
        try {
          await send(channel, message, `vigia-${hostname()}-test-${at}`);
          console.log(`${channel.name}: ok`);
        } catch (error) {
          console.error(inert(`${channel.name}: ${errorText(error)}`));
          process.exitCode = 1;
        }
      }
    });
  return withHelp(test, { examples: ['vigia notify test', 'vigia notify test --channel phone'] });
}

function statusCommand(): Command {
  const status = new Command('status')
    .description('show what was sent in the last week, what waits, and which channels fail')
    .option('--json', 'print it as JSON')
    .action(({ json }: { json?: boolean }, command: Command) => {
      const config = withChannels(configOf(command));
      const state = readOutbox(config.notify.state);
      if (json) return printJson(state && { ...state, channels: Object.fromEntries(state.channels) });
      const say = notifyWords(LANGUAGE);
      if (state === null || state.position === null) return console.log(say.neverRun);
      const { tick, at } = JSON.parse(state.position) as Position;
      const line = say.status(state.isRunning, tick, time(at));
      console.log(state.isRunning ? line : paint('yellow', line));
      const rows = config.notify.channels.map(({ name }) => ({ name, row: state.channels.get(name) ?? {} }));
      const { columns } = say;
      console.log(
        table(rows, [
          { title: columns.channel, value: ({ name }) => name },
          { title: columns.waiting, value: ({ row }) => String(row['waiting'] ?? 0) },
          { title: columns.sent, value: ({ row }) => String(row['sent'] ?? 0) },
          { title: columns.givenUp, value: ({ row }) => String(row['given_up'] ?? 0) },
          { title: columns.lastSent, value: ({ row }) => time(row['sent_at'] as number | null) },
          { title: columns.nextTry, value: ({ row }) => time(row['next_at'] as number | null) },
          { title: columns.lastError, wraps: true, value: ({ row }) => inert(String(row['error'] ?? '–')) },
        ]),
      );
    });
  return withHelp(status, { examples: ['sudo vigia notify status', 'sudo vigia notify status --json'] });
}

function withChannels(config: Config): Config {
  if (config.notify.channels.length === 0) throw new Error(notifyWords(LANGUAGE).noChannel);
  return config;
}
