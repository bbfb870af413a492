import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { LAB, TESTS } from '../layout/paths.ts';
import { TerminalError } from '../words/terminal-error.ts';

/**
 * The commands that the launcher (./vigia) runs itself. They are declared here so that help and completion list them,
 * where their files exist (`isHere`); elsewhere they end with an error that says where they are.
 */
export function launcherCommands(): { command: Command; isHere: boolean }[] {
  return [
    { name: 'lab', what: 'run the whole system in a throw-away virtual machine', file: LAB },
    { name: 'test', what: 'run the tests (--only TIER)', file: TESTS },
  ].map(({ name, what, file }) => {
    const isHere = existsSync(file);
    const command = new Command(name)
      .description(what)
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw new TerminalError(({ launcher: say }) => (isHere ? say.useLauncher(name) : say.notHere(name)));
      });
    return { command, isHere };
  });
}
