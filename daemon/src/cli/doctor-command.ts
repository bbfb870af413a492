import { existsSync } from 'node:fs';
import { Command } from 'commander';
import type { Examined } from '../app/examine-host.ts';
import { CONFIG_FILE, ConfigError, loadConfig } from '../app/load-config.ts';
import { DEFAULTS } from '../model/config.ts';
import type { Finding } from '../model/finding.ts';
import { adviceOf, doctorWords } from '../words/doctor.ts';
import { inert, LANGUAGE, paint, printJson, withHelp } from './common.ts';

/** A slow host, such as an emulated machine, answers late; all probes run at the same time. */
const PROBE_SECONDS = 60;
const COLOURS = { ok: 'green', note: 'yellow', problem: 'red' } as const;
/** A wrong configuration ends as in every other command. */
const [PROBLEM, WRONG_CONFIGURATION] = [1, 2];

export function doctorCommand(): Command {
  const doctor = new Command('doctor')
    .description('check what this host can and cannot do for Vigía, and show the remedy for what is off')
    .option('--json', 'print it as JSON')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const { examineHost } = await import('../app/examine-host.ts');
      const { config: path } = command.optsWithGlobals<{ config?: string }>();
      const source = examined(path);
      const findings = await examineHost({ ...source, seconds: PROBE_SECONDS });
      if (json) printJson({ findings: findings.map(asJson) });
      else console.log(report(findings));
      if (source.error !== null) process.exitCode = WRONG_CONFIGURATION;
      else if (findings.some(({ state }) => state === 'problem')) process.exitCode = PROBLEM;
    });
  return withHelp(doctor, {
    notes: `A problem is what does not work, or will soon not; a note, what Vigía does without. Nothing is changed. As root it
sees more: which program takes a port, whether the BPF iterator can be loaded.`,
    examples: ['sudo vigia doctor', 'vigia doctor --json'],
    exitCodes: '0 no problem, 1 at least one problem, 2 wrong usage or configuration (all checks are shown)',
  });
}

function examined(path: string | undefined): Pick<Examined, 'config' | 'file' | 'error'> {
  const file = path ?? CONFIG_FILE;
  try {
    const { config, hasFile } = { config: loadConfig(path), hasFile: path !== undefined || existsSync(file) };
    return { config, file: hasFile ? file : null, error: null };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: DEFAULTS, file, error: error.message };
  }
}

/** Every check, a line each, with what to do below it. */
function report(findings: readonly Finding[]): string {
  const count = (state: Finding['state']): number => findings.filter((one) => one.state === state).length;
  const { summary } = doctorWords(LANGUAGE);
  return `${findingLines(findings)}\n\n${summary(count('problem'), count('note'), count('ok'))}`;
}

export function findingLines(
  findings: readonly Finding[],
  stream: NodeJS.WriteStream = process.stdout,
): string {
  const words = doctorWords(LANGUAGE);
  const width = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length));
  const [states, checks] = [width(Object.values(words.states)), width(Object.values(words.checks))];
  return findings
    .flatMap((finding) => {
      const { says, remedy } = adviceOf(finding, LANGUAGE);
      const state = paint(COLOURS[finding.state], words.states[finding.state].padEnd(states), stream);
      const line = `${state}  ${words.checks[finding.check].padEnd(checks)}  ${inert(says)}`;
      const below = `${' '.repeat(states + checks + 4)}→ ${inert(remedy ?? '')}`;
      return remedy === null || finding.state === 'ok' ? [line] : [line, below];
    })
    .join('\n');
}

/** In English in every language, as all JSON is. */
function asJson(finding: Finding) {
  const { check, state, code, ...parameters } = finding;
  const { says, remedy } = adviceOf(finding, 'en');
  return { check, state, code, parameters, message: says, remedy: state === 'ok' ? null : remedy };
}
