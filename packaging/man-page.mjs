// Prints vigia.1 with the list of commands that the executable's --help shows.
// usage: man-page.mjs EXECUTABLE
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const help = execFileSync(process.argv[2] ?? '', ['--help'], { encoding: 'utf8' });
const section = /^Commands:\n((?: .*\n)+)/m.exec(help)?.[1] ?? '';
// A line that is indented deeper continues the description above it.
const commands = [...section.replace(/\n {4,}/g, ' ').matchAll(/^ {2}(\S+)(.*?) {2,}(.*)$/gm)];
if (commands.length < 5) throw new Error('the list of commands was not found in --help');

const roff = (text) => text.trim().replaceAll('\\', '\\e').replaceAll('-', '\\-');
const list = commands
  .filter(([, name]) => name !== 'help')
  .map(([, name, args, what]) => `.TP\n\\fB${roff(name)}\\fP ${roff(args)}\n${roff(what)}`);
const page = readFileSync(join(import.meta.dirname, 'vigia.1'), 'utf8');
process.stdout.write(page.replace('@COMMANDS@', () => list.join('\n')));
