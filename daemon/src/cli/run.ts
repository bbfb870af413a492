import { Command } from 'commander';
import { run } from '../app/run.ts';
import { AlreadyRunning } from '../host/host.ts';
import { holdLoopLock } from '../host/lock.ts';
import { configOf, terminal, untilSignal } from './common.ts';

export function runCommand(): Command {
  return new Command('run')
    .description('only the loop: sense, decide, act, record; listens on nothing')
    .action(async (_options, command: Command) => {
      const config = configOf(command);
      await using lock = await holdLoopLock();
      if (lock === null) throw new AlreadyRunning();
      await run(config, terminal, untilSignal());
    });
}
