import { Command } from 'commander';
import { outliveReader, terminal, untilSignal, withHelp } from './common.ts';

export function runCommand(): Command {
  const run = new Command('run')
    .description('run only the loop: sense, decide, act, record; opens no port')
    .action(async (_options, command: Command) => {
      const { config: file } = command.optsWithGlobals<{ config?: string }>();
      const { LiveConfig } = await import('../app/live-config.ts');
      const live = new LiveConfig(file, terminal);
      outliveReader();
      const { runLoop } = await import('../app/run-loop.ts');
      const { AlreadyRunning } = await import('../host/host.ts');
      const { holdLoopLock } = await import('../host/lock.ts');
      const { publishLoopState, withdrawLoopState } = await import('../host/loop-state.ts');
      await using lock = await holdLoopLock();
      if (lock === null) throw new AlreadyRunning();
      publishLoopState(live.current());
      try {
        await runLoop(
          live,
          terminal,
          untilSignal(() => live.reload()),
        );
      } finally {
        withdrawLoopState();
      }
    });
  return withHelp(run, {
    examples: [['sudo vigia run', 'until Ctrl-C'], 'sudo vigia --config /etc/vigia/config.yaml run'],
    exitCodes: '0 ended by a signal, 1 failed or another Vigía is running, 2 wrong usage or configuration',
  });
}
