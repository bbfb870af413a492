import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { LAB, TESTS } from '../layout/paths.ts';

/**
 * What the launcher (./vigia) does itself, where its files are: here only so that help and completion name it there, and
 * nowhere else. Who asks for it all the same is told where it is to be had.
 */
export function launcherCommands(): { command: Command; isHere: boolean }[] {
  return [
    { name: 'lab', what: 'the whole system in a throw-away virtual machine', file: LAB },
    { name: 'test', what: 'the tests (--only TIER)', file: TESTS },
  ].map(({ name, what, file }) => {
    const isHere = existsSync(file);
    const command = new Command(name)
      .description(what)
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw new Error(
          isHere
            ? `${name} is the launcher's: ./vigia ${name}`
            : `${name} is not in this copy of Vigía, only in its repository: ./vigia ${name} there`,
        );
      });
    return { command, isHere };
  });
}
