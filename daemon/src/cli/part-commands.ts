import { Command } from 'commander';
import { installCron, isCronIntact, removeCron } from '../host/cron.ts';
import { grafanaStop, grafanaUp } from '../host/grafana-container.ts';
import { loadModules, unloadModules } from '../host/modules.ts';
import { configOf, printJson, untilSignal } from './common.ts';

const MODULES = ['continfo_so1', 'sysinfo_so1'];

/** The parts of `up`, one by one. */
export function modulesCommand(): Command {
  const modules = new Command('modules').description('the kernel modules by themselves');
  modules
    .command('load')
    .description('load both')
    .action(async (_options, command: Command) => {
      const result = await loadModules(configOf(command).carnet, untilSignal());
      if (result.kind !== 'loaded') throw new Error(`the modules were not loaded: ${result.because}`);
      console.log(result.byUs.length > 0 ? `loaded ${result.byUs.join(', ')}` : 'already loaded');
    });
  modules
    .command('unload')
    .description('unload both')
    .action(async () => {
      await unloadModules(MODULES, untilSignal());
      console.log('unloaded');
    });
  modules
    .command('status')
    .description('whether both are there; exit code 1 if not')
    .option('--json', 'the same as JSON')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const { KernelModules } = await import('../sense/kernel-modules.ts');
      const loaded = new KernelModules(configOf(command).carnet).isLoaded();
      if (json) printJson({ loaded });
      else console.log(loaded ? 'loaded' : 'not loaded');
      process.exitCode = loaded ? 0 : 1;
    });
  return modules;
}

export function cronCommand(): Command {
  const cron = new Command('cron').description('the cron job by itself');
  cron
    .command('install')
    .description('install it; it does nothing while no loop runs')
    .action(() => {
      installCron();
      console.log('installed');
    });
  cron
    .command('remove')
    .description('remove it')
    .action(() => {
      removeCron();
      console.log('removed');
    });
  cron
    .command('status')
    .description('whether it is there as written; exit code 1 if not')
    .option('--json', 'the same as JSON')
    .action(({ json }: { json?: boolean }) => {
      const intact = isCronIntact();
      if (json) printJson({ installed: intact });
      else console.log(intact ? 'installed' : 'not installed, or altered');
      process.exitCode = intact ? 0 : 1;
    });
  return cron;
}

export function grafanaCommand(): Command {
  const grafana = new Command('grafana').description('Grafana by itself');
  grafana
    .command('up')
    .description('start it by compose')
    .action(async (_options, command: Command) => {
      await grafanaUp(configOf(command).database, untilSignal());
      console.log('runs at http://127.0.0.1:3000');
    });
  grafana
    .command('down')
    .description('stop it; it is never removed')
    .action(async (_options, command: Command) => {
      await grafanaStop(configOf(command).database, untilSignal());
      console.log('stopped, not removed');
    });
  return grafana;
}
