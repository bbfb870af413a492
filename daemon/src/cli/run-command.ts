import { Command } from 'commander';
import { configOf, outliveReader, terminal, untilSignal } from './common.ts';

export function runCommand(): Command {
  return new Command('run')
    .description('only the loop: sense, decide, act, record; listens on nothing')
    .action(async (_options, command: Command) => {
      const config = configOf(command);
      outliveReader();
      const { runLoop } = await import('../app/run-loop.ts');
      const { AlreadyRunning } = await import('../host/host.ts');
      const { holdLoopLock } = await import('../host/lock.ts');
      await using lock = await holdLoopLock();
      if (lock === null) throw new AlreadyRunning();
      await runLoop(config, terminal, untilSignal());
    });
}
