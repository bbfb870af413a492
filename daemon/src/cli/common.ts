import { styleText } from 'node:util';
import { type Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../app/load-config.ts';
import type { Logger } from '../host/host.ts';
import type { Config } from '../model/config.ts';
import { type Language, languageOf } from '../words/language.ts';

/** The language of what commands print; `--help`, usage errors and the daemon's log are English. */
export const LANGUAGE: Language = languageOf(process.env);

/** The configuration that `--config` names. */
export function configOf(command: Command): Config {
  const { config } = command.optsWithGlobals<{ config?: string }>();
  return loadConfig(config);
}

/** Aborts on the first Ctrl-C or SIGTERM, or when the terminal goes; the undoing then runs to its end. */
export function untilSignal(): AbortSignal {
  const end = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => end.abort());
  return end.signal;
}

function leave(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  console.error(`vigia: the output cannot be written: ${error.message}`);
  process.exit(1);
}

/** `vigia status | head` ends our reader early: that is no error, and nobody is left to work for. */
export function endWithReader(): void {
  process.stdout.on('error', leave);
}

/** What runs until a signal goes on when its reader is gone, or the disk that its words go to is full. */
export function outliveReader(): void {
  process.stdout.off('error', leave);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

export const terminal: Logger = {
  info: (message) => console.log(inertLines(message)),
  warn: (message) => console.error(paint('yellow', `warning: ${inertLines(message)}`, process.stderr)),
};

/** Colours only on a terminal that wants them (NO_COLOR). */
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

export interface Column<T> {
  readonly title: string;
  readonly right?: boolean;
  readonly value: (row: T) => string;
}

/** Aligned columns. Control characters in names are shown, not obeyed. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = rows.map((row) => columns.map(({ value }) => inert(value(row))));
  const widths = columns.map(({ title }, i) =>
    Math.max(title.length, ...cells.map((line) => (line[i] ?? '').length)),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => (columns[i]?.right ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [paint('bold', line(columns.map(({ title }) => title))), ...cells.map(line)].join('\n');
}

/** Control characters, and marks that turn the direction of writing, as text: shown, not obeyed. */
export const inert = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
  text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (mark) => {
    const code = mark.charCodeAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code}`;
  });

/** The same of a message of several lines: an error may quote what it could not read. */
export const inertLines = (text: string): string => text.split('\n').map(inert).join('\n');

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('a whole number from 1.');
  return Number(text);
}

const SECONDS_IN: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, d: 86_400 };

/** `90min` → 5400: an option's value in seconds. */
export function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})(s|min|h|d)$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS_IN[unit] ?? 0);
  if (seconds === 0) throw new InvalidArgumentError('a time as in 30s, 90min, 12h or 7d.');
  return seconds;
}
