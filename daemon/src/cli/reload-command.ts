import { Command } from 'commander';
import { readInForce, settingsByPath } from '../app/in-force.ts';
import { LIVE } from '../app/live-config.ts';
import { placeOf } from '../app/setting-place.ts';
import { inert, runConfigOf, WORDS, withHelp } from './common.ts';
import { awaitLoop } from './waiting.ts';

export function reloadCommand(): Command {
  const reload = new Command('reload')
    .description('check the configuration, show what changes for the running loop, and wait until it applies')
    .action(async (_options, command: Command) => {
      const { orders: say } = WORDS;
      const { config: file } = command.optsWithGlobals<{ config?: string }>();
      // A configuration that is wrong throws here, with its lines.
      const config = runConfigOf(command);
      const inForce = readInForce(config.database);
      if (inForce === null) return console.log(say.checked);
      const wanted = settingsByPath(config);
      const changed = Object.keys({ ...inForce.settings, ...wanted }).filter(
        (path) => JSON.stringify(wanted[path]) !== JSON.stringify(inForce.settings[path]),
      );
      if (changed.length === 0) return console.log(say.unchanged);
      const text = (value: unknown): string => (value === undefined ? '–' : JSON.stringify(value));
      const isLive = (path: string) => LIVE.some((key) => path === key || path.startsWith(`${key}.`));
      const line = (path: string): string => {
        const change = say.change(
          path,
          text(inForce.settings[path]),
          text(wanted[path]),
          placeOf(file, path),
        );
        return inert(isLive(path) ? change : `${change} ${say.needsRestart}`);
      };
      for (const path of changed) console.log(line(path));
      const live = changed.filter(isLive);
      if (live.length === 0) return;
      const isFollowed = (settings: Readonly<Record<string, unknown>>) =>
        live.every((path) => JSON.stringify(settings[path]) === JSON.stringify(wanted[path]));
      const outcome = await awaitLoop(config, ({ settings }) => isFollowed(settings));
      if (outcome === 'reached') console.log(say.inForce);
      else process.exitCode = 1;
    });
  return withHelp(reload, {
    notes: `The loop follows these keys without a restart: ${LIVE.join(', ')}. A configuration that is wrong changes
nothing. "systemctl reload vigia", or SIGHUP, makes the loop reread the files at once and log what has changed.`,
    examples: [['vigia reload', 'after the configuration was edited']],
  });
}
