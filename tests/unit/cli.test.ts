import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, type TestContext, test } from 'node:test';
import type { Command } from 'commander';
import { scenarioNames } from '../../daemon/src/app/scenarios.ts';
import { classifyCommand } from '../../daemon/src/cli/classify-command.ts';
import { completionCommand } from '../../daemon/src/cli/completion-command.ts';
import { configCommand } from '../../daemon/src/cli/config-command.ts';
import { dbCommand } from '../../daemon/src/cli/db-command.ts';
import { doctorCommand } from '../../daemon/src/cli/doctor-command.ts';
import { eventsCommand } from '../../daemon/src/cli/events-command.ts';
import { explainCommand } from '../../daemon/src/cli/explain-command.ts';
import { notifyCommand } from '../../daemon/src/cli/notify-command.ts';
import { cronCommand, grafanaCommand, modulesCommand } from '../../daemon/src/cli/part-commands.ts';
import { pauseCommand, resumeCommand } from '../../daemon/src/cli/pause-commands.ts';
import { manageCommand, protectCommand, releaseCommand } from '../../daemon/src/cli/place-commands.ts';
import { planCommand } from '../../daemon/src/cli/plan-command.ts';
import { reloadCommand } from '../../daemon/src/cli/reload-command.ts';
import { replayCommand } from '../../daemon/src/cli/replay-command.ts';
import { runCommand } from '../../daemon/src/cli/run-command.ts';
import { serveCommand } from '../../daemon/src/cli/serve-command.ts';
import { simulateCommand } from '../../daemon/src/cli/simulate-command.ts';
import { statusCommand } from '../../daemon/src/cli/status-command.ts';
import { topCommand } from '../../daemon/src/cli/top-command.ts';
import { undoCommand } from '../../daemon/src/cli/undo-command.ts';
import { upCommand } from '../../daemon/src/cli/up-command.ts';
import { closeCleanly, openForWriting } from '../../daemon/src/record/database.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { config, container, decisionOn, snapshot } from './builders.ts';

/** The commands as they are typed: their output and exit codes. */

const ROOT = join(import.meta.dirname, '../..');
const VIGIA = join(ROOT, 'daemon/src/cli/vigia.ts');

/** Compiled code is kept between runs, as the launcher does it: a command then starts in a third of the time. */
const compiled = mkdtempSync(join(tmpdir(), 'vigia-compiled-'));
after(() => rmSync(compiled, { recursive: true, force: true }));

const vigia = (...args: string[]) => vigiaIn('C', ...args);

function vigiaIn(locale: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [VIGIA, ...args], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: locale, NODE_COMPILE_CACHE: compiled },
  });
  return { status, stdout, stderr };
}

/** A folder with a database of one cycle at this time, in ms, and a configuration that names it. */
function recorded(
  t: TestContext,
  at: number,
  containers = [container(1)],
): { dir: string; settings: string; database: string } {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-cli-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [database, settings] = [join(dir, 'vigia.db'), join(dir, 'config.yaml')];
  writeFileSync(settings, `database: ${database}\n`);
  const db = openForWriting(database, (message) => assert.fail(message));
  const now = snapshot(containers, { at });
  new Store(db, config()).save(decisionOn(now), 1);
  closeCleanly(db);
  return { dir, settings, database };
}

const HOUR_MS = 3_600_000;

test('status: a record that is newer than the clock is reported as a stopped daemon', (t) => {
  const ahead = recorded(t, Date.now() + HOUR_MS);
  assert.match(
    vigia('--config', ahead.settings, 'status').stdout,
    /^STOPPED {2}cycle 2, (59|60) min in the future \(the system clock was set back\), sensor kernel/,
  );
  const past = recorded(t, Date.now() - 60 * HOUR_MS);
  assert.match(vigia('--config', past.settings, 'status').stdout, /^STOPPED {2}cycle 2, 2 d ago, sensor/);
  const now = recorded(t, Date.now());
  assert.match(vigia('--config', now.settings, 'status').stdout, /^running {2}cycle 2, \d+ s ago, sensor/);
});

