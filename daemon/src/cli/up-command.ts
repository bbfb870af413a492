import { isSea } from 'node:sea';
import { Command } from 'commander';
import { configOf, outliveReader, terminal, untilSignal, withHelp } from './common.ts';

export function upCommand(): Command {
  const up = new Command('up')
    .description(
      'start everything: kernel modules, Grafana, cron job, loop and page; Ctrl-C undoes it in reverse order',
    )
    .option('--without-page', 'leave the page to "vigia serve", as the Debian package does')
    .action(async ({ withoutPage }: { withoutPage?: boolean }, command: Command) => {
      const config = configOf(command);
      const { config: file } = command.optsWithGlobals<{ config?: string }>();
      const [program, ...args] = ownCommand();
      const page = [...args, ...(file ? ['--config', file] : []), 'serve', '--with-parent'];
      outliveReader();
      const { runEverything } = await import('../app/run-everything.ts');
      await runEverything(config, withoutPage ? null : [program, ...page], terminal, untilSignal());
    });
  return withHelp(up, {
    examples: [['sudo vigia up', 'until Ctrl-C'], 'sudo vigia up --without-page'],
    exitCodes: '0 ended by a signal, 1 failed or another Vigía is running, 2 wrong usage or configuration',
  });
}

/** The command line that runs Vigía: the packaged executable, or Node with the first file. */
function ownCommand(): [string, ...string[]] {
  if (isSea()) return [process.execPath];
  return [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
}
