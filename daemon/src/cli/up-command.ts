import { isSea } from 'node:sea';
import { Command } from 'commander';
import { configOf, outliveReader, terminal, untilSignal } from './common.ts';

export function upCommand(): Command {
  return new Command('up')
    .description(
      'load the modules, start Grafana, install the cron job, run loop and page; Ctrl-C undoes it in reverse',
    )
    .option('--without-page', 'the page runs by itself (vigia serve), as in the Debian package')
    .action(async ({ withoutPage }: { withoutPage?: boolean }, command: Command) => {
      const config = configOf(command);
      const { config: file } = command.optsWithGlobals<{ config?: string }>();
      const [program, ...args] = ownCommand();
      const page = [...args, ...(file ? ['--config', file] : []), 'serve', '--with-parent'];
      outliveReader();
      const { runEverything } = await import('../app/run-everything.ts');
      await runEverything(config, withoutPage ? null : [program, ...page], terminal, untilSignal());
    });
}

/** What runs Vigía itself: the packaged executable, or Node with our first file. */
function ownCommand(): [string, ...string[]] {
  if (isSea()) return [process.execPath];
  return [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
}