test('status: without containers in the cycle it says that none was seen, not that none runs', (t) => {
  const nothing = recorded(t, Date.now() - HOUR_MS, []);
  const output = vigia('--config', nothing.settings, 'status').stdout;
  assert.match(output, /^STOPPED[\s\S]*\nNo container was seen\.\n/);
});

test('status: each container shows its kind and its class, and the kinds are counted; without quotas no line is about them', (t) => {
  const { settings } = recorded(t, Date.now(), [
    container(1, { labels: { 'vigia.managed': 'true', 'vigia.protected': 'true' } }),
    container(2, { labels: {} }),
    container(3, { labels: { 'vigia.managed': 'true' } }),
  ]);
  const { stdout } = vigia('--config', settings, 'status');
  assert.match(stdout, /^protected +unclassified +vigia-idle-1 /m);
  assert.match(stdout, /^foreign +unclassified +vigia-idle-2 /m);
  assert.match(stdout, /^service +unclassified +vigia-idle-3 /m);
  assert.match(stdout, /^kinds {3}1 service, 1 foreign, 1 protected$/m);
  assert.match(stdout, /^running {2}cycle 2, .* sensor kernel, observing$/m);
  assert.doesNotMatch(stdout, /quotas|0\/0/);
});

test('explain: a text that matches no container is named', (t) => {
  const { settings } = recorded(t, Date.now());
  const { status, stderr } = vigia('--config', settings, 'explain', 'no-such-name');
  assert.equal(status, 1);
  assert.match(stderr, /^vigia: no container matches "no-such-name" /);
});

const COMMANDS = [
  classifyCommand,
  completionCommand,
  configCommand,
  cronCommand,
  dbCommand,
  doctorCommand,
  eventsCommand,
  explainCommand,
  grafanaCommand,
  manageCommand,
  modulesCommand,
  notifyCommand,
  pauseCommand,
  planCommand,
  protectCommand,
  releaseCommand,
  reloadCommand,
  replayCommand,
  resumeCommand,
  runCommand,
  serveCommand,
  simulateCommand,
  statusCommand,
  topCommand,
  undoCommand,
  upCommand,
];
const VERBS =
  /^(check|classify|end|evaluate|explain|install|keep|lift|list|load|measure|print|put|read|remove|report|run|send|serve|show|start|stop|take|unload|write)\b/;

test('every command has a description that begins with a verb, an example and its exit codes', () => {
  const helpOf = (command: Command): string => {
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
    return text;
  };
  const check = (name: string, text: string): void => {
    assert.match(text.split('\n\n')[1]?.toLowerCase() ?? '', VERBS, name);
    assert.match(text, new RegExp(`^Examples:\\n(?: {2}.*\\n)*? {2}.*\\b${name}\\b`, 'm'), name);
    assert.match(text, /^Exit codes: 0 .*, 1 .*, 2 wrong usage or configuration/m, name);
  };
  const checkTree = (command: Command, parents: string): void => {
    const name = `${parents} ${command.name()}`;
    check(name, helpOf(command));
    for (const sub of command.commands) checkTree(sub, name);
  };
  const root = vigia('--help').stdout;
  check('vigia', root);
  const listed = [
    ...(/Commands:\n([\s\S]*?)\n\n/.exec(root)?.[1] ?? '').matchAll(/^ {2}(\w+)(?: \S+)* {2,}/gm),
  ];
  const names = listed.map(([, name = '']) => name).filter((name) => !['help', 'lab', 'test'].includes(name));
  const commands = COMMANDS.map((command) => command());
  assert.deepEqual(names.sort(), commands.map((command) => command.name()).sort());
  for (const command of commands) checkTree(command, 'vigia');
  const simulate = helpOf(simulateCommand());
  for (const scenario of scenarioNames())
    assert.match(simulate, new RegExp(`^Scenarios:.*\\b${scenario}\\b`, 'm'));
});

