import { isSea } from 'node:sea';
import { Command } from 'commander';
import type { Config } from '../model/config.ts';
import type { FactName } from '../model/host-facts.ts';
import { doctorWords } from '../words/doctor.ts';
import {
  errorText,
  inertLines,
  LANGUAGE,
  outliveReader,
  terminal,
  untilSignal,
  WORDS,
  withHelp,
} from './common.ts';

/** The plan at the start must not keep the memory watch waiting for an engine that hangs. */
const ENGINE_SECONDS = 3;

export function upCommand(): Command {
  const up = new Command('up')
    .description(
      'start everything: kernel modules, Grafana, loop and page, as configured; Ctrl-C undoes it in reverse order',
    )
    .option('--demo', 'with the demo workload: mode enforce, quotas, images and cron job (demo: true)')
    .option('--without-page', 'leave the page to "vigia serve", as the Debian package does')
    .action(async ({ demo, withoutPage }: { demo?: boolean; withoutPage?: boolean }, command: Command) => {
      const { config: file } = command.optsWithGlobals<{ config?: string }>();
      const { LiveConfig } = await import('../app/live-config.ts');
      const live = new LiveConfig(file, terminal, { demo });
      const [program, ...args] = ownCommand();
      const page = [...args, ...(file ? ['--config', file] : []), 'serve', '--with-parent'];
      outliveReader();
      const signal = untilSignal(() => live.reload());
      const { runEverything } = await import('../app/run-everything.ts');
      const config = live.current();
      await Promise.all([warnOfProblems(config, file ?? null), config.demo ? null : introduce(config)]);
      await runEverything(live, withoutPage ? null : [program, ...page], terminal, signal);
    });
  return withHelp(up, {
    notes: `By default Vigía only looks on: it prints what is on this host and what it would do, and records. With
"mode: enforce" in the configuration it acts, on managed containers. At the end of --demo, the containers that it
started are removed; a restart of the service keeps them.`,
    examples: [
      ['sudo vigia up', 'until Ctrl-C'],
      ['sudo vigia up --demo', 'with ten new containers a minute, of which 3 low and 2 high remain'],
      'sudo vigia up --without-page',
    ],
    exitCodes: '0 ended by a signal, 1 failed or another Vigía is running, 2 wrong usage or configuration',
  });
}

/** Prints what is on this host and how to switch on each part. A failure is no reason not to start. */
async function introduce(config: Config): Promise<void> {
  try {
    const { makePlan } = await import('../app/make-plan.ts');
    const { planText } = await import('./plan-text.ts');
    const docker = {
      ...config.docker,
      timeoutSeconds: Math.min(config.docker.timeoutSeconds, ENGINE_SECONDS),
    };
    console.log(`${planText(await makePlan({ ...config, docker }))}\n`);
  } catch (error) {
    terminal.warn(inertLines(WORDS.up.planFailed(errorText(error))));
  }
  if (config.mode !== 'enforce') console.log(`${WORDS.up.observing}\n${WORDS.up.parts}\n`);
}

/** The start reports these by itself. */
const REPORTED: readonly FactName[] = ['modules', 'bpf', 'cron'];

/** Prints what is off on this host, and nothing where nothing is. A failure is no reason not to start. */
async function warnOfProblems(config: Config, file: string | null): Promise<void> {
  try {
    const { examineHost } = await import('../app/examine-host.ts');
    const found = await examineHost({
      config,
      file,
      error: null,
      seconds: ENGINE_SECONDS,
      without: REPORTED,
    });
    const problems = found.filter(({ state }) => state === 'problem');
    if (problems.length === 0) return;
    const { findingLines } = await import('./doctor-command.ts');
    console.error(`${doctorWords(LANGUAGE).atStart}\n${findingLines(problems, process.stderr)}\n`);
  } catch (error) {
    terminal.warn(inertLines(errorText(error)));
  }
}

/** The command line that runs Vigía: the packaged executable, or Node with the first file. */
function ownCommand(): [string, ...string[]] {
  if (isSea()) return [process.execPath];
  return [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
}
