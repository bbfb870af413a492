import { Command } from 'commander';
import { outliveReader, runConfigOf, terminal, untilSignal, withHelp } from './common.ts';

export function serveCommand(): Command {
  const serve = new Command('serve')
    .description('serve only the web page; reads the database and needs no privileges')
    .option('--with-parent', 'end when standard input ends, as it does when the parent process ends')
    .action(async ({ withParent }: { withParent?: boolean }, command: Command) => {
      const parentGone = new AbortController();
      if (withParent) process.stdin.on('end', () => parentGone.abort()).resume();
      outliveReader();
      const { servePage } = await import('../app/serve-page.ts');
      await servePage(
        runConfigOf(command),
        terminal.warn,
        AbortSignal.any([untilSignal(), parentGone.signal]),
      );
      process.stdin.destroy();
    });
  return withHelp(serve, {
    examples: [['vigia serve', 'until Ctrl-C, at page.host and page.port of the configuration']],
    exitCodes: '0 ended by a signal, 1 failed, 2 wrong usage or configuration',
  });
}
