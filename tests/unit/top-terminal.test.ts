// `vigia top` in a real terminal (tmux), on a database that is written at the same time.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { after, before, beforeEach, test } from 'node:test';
import { classify } from '../../daemon/src/classify/classify.ts';
import { openForWriting } from '../../daemon/src/record/database.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { config, container, decisionOn, historyOf, snapshot, usage } from './builders.ts';
import { Terminal } from './tmux.ts';

const ROOT = join(import.meta.dirname, '../..');
const VIGIA = join(ROOT, 'vigia');
const directory = mkdtempSync(join(tmpdir(), 'vigia-top-'));
const database = join(directory, 'vigia.db');
const settings = join(directory, 'config.yaml');
let db: DatabaseSync;
let tick = 0;

before(() => {
  writeFileSync(settings, `database: ${database}\ndemo: true\n`);
  db = openForWriting(database, assert.fail);
});
// With a cycle older than a minute the daemon would count as stopped.
beforeEach(record);
after(() => {
  db.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Records a cycle: three low containers, two high ones, and one whose name would clear the screen. */
function record(): void {
  tick += 1;
  const high = (n: number) =>
    container(n, { name: `vigia-cpu-${n}`, usage: usage({ pid: 1000 + n, cpuTimeNs: 9e9 }) });
  const now = snapshot(
    [
      container(1),
      container(2),
      container(3),
      high(4),
      high(5),
      container(6, { name: 'x\u001b[2J\u001b[31my', labels: {} }),
    ],
    { tick, at: Date.now() },
  );
  const history = historyOf(now, ({ name }) => (name.startsWith('vigia-cpu') ? 40 : 0));
  const counts = { low: 3, high: 2, unknown: 0 };
  const classifications = classify(history, now, config());
  new Store(db, config()).save(decisionOn(now, { classifications, before: counts, after: counts }), 90_000);
}

const start = (terminal: Terminal, ...options: string[]): void => {
  terminal.type(`${VIGIA} --config ${settings} top ${options.join(' ')}; echo "code $?"`);
  terminal.press('Enter');
};
const shows = (pattern: RegExp) => (screen: string) => pattern.test(screen);

test('top follows new cycles, keys and the terminal size, and restores the screen', async () => {
  using terminal = await Terminal.open(80, 24);
  terminal.type('echo before');
  terminal.press('Enter');
  await terminal.until('the shell', shows(/^before$/m));
  start(terminal);
  const screen = await terminal.until(
    'the first screen',
    shows(new RegExp(`running  cycle ${tick}, \\d+ s ago`)),
  );
  assert.match(screen, /^LOW +\[.+\] \[.+\] \[.+\] 3\/3 ok/m);
  assert.match(screen, /^HIGH +\[vigia-cpu-4 +\] \[vigia-cpu-5 +\] 2\/2 ok/m);
  assert.match(screen, /^foreign +x\?\[2J\?\[31my/m, 'a name is shown as text');
  assert.doesNotMatch(screen, /before/);
  assert.deepEqual(terminal.mode, { isAlternate: true, hasCursor: false });
  assert.match(screen, /^Vigía .* \d\d:\d\d:\d\d$/m, 'the line fills the width');
  assert.ok(terminal.screen(true).includes('\x1b[32m'), 'coloured');

  record();
  await terminal.until('the next cycle', shows(new RegExp(`cycle ${tick},`)));

  terminal.press('/');
  terminal.type('cpu-5');
  terminal.press('Enter');
  const filtered = await terminal.until('the filter', shows(/1 of 6 match "cpu-5"/));
  assert.match(filtered, /^high +›vigia-cpu-5/m);
  assert.doesNotMatch(filtered, /^(low|foreign)/m);
  terminal.press('Escape');
  await terminal.until('all again', shows(/^low +vigia-idle-3/m));
  terminal.press('n');
  await terminal.until(
    'sorted by name',
    shows(/NAME▼[\s\S]*vigia-cpu-4[\s\S]*vigia-cpu-5[\s\S]*vigia-idle-1/),
  );

  terminal.press('Down');
  const chosen = await terminal.until('the cursor on the second line', shows(/^high +›vigia-cpu-5/m));
  assert.doesNotMatch(chosen, /›vigia-cpu-4/);
  terminal.press('Enter');
  const explained = await terminal.until('its explanation', shows(/^vigia-cpu-5 \(/m));
  assert.match(explained, /back to the table/);
  terminal.press('Escape');
  await terminal.until('the table again', shows(/^high +›vigia-cpu-5/m));

  terminal.resize(120, 40);
  await terminal.until('wider', shows(/^CLASS +NAME▼ +ID +PID +CPU/m));
  terminal.press('?');
  await terminal.until('the help', shows(/any key closes the help/));
  terminal.press('x');
  await terminal.until('back', shows(/^HIGH/m));

  terminal.press('q');
  const left = await terminal.until('the shell again', shows(/^code 0$/m));
  assert.match(left, /^before$/m);
  assert.deepEqual(terminal.mode, { isAlternate: false, hasCursor: true });
  terminal.type('stty -a | grep -o " echo "');
  terminal.press('Enter');
  await terminal.until('echo is on', shows(/^ echo$/m));
});

test('top restores the screen after Ctrl-C, SIGTERM, SIGHUP and Ctrl-Z', async () => {
  using terminal = await Terminal.open(80, 24);
  start(terminal);
  await terminal.until('top', shows(/running {2}cycle/));
  terminal.press('C-z');
  await terminal.until('stopped', () => !terminal.mode.isAlternate);
  assert.equal(terminal.mode.hasCursor, true);
  terminal.type('fg');
  terminal.press('Enter');
  await terminal.until('top again', (screen) => terminal.mode.isAlternate && /running {2}cycle/.test(screen));
  terminal.press('C-c');
  // Until it has ended it reads what is typed.
  await terminal.until('the end', () => terminal.program === null);
  assert.deepEqual(terminal.mode, { isAlternate: false, hasCursor: true });

  for (const name of ['TERM', 'HUP'] as const) {
    terminal.type('clear');
    terminal.press('Enter');
    // Otherwise it may clear what is typed next.
    await terminal.until('a clear screen', (screen) => screen.trim() === '#');
    start(terminal);
    await terminal.until('top', shows(/running {2}cycle/));
    const { program } = terminal;
    assert.ok(program !== null);
    process.kill(program, `SIG${name}`);
    await terminal.until(`the end by SIG${name}`, shows(/^code 0$/m));
    assert.deepEqual(terminal.mode, { isAlternate: false, hasCursor: true });
  }
});

test('top keeps the last screen when the database cannot be read, and shows the problem', async () => {
  using terminal = await Terminal.open(80, 24, { NO_COLOR: '1' });
  start(terminal);
  await terminal.until('top', shows(/running {2}cycle/));
  assert.ok(!terminal.screen(true).includes('\x1b[3'), 'no colours with NO_COLOR');
  renameSync(database, `${database}.away`);
  try {
    const screen = await terminal.until('the problem', shows(/cannot read .*vigia\.db/));
    assert.match(screen, /^HIGH +\[vigia-cpu-4/m);
  } finally {
    renameSync(`${database}.away`, database);
  }
  await terminal.until('recovered', (screen) => !/cannot read/.test(screen));
  terminal.press('q');
  await terminal.until('the end', shows(/^code 0$/m));
});

test('without a terminal and with --once top prints once; with --json it prints data', () => {
  const run = (...options: string[]) =>
    spawnSync(VIGIA, ['--config', settings, 'top', ...options], {
      encoding: 'utf8',
      env: { ...process.env, COLUMNS: '', LC_ALL: 'C.UTF-8' },
    });
  for (const options of [[], ['--once']]) {
    const { status, stdout } = run(...options);
    assert.equal(status, 0);
    assert.match(stdout, /^HIGH +\[vigia-cpu-4 +\]/m);
    assert.ok(!stdout.includes('\x1b') && !stdout.includes('\r'));
    assert.doesNotMatch(stdout, /q quit/);
  }
  const data = JSON.parse(run('--json').stdout);
  assert.equal(data.cycle.tick, tick);
  assert.equal(data.containers.length, 6);
  assert.ok(data.trend.length > 0);
});

test('without a database top says what to do and does not switch the screen', async () => {
  const other = join(directory, 'other.yaml');
  writeFileSync(other, `database: ${directory}/none.db\n`);
  using terminal = await Terminal.open(80, 24);
  terminal.type(`${VIGIA} --config ${other} top; echo "code $?"`);
  terminal.press('Enter');
  const screen = await terminal.until('the end', shows(/^code 1$/m));
  assert.match(screen.replaceAll('\n', ''), /cannot read .*none\.db.*Has the daemon run here\?/);
});
