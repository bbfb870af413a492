import { Command } from 'commander';
import { configOf, outliveReader, terminal, untilSignal } from './common.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description('only the page: reads the database, needs no privileges')
    .option('--with-parent', 'end when standard input ends, as it does with the process that started this')
    .action(async ({ withParent }: { withParent?: boolean }, command: Command) => {
      const parentGone = new AbortController();
      if (withParent) process.stdin.on('end', () => parentGone.abort()).resume();
      outliveReader();
      const { servePage } = await import('../app/serve-page.ts');
      await servePage(configOf(command), terminal.warn, AbortSignal.any([untilSignal(), parentGone.signal]));
      process.stdin.destroy();
    });
}
