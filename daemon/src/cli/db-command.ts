import { once } from 'node:events';
import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { DatabaseError, isDamage, openForReading } from '../record/database.ts';
import { type DatabaseStats, findDamage, readStats } from '../record/database-health.ts';
import { exportRows, type Format } from '../record/export.ts';
import { kib, time } from '../show/format.ts';
import { configOf, duration, paint, printJson, table } from './common.ts';

/** Enough that one write is worth its call. */
const CHUNK = 65_536;

export function dbCommand(): Command {
  const db = new Command('db').description('the database: how large, whether sound, and what is in it');
  db.command('stats')
    .description('size, rows and time of every table, and how far the tiers are written')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }, command: Command) => {
      using file = open(command);
      const stats = readStats(file.db);
      if (json) printJson(stats);
      else console.log(describe(stats));
    });
  db.command('check')
    .description('reads all of it and says what is wrong; exit code 1 if anything is')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: boolean }, command: Command) => {
      const damage = damageOf(command);
      if (json) printJson({ sound: damage.length === 0, damage });
      else console.log(damage.length === 0 ? paint('green', 'sound') : paint('red', damage.join('\n')));
      process.exitCode = damage.length === 0 ? 0 : 1;
    });
  db.command('export')
    .description('the rows of one table, or of one query, to standard output or a file')
    .argument('<what>', 'a table (vigia db stats lists them), the view life, or a SELECT in quotes')
    .option('--since <time>', 'how far back, of a table: 12h, 7d', duration)
    .option('--until <time>', 'up to how long ago, of a table', duration)
    .addOption(new Option('--format <format>', 'how').choices(['csv', 'json']).default('csv'))
    .option('--output <file>', 'where to, instead of standard output')
    .action(async (what: string, options: ExportOptions, command: Command) => {
      using file = open(command);
      const now = Math.floor(Date.now() / 1000);
      const [since, until] = [options.since, options.until].map((ago) =>
        ago === undefined ? null : now - ago,
      );
      const rows = exportRows(file.db, { what, since: since ?? null, until: until ?? null }, options.format);
      if (options.output !== undefined) return writeWhole(options.output, inChunks(rows));
      // Not by a pipeline: it would end standard output with whatever goes wrong.
      for (const chunk of inChunks(rows))
        if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
    });
  return db;
}

interface ExportOptions {
  readonly since?: number;
  readonly until?: number;
  readonly format: Format;
  readonly output?: string;
}

/** A file that cannot even be opened for its damage is damaged. */
function damageOf(command: Command): string[] {
  try {
    using file = open(command);
    return findDamage(file.db);
  } catch (error) {
    if (error instanceof DatabaseError && isDamage(error.cause)) return [error.message];
    throw error;
  }
}

function open(command: Command) {
  const db = openForReading(configOf(command).database);
  return { db, [Symbol.dispose]: () => db.close() };
}

/** Written beside its place and put there when it is whole: whatever goes wrong, a file that was there stays. */
function writeWhole(path: string, chunks: Iterable<string>): void {
  const there = statSync(path, { throwIfNoEntry: false });
  // A device or a pipe is written to, never replaced.
  if (there?.isFile() === false) {
    writeTo(openSync(path, 'w'), chunks);
    return;
  }
  const target = there === undefined ? path : realpathSync(path);
  const beside = `${target}.${process.pid}.tmp`;
  try {
    writeTo(openSync(beside, 'wx', there === undefined ? 0o640 : there.mode & 0o777), chunks);
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

function writeTo(file: number, chunks: Iterable<string>): void {
  try {
    for (const chunk of chunks) writeFileSync(file, chunk);
  } finally {
    closeSync(file);
  }
}

function* inChunks(pieces: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

function describe({ bytes, freeBytes, version, rolledUpTo, tables }: DatabaseStats): string {
  const tiers = Object.entries(rolledUpTo).map(
    ([step, done]) => `${Number(step) / 60} min up to ${time(done || null)}`,
  );
  return [
    `${kib(Math.round(bytes / 1024))}, of which ${kib(Math.round(freeBytes / 1024))} are free for what comes; schema ${version}`,
    `tiers: ${tiers.join(', ')}`,
    '',
    table(tables, [
      { title: 'TABLE', value: (row) => row.table },
      { title: 'ROWS', right: true, value: (row) => String(row.rows) },
      { title: 'SIZE', right: true, value: (row) => kib(Math.round(row.bytes / 1024)) },
      { title: 'OLDEST', value: (row) => time(row.oldest) },
      { title: 'NEWEST', value: (row) => time(row.newest) },
    ]),
  ].join('\n');
}
