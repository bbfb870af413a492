import { Command } from 'commander';
import { installCron, isCronIntact, removeCron } from '../host/cron.ts';
import { grafanaStop, grafanaUp } from '../host/grafana-container.ts';
import { loadModules, unloadModules } from '../host/modules.ts';
import { render } from '../words/language.ts';
import { TerminalError } from '../words/terminal-error.ts';
import { configOf, printJson, untilSignal, WORDS, withHelp } from './common.ts';

const MODULES = ['continfo_so1', 'sysinfo_so1'];
const GRAFANA = 'http://127.0.0.1:3000';

/** Single steps of `vigia up`: the modules. */
export function modulesCommand(): Command {
  const { parts: say } = WORDS;
  const modules = new Command('modules').description('load, unload or check the kernel modules');
  withHelp(modules, { examples: ['sudo vigia modules load', 'vigia modules status'] });
  const load = modules
    .command('load')
    .description('load both modules')
    .action(async (_options, command: Command) => {
      const result = await loadModules(configOf(command).carnet, untilSignal());
      if (result.kind !== 'loaded')
        throw new TerminalError(({ parts }, language) =>
          parts.modulesNotLoaded(render(result.because, language)),
        );
      console.log(
        result.byUs.length > 0 ? say.modulesLoaded(result.byUs.join(', ')) : say.modulesAlreadyLoaded,
      );
    });
  withHelp(load, { examples: ['sudo vigia modules load'] });
  const unload = modules
    .command('unload')
    .description('unload both modules')
    .action(async () => {
      await unloadModules(MODULES, untilSignal());
      console.log(say.modulesUnloaded);
    });
  withHelp(unload, { examples: ['sudo vigia modules unload'] });
  const status = modules
    .command('status')
    .description('report whether both modules are loaded')
    .option('--json', 'print it as JSON')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const { KernelModules } = await import('../sense/kernel-modules.ts');
      const loaded = new KernelModules(configOf(command).carnet).isLoaded();
      if (json) printJson({ loaded });
      else console.log(loaded ? say.loaded : say.notLoaded);
      process.exitCode = loaded ? 0 : 1;
    });
  withHelp(status, {
    examples: ['vigia modules status', 'vigia modules status --json'],
    exitCodes: '0 both are loaded, 1 not both, 2 wrong usage or configuration',
  });
  return modules;
}

/** Single steps of `vigia up`: the cron job. */
export function cronCommand(): Command {
  const { parts: say } = WORDS;
  const socketOf = (command: Command): string => configOf(command).docker.socket;
  const cron = new Command('cron').description('install, remove or check the cron job');
  withHelp(cron, { examples: ['sudo vigia cron install', 'vigia cron status'] });
  const install = cron
    .command('install')
    .description(
      'install the cron job; it does nothing unless the loop runs, in mode enforce, with cron.install',
    )
    .action((_options, command: Command) => {
      installCron(socketOf(command));
      console.log(say.cronInstalled);
    });
  withHelp(install, { examples: ['sudo vigia cron install'] });
  const remove = cron
    .command('remove')
    .description('remove the cron job')
    .action(() => {
      removeCron();
      console.log(say.cronRemoved);
    });
  withHelp(remove, { examples: ['sudo vigia cron remove'] });
  const status = cron
    .command('status')
    .description('report whether the cron job is installed and unaltered')
    .option('--json', 'print it as JSON')
    .action(({ json }: { json?: boolean }, command: Command) => {
      const intact = isCronIntact(socketOf(command));
      if (json) printJson({ installed: intact });
      else console.log(intact ? say.cronInstalled : say.cronNotInstalled);
      process.exitCode = intact ? 0 : 1;
    });
  withHelp(status, {
    examples: ['vigia cron status', 'vigia cron status --json'],
    exitCodes: '0 installed, 1 not installed or altered, 2 wrong usage or configuration',
  });
  return cron;
}

/** Single steps of `vigia up`: Grafana. */
export function grafanaCommand(): Command {
  const { parts: say } = WORDS;
  const grafana = new Command('grafana').description('start or stop Grafana');
  withHelp(grafana, { examples: ['sudo vigia grafana up', 'sudo vigia grafana down'] });
  const up = grafana
    .command('up')
    .description('start Grafana with Docker Compose')
    .action(async (_options, command: Command) => {
      await grafanaUp(configOf(command), untilSignal());
      console.log(say.grafanaRuns(GRAFANA));
    });
  withHelp(up, { examples: [['sudo vigia grafana up', `at ${GRAFANA}`]] });
  const down = grafana
    .command('down')
    .description('stop Grafana and keep its container')
    .action(async (_options, command: Command) => {
      await grafanaStop(configOf(command), untilSignal());
      console.log(say.grafanaStopped);
    });
  withHelp(down, { examples: ['sudo vigia grafana down'] });
  return grafana;
}