test('a damaged database page is reported, with what to do', (t) => {
  const { settings, database } = recorded(t, Date.now());
  const db = openForWriting(database, (message) => assert.fail(message));
  const page = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'script_run'").get()?.['rootpage'];
  const size = Number(db.prepare('PRAGMA page_size').get()?.['page_size']);
  closeCleanly(db);
  const file = openSync(database, 'r+');
  writeSync(file, Buffer.alloc(size, 0xaa), 0, size, (Number(page) - 1) * size);
  closeSync(file);
  const { status, stderr } = vigia('--config', settings, 'events', '--scripts');
  assert.equal(status, 1);
  assert.match(stderr, /malformed\. vigia db check reads the whole file; the daemon sets it aside/);
});

test('a hostile name cannot move the cursor or change the writing direction', (t) => {
  const { dir } = recorded(t, Date.now());
  const capture = join(dir, 'capture.json');
  const name = '\u001b[31m\u202egnp.exe\u200b';
  const process = { process_name: name, pid: '1', container_id: 'a', vsz_kb: '1', rss_kb: '1' };
  const processes = [{ ...process, memory_usage_percent: '0.01', cpu_usage_percent: '0.01' }];
  const totals = { total_memory_kb: '9', free_memory_kb: '1', used_memory_kb: '8' };
  writeFileSync(capture, JSON.stringify({ ...totals, processes }));
  assert.match(vigia('classify', capture).stdout, /\\x1b\[31m\\u202egnp\.exe\\u200b /);
});

test('a full disk on stdout is reported in one line, without a stack trace', () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [VIGIA, 'config', 'show'], {
    encoding: 'utf8',
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  assert.equal(status, 1);
  assert.match(stderr, /^vigia: the output cannot be written: ENOSPC.*\n$/);
});

test('wrong usage ends with 2, in subcommands too', () => {
  for (const args of [
    ['nonsense'],
    ['status', '--nonsense'],
    ['db', 'nonsense'],
    ['db', 'export'],
    ['config', 'show', '--nonsense'],
    ['modules', 'status', 'too', 'many'],
    ['simulate', '--seed', '1.5'],
    ['simulate', '--days', 'Infinity'],
    ['simulate', '--seed', '3', '--seeds', '2'],
    ['simulate', '--seeds', '2', '--database', '/nowhere/kept.db'],
  ]) {
    const { status, stderr } = vigia(...args);
    assert.equal(status, 2, args.join(' '));
    assert.match(stderr, /^vigia: /);
  }
  for (const args of [['--help'], ['db', '--help'], ['db', 'export', '--help'], ['--version']])
    assert.equal(vigia(...args).status, 0, args.join(' '));
});

test('events can be followed, and limited to the last hours', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-followed-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'followed.db');
  const own = join(dir, 'followed.yaml');
  writeFileSync(own, `database: ${file}\n`);
  const db = openForWriting(file, assert.fail);
  t.after(() => db.close());
  const add = (n: number, at: number): void => {
    const one = container(n);
    const { id, name } = one;
    const because = { code: 'message', text: `reason ${n}` } as const;
    const common = { urgency: 'grace', isThrottled: false, isReplaced: false, because } as const;
    const action = { kind: 'remove', id, name, level: 'low', pid: 1, ...common } as const;
    new Store(db, config()).save(
      decisionOn(snapshot([one], { tick: n, at }), {
        plan: { kind: 'act', actions: [action], candidates: [] },
        outcomes: [{ action, result: 'done', detail: { code: 'removed' }, id, tookMs: 5 }],
      }),
      1,
    );
  };
  add(1, Date.now() - 7_200_000);
  add(2, Date.now() - 60_000);
  const recent = vigia('--config', own, 'events', '--since', '1h');
  assert.match(recent.stdout, /reason 2/);
  assert.doesNotMatch(recent.stdout, /reason 1/);
  assert.equal(vigia('--config', own, 'events', '--since', 'yesterday').status, 2);

  const child = spawn(process.execPath, [VIGIA, '--config', own, 'events', '--follow', '--json'], {
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => JSON.parse((await lines.next()).value ?? 'null').because.text;
  assert.deepEqual([await next(), await next()], ['reason 1', 'reason 2'], 'the oldest first');
  add(3, Date.now());
  assert.equal(await next(), 'reason 3');
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('the version names the commit of the work tree', () => {
  const { stdout } = spawnSync('git', ['-C', ROOT, 'rev-parse', 'HEAD'], { encoding: 'utf8' });
  const [, commit = 'none'] =
    / \(commit ([0-9a-f]{12})(?:, changed)?\)$/m.exec(vigia('--version').stdout) ?? [];
  assert.ok(stdout.startsWith(commit), commit);
});

test('the defaults that help shows are accepted when they are typed', () => {
  const shown = /--since <time>[\s\S]*?\(default: "?(\S+?)"?\)/.exec(vigia('replay', '--help').stdout)?.[1];
  assert.equal(shown, '7d');
  const { stderr } = vigia('replay', '--since', `${shown}`, '--policy', '/nowhere.yaml');
  assert.doesNotMatch(stderr, /--since/);
});

test('the launcher builds the page before the commands that serve it, wherever the command is in the line', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vigia-launcher-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const part of ['page/src', 'page/public', 'node_modules/vite', 'node_modules/node/bin'])
    mkdirSync(join(dir, part), { recursive: true });
  cpSync(join(ROOT, 'vigia'), join(dir, 'vigia'));
  const node = '#!/bin/sh\n[ "$1" != --version ] || echo v26.0.0\n';
  writeFileSync(join(dir, 'node_modules/node/bin/node'), node, { mode: 0o755 });
  const builds = (...args: string[]) =>
    /building the page/.test(spawnSync(join(dir, 'vigia'), args, { encoding: 'utf8' }).stderr);
  for (const args of [['up'], ['serve'], ['--config', 'f', 'up'], ['-c', 'f', 'serve'], ['--config=f', 'up']])
    assert.ok(builds(...args), args.join(' '));
  for (const args of [['up', '--help'], ['serve', '-h'], ['status'], ['grafana', 'up'], ['explain', 'up']])
    assert.ok(!builds(...args), args.join(' '));
});

test('lab and test are offered where their files are; elsewhere an error says where they are', (t) => {
  const away = mkdtempSync(join(tmpdir(), 'vigia-delivery-'));
  t.after(() => rmSync(away, { recursive: true, force: true }));
  for (const part of ['vigia', 'package.json', 'daemon/src'])
    cpSync(join(ROOT, part), join(away, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(away, 'node_modules'));
  const run = (root: string, ...args: string[]) => spawnSync(join(root, 'vigia'), args, { encoding: 'utf8' });
  for (const args of [['--help'], ['completion', 'bash']]) {
    assert.match(run(ROOT, ...args).stdout, /\blab\b[\s\S]*\btest\b/, args.join(' '));
    const { status, stdout } = run(away, ...args);
    assert.equal(status, 0);
    // "vigia notify test" is another command.
    const others = stdout.replaceAll(/'vigia notify.*/g, '');
    assert.doesNotMatch(others, /\b(?:lab|test)\b/, args.join(' '));
  }
  for (const name of ['lab', 'test']) {
    const { status, stderr } = run(away, name, '--help');
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`^vigia: ${name} is not in this copy of Vigía, only in its repository`));
  }
  assert.equal(
    run(away, '--version').stdout.trim().split(' ')[0],
    JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version,
  );
});

test('a database without read permission is reported differently from a missing one', (t) => {
  const { dir, settings, database } = recorded(t, Date.now());
  chmodSync(settings, 0o644);
  const open = () =>
    errorAsUnprivileged('daemon/src/record/database.ts', `openForReading(${JSON.stringify(database)})`);
  chmodSync(database, 0o600);
  chmodSync(dir, 0o755);
  const refused = `cannot read ${database}: no permission. Use sudo, or join group vigia.`;
  assert.equal(open(), refused);
  chmodSync(dir, 0o700);
  assert.equal(open(), refused);
  rmSync(database);
  chmodSync(dir, 0o755);
  assert.match(open(), /unable to open database file\. Has the daemon run here\? \(vigia up\)/);
});

test('classify: a file that cannot be read is named, with what to do', (t) => {
  const { dir, settings } = recorded(t, Date.now());
  writeFileSync(settings, "carnet: '199999999'\nsensor: kernel\n");
  const info = (...args: string[]) => vigia('--config', settings, 'classify', ...args);
  assert.equal(info().status, 1);
  assert.equal(
    info().stderr,
    'vigia: /proc/continfo_so1_199999999: no such file. Without a FILE the kernel modules must be loaded: sudo vigia modules load\n',
  );
  const absent = join(dir, 'absent.json');
  assert.equal(info(absent).stderr, `vigia: ${absent}: no such file\n`);
  assert.equal(info(dir).stderr, `vigia: ${dir}: a directory: name a file in it\n`);
  assert.match(info(settings).stderr, new RegExp(`^vigia: ${settings}: not JSON: `));
});

test('classify: without a file and without the modules it takes the next sensor, as the daemon does', (t) => {
  const { settings } = recorded(t, Date.now());
  const classify = (sensor: string, ...args: string[]) => {
    writeFileSync(settings, `carnet: '199999999'\nsensor: ${sensor}\nclassify: { minSeconds: 2 }\n`);
    return vigia('--config', settings, 'classify', '--json', ...args);
  };
  const total = Number(/^MemTotal: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]);
  for (const [sensor, args, seconds] of [
    ['auto', ['--once'], null],
    ['procfs', ['--once'], null],
    ['procfs', [], 2],
  ] as const) {
    const { status, stdout, stderr } = classify(sensor, ...args);
    assert.equal(status, 0, stderr);
    const { source, shape, rate_seconds, total_kb, free_kb, used_kb } = JSON.parse(stdout);
    const expected = sensor === 'auto' && existsSync('/sys/fs/bpf/vigia/tasks-1') ? 'bpf' : 'procfs';
    assert.deepEqual([source, shape, rate_seconds, total_kb], [expected, 'continfo', seconds, total]);
    assert.ok(free_kb > 0 && used_kb > 0 && free_kb < total && used_kb < total);
  }
  if (!existsSync('/sys/fs/bpf/vigia/tasks-1'))
    assert.match(classify('bpf').stderr, /^vigia: the BPF iterator is not loaded /);
});

