import { readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { type Command, InvalidArgumentError } from 'commander';
import { wasDemo } from '../app/demo-mark.ts';
import { loadConfig } from '../app/load-config.ts';
import type { Logger } from '../host/host.ts';
import type { Config } from '../model/config.ts';
import { errorMessage } from '../model/error-message.ts';
import { formatsOf } from '../show/format.ts';
import { type Language, languageOf, render } from '../words/language.ts';
import { ReasonedError } from '../words/reasoned-error.ts';
import { terminalWords } from '../words/terminal.ts';
import { TerminalError } from '../words/terminal-error.ts';
import { alignedLines, type Column } from './table.ts';

/** The language of what commands print; `--help`, usage errors and the daemon's log are English. */
export const LANGUAGE: Language = languageOf(process.env);

/** What commands print, in that language. */
export const WORDS = terminalWords(LANGUAGE);

/** Figures as that language writes them. */
export const FORMATS = formatsOf(LANGUAGE);

/** The message of an error in that language. Those of the system and of libraries are quoted as they are. */
export function errorText(error: unknown): string {
  if (error instanceof TerminalError) return error.in(LANGUAGE);
  if (error instanceof ReasonedError) return render(error.reason, LANGUAGE);
  return errorMessage(error);
}

interface Help {
  /** Paragraphs before the examples. A function is called only when the help is shown. */
  readonly notes?: string | (() => string);
  /** Command lines, each alone or with what it does. */
  readonly examples: readonly (string | readonly [line: string, effect: string])[];
  /** Where a command has others than every command. */
  readonly exitCodes?: string;
}

const EXIT_CODES = '0 done, 1 failed, 2 wrong usage or configuration';

/** The part of `--help` below the options, in one form for every command: notes, examples, exit codes. */
export function withHelp(command: Command, { notes = '', examples, exitCodes = EXIT_CODES }: Help): Command {
  const pairs = examples.map((example) => (typeof example === 'string' ? [example, ''] : example));
  const width = Math.max(...pairs.map(([line = '', effect]) => (effect === '' ? 0 : line.length)));
  const lines = pairs.map(([line = '', effect = '']) => `  ${line.padEnd(width)}  ${effect}`.trimEnd());
  return command.addHelpText('after', () => {
    const above = typeof notes === 'string' ? notes : notes();
    return `\n${above === '' ? '' : `${above}\n\n`}Examples:\n${lines.join('\n')}\n\nExit codes: ${exitCodes}`;
  });
}

/** The configuration that `--config` names. */
export function configOf(command: Command, options: { readonly demo?: boolean } = {}): Config {
  const { config } = command.optsWithGlobals<{ config?: string }>();
  return loadConfig(config, process.env, options);
}

/** The same for what shows a recorded run: with `--demo` if that run had it. */
export function runConfigOf(command: Command, path?: string): Config {
  const own = configOf(command);
  const { config } = command.optsWithGlobals<{ config?: string }>();
  if (path === undefined && !wasDemo(own.database)) return own;
  return loadConfig(path ?? config, process.env, { demo: wasDemo(own.database) });
}

/**
 * Aborts on the first SIGINT (Ctrl-C), SIGTERM or SIGHUP. Later ones are ignored, so that cleaning up can finish. With
 * `reload`, SIGHUP calls that instead where the process has no terminal that could have been closed.
 */
export function untilSignal(reload: (() => void) | null = null): AbortSignal {
  const end = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => end.abort());
  // Asked now: a terminal that is closed is gone before the signal comes.
  const isReload = reload !== null && !hasTerminal();
  process.on('SIGHUP', () => (isReload ? reload() : end.abort()));
  return end.signal;
}

/** Whether closing a terminal sends this process SIGHUP. */
function hasTerminal(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4] !== '0';
  } catch {
    return true;
  }
}

function leave(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  console.error(`vigia: ${WORDS.cannotWrite(error.message)}`);
  process.exit(1);
}

/** Ends the command when its output cannot be written. A reader that closed it (`vigia status | head`) is no error. */
export function endWithReader(): void {
  process.stdout.on('error', leave);
}

/** For commands that run until a signal: they continue when the reader of the output is gone or its disk is full. */
export function outliveReader(): void {
  process.stdout.off('error', leave);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** The daemon's log on the terminal, in English. */
export const terminal: Logger = {
  info: (message) => console.log(inertLines(message)),
  warn: (message) => console.error(paint('yellow', `warning: ${inertLines(message)}`, process.stderr)),
};

/** Colours the text where the stream is a terminal and NO_COLOR is not set. */
export function paint(
  style: Parameters<typeof styleText>[0],
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  return styleText(style, text, { stream });
}

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

/** Rows below their titles, within the terminal's width. Control characters are shown as text (`inert`). */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const { isTTY, columns: width } = process.stdout;
  const shown = columns.map((column) => ({ ...column, value: (row: T) => inert(column.value(row)) }));
  // Without a terminal each row is one line, for grep and awk.
  const [titles = '', ...lines] = alignedLines(rows, shown, isTTY && width > 0 ? width : undefined);
  return [paint('bold', titles), ...lines].join('\n');
}

/** The text with control characters, and marks of writing direction, spelled out: the terminal must not obey them. */
export const inert = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not reach the terminal
  text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (mark) => {
    const code = mark.charCodeAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code}`;
  });

/** The same for a message of several lines: an error may quote a file. */
export const inertLines = (text: string): string => text.split('\n').map(inert).join('\n');

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number from 1 to 999999.');
  return Number(text);
}

const SECONDS_IN: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, d: 86_400 };

/** The value of an option in seconds: `90min` is 5400. */
export function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})(s|min|h|d)$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS_IN[unit] ?? 0);
  if (seconds === 0) throw new InvalidArgumentError('It must be a time such as 30s, 90min, 12h or 7d.');
  return seconds;
}
