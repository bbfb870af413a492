/**
 * scripts/load-modules.sh and unload-modules.sh against a fake kernel: a directory instead of /proc and small scripts
 * instead of insmod, rmmod, modinfo and others. Messages of a real kernel are quoted verbatim.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const scripts = join(import.meta.dirname, '../../scripts');
const MODULES = ['continfo_so1', 'sysinfo_so1'] as const;

let scratch: string;
let env: NodeJS.ProcessEnv;

interface Finished {
  readonly status: number;
  readonly lines: string[];
  readonly stderr: string;
}

function run(script: 'load-modules.sh' | 'unload-modules.sh', ...args: readonly string[]): Promise<Finished> {
  return new Promise((resolve, reject) => {
    execFile(join(scripts, script), args, { env, timeout: 300_000 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else
        resolve({
          status: error === null ? 0 : Number(error.code),
          lines: stdout.split('\n').filter((line) => line !== ''),
          stderr,
        });
    });
  });
}

const load = (...args: readonly string[]) => run('load-modules.sh', ...args);
const unload = (...args: readonly string[]) => run('unload-modules.sh', ...args);

async function fakeTool(name: string, body: string): Promise<void> {
  await writeFile(join(scratch, 'bin', name), `#!/bin/bash\nset -u\ncd '${scratch}'\n${body}\n`);
  await chmod(join(scratch, 'bin', name), 0o755);
}

/** Shell code of the fake insmod and modprobe: lists the module in /proc/modules and creates its file. */
const registerModule = (module: string, parameters: string) => `
  carnet=201903553
  for parameter in ${parameters}; do [[ $parameter != carnet=* ]] || carnet=\${parameter#*=}; done
  echo "${module} 16384 0 - Live 0x0" >>proc/modules
  echo "$*" >proc/"${module}"_"$carnet"`;

async function insmodFails(module: string, message: string, kernelLine = ''): Promise<void> {
  const works = await readFile(join(scratch, 'bin/insmod'), 'utf8');
  await writeFile(
    join(scratch, 'bin/insmod'),
    works.replace(
      '# refusals\n',
      `[[ $1 != *${module}* ]] || { echo '${kernelLine}' >>dmesg
        echo "insmod: ERROR: could not insert module $1: ${message}" >&2; exit 1; }\n`,
    ),
  );
}

async function loaded(): Promise<string[]> {
  const modules = await readFile(join(scratch, 'proc/modules'), 'utf8');
  return modules
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.endsWith('_so1'))
    .sort();
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const giveUp = performance.now() + 300_000;
  while (!(await holds())) {
    assert.ok(performance.now() < giveUp, `not within 300 s: ${what}`);
    await delay(20);
  }
}

/** Measures from the first call of rmmod: the start of the script does not count. */
async function timed(unloading: Promise<Finished>): Promise<Finished & { tookMs: number }> {
  await until('rmmod is called', () => exists('tried'));
  const began = performance.now();
  const ended = await unloading;
  return { ...ended, tookMs: performance.now() - began };
}

const exists = (name: string): Promise<boolean> =>
  readFile(join(scratch, name)).then(
    () => true,
    () => false,
  );