/** Of two containers as in the earlier module's document, one low and one high. */
function olderFile(t: TestContext, change: object = {}): string {
  const { dir } = recorded(t, Date.now());
  const file = join(dir, 'container_info.json');
  const shim = { process_name: 'containerd-shim', vsz_kb: '1248576', rss_kb: '14336' };
  const processes = [
    {
      ...shim,
      pid: '12345',
      container_id: 'abc123',
      memory_usage_percent: '0.15',
      cpu_usage_percent: '0.02',
    },
    {
      ...shim,
      pid: '67890',
      container_id: 'xyz789',
      memory_usage_percent: '1.56',
      cpu_usage_percent: '15.34',
    },
  ];
  const totals = { total_memory_kb: '8235000', free_memory_kb: '512000', used_memory_kb: '7728000' };
  writeFileSync(file, JSON.stringify({ ...totals, processes, ...change }));
  return file;
}

test('classify --report: the format of the earlier analyser, in Spanish whatever the language is', (t) => {
  const file = olderFile(t);
  for (const LANG of ['C', 'en_US.UTF-8', 'es_GT.UTF-8']) {
    const { stdout } = spawnSync(process.execPath, [VIGIA, 'classify', '--report', file], {
      encoding: 'utf8',
      env: { ...process.env, LANG },
    });
    assert.equal(
      stdout,
      `Memoria Total: 8235000 KB
Memoria Libre: 512000 KB
Memoria en Uso: 7728000 KB

Contenedores de Bajo Rendimiento:
PID: 12345
Nombre: containerd-shim
ID de Contenedor: abc123
Uso de Memoria: 0.15% del sistema
Uso de CPU: 0.02%

Contenedores de Alto Rendimiento:
PID: 67890
Nombre: containerd-shim
ID de Contenedor: xyz789
Uso de Memoria: 1.56% del sistema
Uso de CPU: 15.34%
`,
    );
  }
  const empty = vigia('classify', '--report', olderFile(t, { processes: [] })).stdout;
  assert.match(
    empty,
    /\nContenedores de Bajo Rendimiento:\nNinguno\n\nContenedores de Alto Rendimiento:\nNinguno\n$/,
  );
  assert.equal(vigia('classify', '--report', '--json', file).status, 2);
});

