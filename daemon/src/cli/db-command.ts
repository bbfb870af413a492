import { once } from 'node:events';
import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { backUp, restore } from '../record/backup.ts';
import { DatabaseError, isDamage, openForReading } from '../record/database.ts';
import { type Damage, type DatabaseStats, findDamage, readStats } from '../record/database-health.ts';
import { exportRows, type Format } from '../record/export.ts';
import { time } from '../show/format.ts';
import {
  configOf,
  duration,
  errorText,
  FORMATS,
  paint,
  printJson,
  table,
  WORDS,
  withHelp,
} from './common.ts';

/** Characters that are written at once. */
const CHUNK = 65_536;

export function dbCommand(): Command {
  const db = new Command('db').description('measure, check, export, back up or restore the database');
  withHelp(db, { examples: ['vigia db stats', 'vigia db check', 'vigia db export action --since 7d'] });
  const stats = db
    .command('stats')
    .description('show the size, rows and time range of every table, and up to when each tier is written')
    .option('--json', 'print it as JSON')
    .action(({ json }: { json?: boolean }, command: Command) => {
      using file = open(command);
      const found = readStats(file.db);
      if (json) printJson(found);
      else console.log(describe(found));
    });
  withHelp(stats, { examples: ['vigia db stats', 'vigia db stats --json'] });
  const check = db
    .command('check')
    .description('read the whole file and report any damage')
    .option('--json', 'print it as JSON')
    .action(({ json }: { json?: boolean }, command: Command) => {
      const { damage, text } = findings(command);
      if (json) printJson({ sound: damage.length === 0, damage });
      else console.log(damage.length === 0 ? paint('green', WORDS.database.sound) : paint('red', text));
      process.exitCode = damage.length === 0 ? 0 : 1;
    });
  withHelp(check, {
    examples: ['vigia db check', 'vigia db check --json'],
    exitCodes: '0 sound, 1 damaged or it cannot be read, 2 wrong usage or configuration',
  });
  const toExport = db
    .command('export')
    .description('write the rows of one table, or of one query, to standard output or a file')
    .argument('<what>', 'a table (vigia db stats lists them), the view life, or a SELECT in quotes')
    .option('--since <time>', 'of a table: rows no older than this, as 12h or 7d', duration)
    .option('--until <time>', 'of a table: rows at least this old', duration)
    .addOption(new Option('--format <format>', 'write CSV or JSON').choices(['csv', 'json']).default('csv'))
    .option('--output <file>', 'write to this file instead of standard output')
    .action(async (what: string, options: ExportOptions, command: Command) => {
      using file = open(command);
      const now = Math.floor(Date.now() / 1000);
      const [since, until] = [options.since, options.until].map((ago) =>
        ago === undefined ? null : now - ago,
      );
      const rows = exportRows(file.db, { what, since: since ?? null, until: until ?? null }, options.format);
      if (options.output !== undefined) return writeWhole(options.output, inChunks(rows));
      // A pipeline would end standard output when anything fails.
      for (const chunk of inChunks(rows))
        if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
    });
  withHelp(toExport, {
    examples: [
      ['vigia db export action --since 7d', 'the actions of a week as CSV'],
      ['vigia db export life --format json --output lives.json', 'every container ever seen'],
      ["vigia db export 'SELECT kind, count(*) FROM action GROUP BY kind'", 'a query'],
    ],
  });
  const backup = db
    .command('backup')
    .description('write a checked copy of the database, while Vigía goes on recording')
    .argument('<file>', 'the copy; an existing one is replaced once the new one is whole and sound')
    .action((file: string, _options: object, command: Command) => {
      console.log(WORDS.database.backedUp(backUp(configOf(command).database, file), file));
    });
  withHelp(backup, { examples: ['vigia db backup /var/backups/vigia.db'] });
  const restoring = db
    .command('restore')
    .description('put a checked copy in the place of the database, which is kept under another name')
    .argument('<file>', 'a copy that db backup has written')
    .action((file: string, _options: object, command: Command) => {
      const { database } = configOf(command);
      const { cycles, kept } = restore(file, database);
      console.log(WORDS.database.restored(cycles, database, kept));
    });
  withHelp(restoring, { examples: ['sudo vigia db restore /var/backups/vigia.db'] });
  return db;
}

interface ExportOptions {
  readonly since?: number;
  readonly until?: number;
  readonly format: Format;
  readonly output?: string;
}

/** The damage as data and in words. A file that cannot be opened because of its damage is damaged, too. */
function findings(command: Command): { readonly damage: readonly Damage[]; readonly text: string } {
  try {
    using file = open(command);
    const damage = findDamage(file.db);
    return { damage, text: damage.map(damageInWords).join('\n') };
  } catch (error) {
    if (!(error instanceof DatabaseError && isDamage(error.cause))) throw error;
    return { damage: [{ code: 'sqlite', message: error.cause.message }], text: errorText(error) };
  }
}

function damageInWords(damage: Damage): string {
  const { database: say } = WORDS;
  return damage.code === 'sqlite'
    ? say.sqlite(damage.message)
    : say.missingParent(damage.rows, damage.table, damage.parent);
}

function open(command: Command) {
  const db = openForReading(configOf(command).database, { anyVersion: true });
  return { db, [Symbol.dispose]: () => db.close() };
}

/** Writes a temporary file and renames it when it is complete: if anything fails, an existing file is kept. */
function writeWhole(path: string, chunks: Iterable<string>): void {
  const there = statSync(path, { throwIfNoEntry: false });
  // A device or a pipe is written to, not replaced.
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
  const { columns, database: say } = WORDS;
  const size = (count: number): string => FORMATS.kib(Math.round(count / 1024));
  const tiers = Object.entries(rolledUpTo).map(([step, done]) =>
    say.tier(Number(step) / 60, time(done || null)),
  );
  return [
    say.size(size(bytes), size(freeBytes), version),
    say.tiers(tiers.join(', ')),
    '',
    table(tables, [
      { title: columns.table, value: (row) => row.table },
      { title: columns.rows, right: true, value: (row) => String(row.rows) },
      { title: columns.size, right: true, value: (row) => size(row.bytes) },
      { title: columns.oldest, value: (row) => time(row.oldest) },
      { title: columns.newest, value: (row) => time(row.newest) },
    ]),
  ].join('\n');
}