/** Starts a process that holds the scripts' lock until its standard input ends. */
async function hold(): Promise<ChildProcess> {
  const holder = spawn('flock', [join(scratch, 'lock'), 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  return holder;
}

beforeEach(async () => {
  assert.equal(process.getuid?.(), 0, 'these tests must run as root: the scripts require it');
  scratch = await mkdtemp(join(tmpdir(), 'vigia-modules-'));
  for (const part of ['bin', 'proc', 'kernel', 'lib']) await mkdir(join(scratch, part));
  await writeFile(join(scratch, 'proc/modules'), 'ext4 999 1 - Live 0x0\n');
  await writeFile(join(scratch, 'dmesg'), '[    1.0] Linux version\n[    2.0] continfo_so1: an older line\n');
  for (const module of MODULES) await writeFile(join(scratch, `kernel/${module}.ko`), release());
  await writeFile(join(scratch, 'kernel/Makefile'), '');
  env = {
    PATH: `${join(scratch, 'bin')}:${process.env['PATH']}`,
    VIGIA_PROC: join(scratch, 'proc'),
    VIGIA_KERNEL_DIR: join(scratch, 'kernel'),
    VIGIA_LIB_MODULES: join(scratch, 'lib'),
    VIGIA_MODULES_LOCK: join(scratch, 'lock'),
  };
  await fakeTool(
    'insmod',
    `module=\${1##*/}; module=\${module%.ko}; shift\nset -- "$module" "$@"\n# refusals\n${registerModule('$module', '"$@"')}`,
  );
  await fakeTool('modprobe', 'exit 1');
  await fakeTool('modinfo', 'echo "$(cat "$3") SMP preempt mod_unload"');
  await fakeTool('rmmod', `echo "$1" >>removed; sed -i "/^$1 /d" proc/modules; rm -f proc/"$1"_*`);
  await fakeTool('dmesg', 'cat dmesg');
  await fakeTool('make', 'echo "make: *** no rule" >&2; exit 2');
});

afterEach(() => rm(scratch, { recursive: true }));

suite('load-modules.sh', () => {
  test('loads both modules; a second run finds both loaded', async () => {
    assert.deepEqual(await load(), {
      status: 0,
      lines: ['continfo_so1 loaded', 'sysinfo_so1 loaded'],
      stderr: '',
    });
    assert.deepEqual(await load(), {
      status: 0,
      lines: ['continfo_so1 already-loaded', 'sysinfo_so1 already-loaded'],
      stderr: '',
    });
  });

  test('passes carnet and group to each module', async () => {
    assert.equal((await load('--carnet', '20-A_b', '--gid=0042')).status, 0);
    for (const module of MODULES) {
      const parameters = await readFile(join(scratch, `proc/${module}_20-A_b`), 'utf8');
      assert.equal(parameters, `${module} carnet=20-A_b gid=42\n`);
    }
  });

  test('passes no group when none is given', async () => {
    await load();
    assert.equal(
      await readFile(join(scratch, 'proc/sysinfo_so1_201903553'), 'utf8'),
      'sysinfo_so1 carnet=201903553\n',
    );
  });

  test('loads only the module that is missing', async () => {
    await load();
    await unload('continfo_so1');
    assert.deepEqual((await load()).lines, ['continfo_so1 loaded', 'sysinfo_so1 already-loaded']);
  });

  test('a carnet that differs from the loaded one is an error that says how to unload', async () => {
    await load();
    const { status, lines, stderr } = await load('--carnet', 'other');
    assert.equal(status, 1);
    assert.match(lines.join(), /^reason\tmodule-other-carnet\t/);
    assert.match(
      stderr,
      /publishes .*continfo_so1_201903553, not .*continfo_so1_other.*unload-modules\.sh"$/m,
    );
    assert.deepEqual(await loaded(), [...MODULES]);
  });

  test('in the package it says which units to restart instead', async () => {
    env['VIGIA_PACKAGE_DIR'] = join(scripts, '..');
    await load();
    const { status, stderr } = await load('--carnet', 'other');
    assert.equal(status, 1);
    assert.match(stderr, /with carnet other, .*run "systemctl restart vigia-modules vigia vigia-page"$/m);
  });

  test('another carnet: once the old modules are unloaded, they are loaded with the new one', async () => {
    await load();
    assert.deepEqual((await unload()).lines, ['sysinfo_so1 unloaded', 'continfo_so1 unloaded']);
    assert.equal((await load('--carnet', 'other')).status, 0);
    assert.equal(await exists('proc/continfo_so1_other'), true);
    assert.equal(await exists('proc/continfo_so1_201903553'), false);
  });

  test('a service of the package that may not load modules says which one does, and tries nothing', async () => {
    env['VIGIA_PACKAGE_DIR'] = join(scripts, '..');
    await mkdir(join(scratch, 'proc/self'));
    const capabilities = (hex: string) =>
      writeFile(join(scratch, 'proc/self/status'), `Name:\tx\nCapEff:\t${hex}\n`);
    // CAP_CHOWN and CAP_SYS_PTRACE, as vigia.service has them.
    await capabilities('0000000000080001');
    const { status, stderr } = await load();
    assert.equal(status, 3);
    assert.match(stderr, /may not load continfo_so1 sysinfo_so1; .*systemctl status vigia-modules/);
    assert.match(stderr, /run "systemctl restart vigia-modules vigia vigia-page"$/m);
    assert.deepEqual(await loaded(), []);
    // Every capability of a kernel with 41 of them.
    await capabilities('000001ffffffffff');
    assert.equal((await load()).status, 0);
    await capabilities('0000000000080001');
    assert.equal((await load()).status, 0, 'what is loaded may be used');
  });

  test('a group that differs from the loaded one is a warning', async () => {
    await load();
    const { status, stderr } = await load('--gid', '4242');
    assert.equal(status, 0);
    assert.match(stderr, /warning: sysinfo_so1 is already loaded and its file belongs to group 0, not 4242/);
  });

  test('when the second module is refused, the first is unloaded again', async () => {
    await insmodFails('sysinfo_so1', 'Cannot allocate memory');
    const { status, lines, stderr } = await load();
    assert.equal(status, 3);
    assert.match(lines.join(), /^reason\tinsert-failed\twhat=sysinfo_so1/);
    assert.match(stderr, /continfo_so1 is unloaded again/);
    assert.match(
      stderr.trim().split('\n').at(-1) ?? '',
      /could not load sysinfo_so1/,
      'the reason comes last',
    );
    assert.deepEqual(await loaded(), []);
  });

  test('a module that was loaded before stays when the second is refused', async () => {
    await load();
    await unload('sysinfo_so1');
    await insmodFails('sysinfo_so1', 'Cannot allocate memory');
    assert.equal((await load()).status, 3);
    assert.deepEqual(await loaded(), ['continfo_so1']);
  });

  test('a signal while a module is being inserted leaves no module loaded', async () => {
    const inserts = await readFile(join(scratch, 'bin/insmod'), 'utf8');
    await writeFile(
      join(scratch, 'bin/insmod'),
      `${inserts}\nuntil [[ -e inserted ]]; do sleep 0.02; done\n`,
    );
    const loading = spawn(join(scripts, 'load-modules.sh'), { env, stdio: 'ignore' });
    const ended = once(loading, 'exit');
    await until('the first is being inserted', async () => (await loaded()).length === 1);
    loading.kill();
    await writeFile(join(scratch, 'inserted'), '');
    assert.deepEqual(await ended, [143, null]);
    assert.deepEqual(await loaded(), []);
  });

  test('the largest possible group is accepted', async () => {
    assert.equal((await load('--gid', '4294967294')).status, 0);
    const content = await readFile(join(scratch, 'proc/sysinfo_so1_201903553'), 'utf8');
    assert.equal(content, 'sysinfo_so1 carnet=201903553 gid=4294967294\n');
  });

  test('a module that creates no file in /proc is unloaded again', async () => {
    await fakeTool('insmod', 'module=$(basename "$1" .ko); echo "$module 1 0 - Live 0x0" >>proc/modules');
    const { status, stderr } = await load();
    assert.equal(status, 1);
    assert.match(stderr, /continfo_so1 is loaded and publishes no file/);
    assert.deepEqual(await loaded(), []);
  });

  test('of two runs at once one loads, the other waits and finds both loaded', async () => {
    const ends = await Promise.all([load(), load()]);
    assert.deepEqual(ends.map(({ lines }) => lines.join()).sort(), [
      'continfo_so1 already-loaded,sysinfo_so1 already-loaded',
      'continfo_so1 loaded,sysinfo_so1 loaded',
    ]);
  });

  test('it waits while another process holds its lock', async (t) => {
    const holder = await hold();
    t.after(() => holder.stdin?.end());
    let ended = false;
    const waiting = load().finally(() => {
      ended = true;
    });
    await delay(300);
    assert.equal(ended, false);
    assert.deepEqual(await loaded(), []);
    holder.stdin?.end();
    assert.equal((await waiting).status, 0);
  });

  for (const args of [
    ['--carnet'],
    ['--carnet', ''],
    ['--carnet', '../x'],
    ['--carnet', 'a b'],
    ['--carnet', 'x'.repeat(33)],
    ['--gid', 'vigia'],
    ['--gid', '-1'],
    ['--gid', '4294967295'],
    ['--gid='],
    ['now'],
  ]) {
    test(`"${args.join(' ')}" is refused with exit code 2`, async () => {
      const { status, stderr } = await load(...args);
      assert.equal(status, 2);
      assert.match(stderr, /^load-modules: .*(give|needs a value|unknown argument)/);
      assert.deepEqual(await loaded(), []);
    });
  }
});

suite('unload-modules.sh', () => {
  test('unloads both in reverse order, and succeeds when there is nothing to do', async () => {
    await load();
    const first = await unload();
    assert.deepEqual(first, {
      status: 0,
      lines: ['sysinfo_so1 unloaded', 'continfo_so1 unloaded'],
      stderr: '',
    });
    const again = await unload();
    assert.deepEqual([again.status, again.lines], [0, ['sysinfo_so1 not-loaded', 'continfo_so1 not-loaded']]);
    await rm(join(scratch, 'proc/modules'));
    assert.equal((await unload()).status, 0);
  });

  test('vigia modules unload finds the modules of any carnet, whatever the configuration says now', async () => {
    await load('--carnet', 'former');
    await writeFile(join(scratch, 'config.yaml'), 'carnet: "../wrong"\n');
    const vigia = [join(scripts, '../daemon/src/cli/vigia.ts'), '--config', join(scratch, 'config.yaml')];
    await promisify(execFile)(process.execPath, [...vigia, 'modules', 'unload'], { env });
    assert.deepEqual(await loaded(), []);
  });

  test('unloads only the module that is named', async () => {
    await load();
    assert.deepEqual((await unload('continfo_so1')).lines, ['continfo_so1 unloaded']);
    assert.deepEqual(await loaded(), ['sysinfo_so1']);
  });

  test('waits for a reader of the file', async () => {
    await load();
    await fakeTool(
      'rmmod',
      `echo "$1" >>tried
      [[ -e free || $1 != sysinfo_so1 ]] || { echo "rmmod: ERROR: Module $1 is in use" >&2; exit 1; }
      sed -i "/^$1 /d" proc/modules`,
    );
    const waiting = unload();
    await until('it has tried twice', async () => {
      const tried = await readFile(join(scratch, 'tried'), 'utf8').catch(() => '');
      return tried.split('\n').length > 2;
    });
    await writeFile(join(scratch, 'free'), '');
    assert.deepEqual((await waiting).lines, ['sysinfo_so1 unloaded', 'continfo_so1 unloaded']);
  });

  test('gives up after the given time, and names the reader', async () => {
    await load();
    await mkdir(join(scratch, 'proc/77/fd'), { recursive: true });
    await writeFile(join(scratch, 'proc/77/comm'), 'slow-reader\n');
    await new Promise((resolve) =>
      execFile('ln', ['-s', '/proc/sysinfo_so1_201903553', join(scratch, 'proc/77/fd/3')], resolve),
    );
    await fakeTool('rmmod', 'touch tried; echo "rmmod: ERROR: Module $1 is in use" >&2; exit 1');
    const { status, stderr, tookMs } = await timed(unload('--wait', '1'));
    assert.equal(status, 1);
    assert.ok(tookMs < 4000, `${tookMs} ms`);
    assert.match(stderr, /sysinfo_so1 is still loaded after 1 s: .*in use.*Read by: 77 \(slow-reader\)/);
    env['VIGIA_PACKAGE_DIR'] = join(scripts, '..');
    assert.match((await unload('--wait', '0')).stderr, /"systemctl restart vigia-modules vigia vigia-page"/);
  });

  test('gives up after the given time even when rmmod does not return', async () => {
    await load();
    await fakeTool('rmmod', 'touch tried; until [[ -e go ]]; do sleep 0.05; done; touch gone');
    const { status, stderr, tookMs } = await timed(unload('--wait', '1'));
    assert.equal(status, 1);
    assert.ok(tookMs < 5000, `${tookMs} ms`);
    assert.match(stderr, /the kernel is waiting for a read to end/);
    await writeFile(join(scratch, 'go'), '');
    await until('the abandoned rmmod has ended', () => exists('gone'));
  });

  test('any other refusal is reported at once', async () => {
    await load();
    await fakeTool('rmmod', 'echo "rmmod: ERROR: could not remove: Operation not permitted" >&2; exit 1');
    const { status, stderr } = await unload();
    assert.equal(status, 1);
    assert.match(stderr, /sysinfo_so1 could not be unloaded: .*Operation not permitted/);
  });

  for (const args of [['ext4'], ['--wait'], ['--wait', '301'], ['--wait', 'x'], ['--force']]) {
    test(`"${args.join(' ')}" is refused with exit code 2`, async () => {
      await load();
      const { status } = await unload(...args);
      assert.equal(status, 2);
      assert.deepEqual(await loaded(), [...MODULES]);
    });
  }
});