test('classify: both groups, with totals as JSON', (t) => {
  const { low, high, ...head } = JSON.parse(vigia('classify', '--json', olderFile(t)).stdout);
  const pids = (group: { pid: number }[]) => group.map(({ pid }) => pid);
  assert.deepEqual([pids(low), pids(high)], [[12345], [67890]]);
  assert.deepEqual(
    [head.total_kb, head.free_kb, head.used_kb, head.rate_seconds],
    [8235000, 512000, 7728000, null],
  );
});

test('the manuals show what classify prints for the sample, in Spanish', () => {
  const blocks = ['docs/manual-de-usuario.md', 'docs/manual-tecnico.md'].flatMap((manual) => [
    ...readFileSync(join(ROOT, manual), 'utf8').matchAll(
      /^```sh\n\.\/vigia (classify .*)\n```\n\n```\n((?:.*\n)*?)```$/gm,
    ),
  ]);
  assert.ok(blocks.length >= 2, `${blocks.length} samples`);
  for (const [, words = '', shown] of blocks) {
    const args = words.split(' ').map((word) => (word.startsWith('contract/') ? join(ROOT, word) : word));
    assert.equal(vigiaIn('es_ES.UTF-8', ...args).stdout, shown);
  }
});

test("classify: a module's file in /proc is read twice; --once reads it once", async (t) => {
  const { dir, settings } = recorded(t, Date.now());
  writeFileSync(settings, 'classify: { minSeconds: 2 }\n');
  const capture = JSON.parse(
    readFileSync(join(ROOT, 'contract/samples/continfo-four-docker-containers.json'), 'utf8'),
  );
  const sample = join(dir, 'continfo.json');
  writeFileSync(sample, JSON.stringify(capture));
  // By its way through /proc it is taken for a file of a module.
  const args = [VIGIA, '--config', settings, 'classify', '--json', '/proc/self/cwd/continfo.json'];
  const child = spawn(process.execPath, args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  const [note] = await once(child.stderr, 'data');
  assert.match(String(note), /^measuring CPU for 2 s /);
  // Ten seconds later by its own clock, and none has used any CPU.
  writeFileSync(`${sample}.new`, JSON.stringify({ ...capture, timestamp_ns: capture.timestamp_ns + 10e9 }));
  renameSync(`${sample}.new`, sample);
  await once(child, 'close');
  const measured = JSON.parse(stdout);
  assert.equal(measured.rate_seconds, 2);
  const rows: { cpuPercent: number; run?: unknown }[] = [...measured.low, ...measured.high];
  assert.deepEqual(
    rows.map(({ cpuPercent }) => cpuPercent),
    [0, 0, 0, 0],
  );
  assert.ok(rows.every(({ run }) => run === undefined));
  const averages = spawnSync(process.execPath, [...args, '--once'], { cwd: dir, encoding: 'utf8' });
  assert.equal(averages.stderr, '');
  assert.equal(JSON.parse(averages.stdout).high.length, 4);
});

/**
 * The message with which a call fails for an unprivileged user. The code is loaded before the privileges are dropped.
 */
function errorAsUnprivileged(file: string, call: string): string {
  const name = /^\w+/.exec(call)?.[0];
  const code = `
    import { ${name} } from ${JSON.stringify(join(ROOT, file))};
    if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }
    try { ${call}; } catch (error) { process.stdout.write(error.message); }`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code];
  return spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout;
}
