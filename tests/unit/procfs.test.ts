import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { isUnified } from '../../daemon/src/engine/cgroup-files.ts';
import type { ProcessSample } from '../../daemon/src/model/snapshot.ts';
import { commandLineOf } from '../../daemon/src/sense/command-line.ts';
import { walkProc } from '../../daemon/src/sense/proc-walk.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';
import { type Reading, SensorError } from '../../daemon/src/sense/reading.ts';

const scratch = mkdtempSync(join(tmpdir(), 'vigia-procfs-'));
const hostile = join(scratch, 'hostile');
const NOBODY = 65_534;

before(() => {
  execFileSync('cc', ['-O1', '-pthread', '-o', hostile, join(import.meta.dirname, 'hostile-process.c')]);
  // The test runs as root, the hostile process without privileges.
  execFileSync('chmod', ['755', scratch]);
});
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Starts one of the hostile processes, and waits until it is what it wants to be. */
async function start(t: TestContext, ...args: string[]): Promise<number> {
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child: ChildProcess = spawn(hostile, args, { stdio: ['ignore', 'pipe', 'inherit'], ...user });
  t.after(() => child.kill('SIGKILL'));
  assert.ok(child.stdout && child.pid);
  const [said] = await once(child.stdout, 'data');
  assert.equal(String(said), 'ready\n');
  return child.pid;
}

/** A hostile process that needs root; null where the kernel cannot do what it does. */
async function startAsRoot(t: TestContext, ...args: string[]): Promise<number | null> {
  const child = spawn(hostile, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  assert.ok(child.pid);
  const said = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return String(said[0]) === 'ready\n' ? child.pid : null;
}

/** What a reading of this host says about a process. */
async function seen(pid: number): Promise<ProcessSample> {
  await using sensor = new Procfs();
  const found = (await sensor.read()).processes.find((one) => one.pid === pid);
  assert.ok(found);
  return found;
}

const isMiB = (kb: number, mib: number) => assert.ok(kb > mib * 1024 && kb < (mib + 16) * 1024, `${kb} KiB`);

test('arguments of 1 MB of NULs are read to the bound', async (t) => {
  const { cmdline } = await seen(await start(t, 'nul', '1024'));
  assert.equal(cmdline, '…');
});

test('of 1 MB of arguments the first 512 bytes are kept', async (t) => {
  const { cmdline } = await seen(await start(t, 'arguments', '1024'));
  assert.match(cmdline ?? '', /^hostile arguments a+…$/);
  assert.equal(cmdline?.length, 513);
});

test('arguments in a mapping of 400 MB cost nothing, and are not read into memory', async (t) => {
  const pid = await start(t, 'mapped', '400');
  const { cmdline, rssKb } = await seen(pid);
  assert.equal(cmdline, 'x…');
  assert.ok(rssKb < 16 * 1024, 'the kernel would fill each page that is read');
});

for (const name of ['\rVmRSS: 0', '\u2028Uid: 0', ') S 1 0 0', '\nrss 1', '((()))', ' ', 'a) R (b'])
  test(`a process named ${JSON.stringify(name)} has its own memory, user and name`, async (t) => {
    const found = await seen(await start(t, 'name', name, '40'));
    isMiB(found.rssKb, 40);
    assert.equal(found.name, name);
    assert.equal(found.ppid, process.pid);
    assert.equal(found.state, 'S');
    assert.equal(found.uid, process.getuid?.() === 0 ? NOBODY : process.getuid?.());
  });

test('a process that cannot be dumped does not pass for a process of root', async (t) => {
  const { uid, rssKb } = await seen(await start(t, 'guarded', '40'));
  assert.equal(uid, process.getuid?.() === 0 ? NOBODY : process.getuid?.());
  isMiB(rssKb, 40);
});

test('a process whose main thread has ended has the memory and the cgroup of its other threads', async (t) => {
  const pid = await start(t, 'leader', '40');
  // The other thread may be ready before the main thread has ended.
  let found = await seen(pid);
  while (found.state !== 'Z') found = await seen(pid);
  assert.equal(found.threads, 2);
  isMiB(found.rssKb, 40);
  assert.match(found.cmdline ?? '', /hostile leader 40$/);
});

/** A folder in the place of /proc, with one process for each entry. */
class Fixture {
  readonly proc = mkdtempSync(join(scratch, 'proc-'));

  constructor() {
    for (const file of ['meminfo', 'uptime', 'stat'])
      writeFileSync(join(this.proc, file), readFileSync(`/proc/${file}`));
  }

  add(
    pid: number,
    { name = Buffer.from('sh'), cgroup = '/', state = 'S', threads = 1, pages = '500 100' } = {},
  ) {
    const directory = join(this.proc, String(pid));
    mkdirSync(directory);
    this.#files(directory, pid, name, cgroup, state, threads, pages);
    return directory;
  }

  /** Another thread of a process. */
  addThread(pid: number, tid: number, cgroup: string, pages: string): void {
    const directory = join(this.proc, `${pid}/task/${tid}`);
    mkdirSync(directory, { recursive: true });
    this.#files(directory, tid, Buffer.from('sh'), cgroup, 'S', 2, pages);
  }

  #files(
    directory: string,
    pid: number,
    name: Buffer,
    cgroup: string,
    state: string,
    threads: number,
    pages: string,
  ): void {
    const rest = `) ${state} 1 1 1 0 -1 4194560 9 9 9 9 30 12 0 0 20 0 ${threads} 0 7700 2048000 100 0\n`;
    writeFileSync(join(directory, 'stat'), Buffer.concat([Buffer.from(`${pid} (`), name, Buffer.from(rest)]));
    writeFileSync(join(directory, 'statm'), `${pages} 10 1 0 10 0\n`);
    writeFileSync(join(directory, 'cgroup'), `5:memory:${cgroup}\n0::${cgroup}\n`);
    writeFileSync(join(directory, 'io'), 'rchar: 1\nwchar: 2\nsyscr: 3\nread_bytes: 40\nwrite_bytes: 50\n');
    writeFileSync(join(directory, 'cmdline'), 'sh\0-c\0true\0');
  }
}

const A = 'a'.repeat(64);

test('whatever the bytes of a name and of the arguments, the figures and the cgroup are the right ones', () => {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
  // Pieces of the formats that a hostile process would imitate.
  const pieces = fc.constantFrom(') S 1 ', '\n', '\r', '\0', '(', ')', ' ', 'VmRSS: 0', '\u2028', '9999 ');
  const name = fc.oneof(
    bytes(15),
    fc.array(pieces, { maxLength: 4 }).map((parts) => Buffer.from(parts.join('')).subarray(0, 15)),
  );
  fc.assert(
    fc.property(name, bytes(700), (comm, cmdline) => {
      const fixture = new Fixture();
      const directory = fixture.add(7, { name: Buffer.from(comm), cgroup: `/docker/${A}` });
      writeFileSync(join(directory, 'cmdline'), cmdline);
      const reading = walkProc(new Set(), fixture.proc);
      const { name: _, ...found } = reading.processes[0] ?? assert.fail();
      assert.deepEqual(
        [found.pid, found.ppid, found.state, found.threads, found.startNs, found.cpuTimeNs],
        [7, 1, 'S', 1, 77e9, 420e6],
      );
      assert.deepEqual([found.vszKb, found.rssKb], [2000, 400]);
      assert.deepEqual([found.ioReadBytes, found.ioWriteBytes, found.containerId], [40, 50, A]);
      assert.equal(reading.containers.get(A)?.rssKb, 400);
      const text = commandLineOf(cmdline.slice(), 512);
      assert.ok(text.length <= 513 && !text.includes('\0'));
      rmSync(fixture.proc, { recursive: true });
    }),
    { numRuns: 200 },
  );
});

test('a command line: blanks between the arguments, none at the end, a mark where it is cut', () => {
  const line = (text: string | number[], most = 512) => commandLineOf(Buffer.from(text as string), most);
  assert.equal(line('a\0\0b\0'), 'a  b');
  assert.equal(line(''), '');
  assert.equal(line('\0\0\0'), '');
  assert.equal(line('abcdef', 6), 'abcdef');
  assert.equal(line('abcdefg', 6), 'abcdef…');
  assert.equal(line('abcd€f', 6), 'abcd…', 'the character that does not fit is left out');
  assert.equal(line('abc€f', 6), 'abc€…');
  assert.equal(line([0x61, 0xff, 0xff, 0x62], 3), 'a\ufffd\ufffd…');
});

test('the main thread has ended: its container is that of a thread that lives', () => {
  const fixture = new Fixture();
  fixture.add(9, { state: 'Z', threads: 3, pages: '0 0' });
  fixture.addThread(9, 9, '/', '0 0');
  fixture.addThread(9, 10, '/', '0 0');
  fixture.addThread(9, 11, `/docker/${A}`, '500 100');
  const { processes, containers } = walkProc(new Set(), fixture.proc);
  assert.deepEqual([processes[0]?.rssKb, processes[0]?.containerId], [400, A]);
  assert.equal(containers.get(A)?.processCount, 1);
});

test('a process in a cgroup that only bears the ID of a container is not shown as its process', () => {
  const fixture = new Fixture();
  fixture.add(20, { cgroup: `/docker/${A}` });
  fixture.add(21, { cgroup: `/system.slice/web.service/docker-${A}.scope`, pages: '500 9999' });
  fixture.add(22, { cgroup: `/user.slice/user-1000.slice/user@1000.service/docker-${A}.scope` });
  const { processes, containers } = walkProc(new Set(), fixture.proc);
  assert.deepEqual(
    processes.map(({ pid, containerId }) => [pid, containerId]),
    [
      [20, A],
      [21, null],
      [22, null],
    ],
  );
  assert.deepEqual([containers.get(A)?.rssKb, containers.get(A)?.processCount], [400, 1]);
});

test('a host without the memory controller: the container is that of another one', () => {
  const fixture = new Fixture();
  const directory = fixture.add(30);
  writeFileSync(join(directory, 'cgroup'), `5:pids:/docker/${A}\n2:cpu,cpuacct:/docker/${A}\n0::/\n`);
  const expected = isUnified() ? undefined : 1;
  assert.equal(walkProc(new Set(), fixture.proc).containers.get(A)?.processCount, expected);
});

test('processes beyond those that are listed still count, and belong to their containers', () => {
  const fixture = new Fixture();
  for (let pid = 1; pid <= 30; pid += 1) fixture.add(pid, { cgroup: `/docker/${A}` });
  const { processes, processCounts, containers } = walkProc(new Set(), fixture.proc, 10);
  assert.deepEqual([processes.length, processCounts.total], [10, 30]);
  assert.deepEqual([containers.get(A)?.processCount, containers.get(A)?.rssKb], [30, 12_000]);
});

/** A file whose reader waits until `release`, or the end of the test. */
function hang(t: TestContext, file: string): { release(): void } {
  rmSync(file, { force: true });
  execFileSync('mkfifo', [file]);
  // Opened for both, a pipe waits for no reader.
  const release = () => closeSync(openSync(file, constants.O_RDWR | constants.O_NONBLOCK));
  t.after(release);
  return { release };
}

const lines = ({ processes }: Reading) => processes.map(({ pid, cmdline }) => [pid, cmdline]);
const LONG_MS = 60_000;

test('a command line that hangs costs one reading its command lines, and is not read again', async (t) => {
  const fixture = new Fixture();
  fixture.add(1);
  const hanging = hang(t, join(fixture.add(2), 'cmdline'));
  fixture.add(3);
  const sensor = new Procfs(fixture.proc, { readingMs: LONG_MS, commandLinesMs: 3000 });
  const first = await sensor.read();
  assert.deepEqual(lines(first), [
    [1, null],
    [2, null],
    [3, null],
  ]);
  assert.equal(first.processes[1]?.rssKb, 400, 'its figures are known');
  assert.deepEqual(lines(await sensor.read()), [
    [1, 'sh -c true'],
    [2, null],
    [3, 'sh -c true'],
  ]);
  hanging.release();
  await sensor[Symbol.asyncDispose]();
});

test('three threads hang in command lines at most; then none is read until one has ended', async (t) => {
  const fixture = new Fixture();
  const hanging = [1, 2, 3, 4].map((pid) => hang(t, join(fixture.add(pid), 'cmdline')));
  fixture.add(5);
  const sensor = new Procfs(fixture.proc, { readingMs: LONG_MS, commandLinesMs: 1000 });
  const unread = [1, 2, 3, 4, 5].map((pid) => [pid, null]);
  // Each of these loses a thread, in the command line of another process.
  for (let reading = 1; reading <= 3; reading += 1) assert.deepEqual(lines(await sensor.read()), unread);
  const begun = performance.now();
  for (let reading = 4; reading <= 6; reading += 1) assert.deepEqual(lines(await sensor.read()), unread);
  t.diagnostic(`${((performance.now() - begun) / 3).toFixed(0)} ms for each reading without command lines`);
  // What hung is not read again, also when the threads have ended.
  for (const one of hanging) one.release();
  rmSync(join(fixture.proc, '4/cmdline'));
  writeFileSync(join(fixture.proc, '4/cmdline'), 'sh\0-c\0true\0');
  let read = await sensor.read();
  while (read.processes.at(-1)?.cmdline === null) read = await sensor.read();
  assert.deepEqual(lines(read), [...unread.slice(0, 3), [4, 'sh -c true'], [5, 'sh -c true']]);
  await sensor[Symbol.asyncDispose]();
});

test('when all of /proc hangs, no more than four threads wait for it', async (t) => {
  const fixture = new Fixture();
  const hanging = hang(t, join(fixture.proc, 'uptime'));
  const sensor = new Procfs(fixture.proc, { readingMs: 2000, commandLinesMs: LONG_MS });
  const threads = () => readdirSync('/proc/self/task').length;
  const isTooLate = (error: unknown) =>
    error instanceof SensorError && error.reason.code === 'proc-not-read-in-time';
  for (let reading = 1; reading <= 4; reading += 1) await assert.rejects(sensor.read(), isTooLate);
  const four = threads();
  for (let reading = 5; reading <= 7; reading += 1) await assert.rejects(sensor.read(), isTooLate);
  assert.equal(threads(), four);
  hanging.release();
  await sensor[Symbol.asyncDispose]();
});

test('a process whose arguments cannot be read, because its page faults are never answered', async (t) => {
  const pid = await startAsRoot(t, 'fault', '1');
  assert.ok(pid !== null, 'this kernel has no userfaultfd');
  const sensor = new Procfs('/proc', { readingMs: LONG_MS, commandLinesMs: 2000 });
  const own = ({ processes }: Reading, of: number) => processes.find((one) => one.pid === of);
  const first = await sensor.read();
  // Some kernels give up at once and show nothing; others wait, and then the first reading has no command lines.
  assert.equal(own(first, pid)?.cmdline ?? '', '');
  assert.ok((own(first, pid)?.rssKb ?? 0) > 0, 'its figures are known');
  assert.match(own(await sensor.read(), process.pid)?.cmdline ?? '', /node/);
  process.kill(pid, 'SIGKILL');
  await sensor[Symbol.asyncDispose]();
});

test('when memory runs out, no command line is awaited', async (t) => {
  const fixture = new Fixture();
  const hanging = hang(t, join(fixture.add(1), 'cmdline'));
  const sensor = new Procfs(fixture.proc, { readingMs: LONG_MS, commandLinesMs: LONG_MS });
  assert.deepEqual(lines(await sensor.read(new Set(), AbortSignal.abort())), [[1, null]]);
  const urgent = new AbortController();
  const reading = sensor.read(new Set(), urgent.signal);
  setTimeout(() => urgent.abort(), 50);
  assert.deepEqual(lines(await reading), [[1, null]]);
  hanging.release();
  await sensor[Symbol.asyncDispose]();
});

test('a thread that does not answer is a fault with its reason, and is replaced', async (t) => {
  const fixture = new Fixture();
  const hanging = hang(t, join(fixture.proc, 'uptime'));
  const sensor = new Procfs(fixture.proc, { readingMs: 2000, commandLinesMs: LONG_MS });
  await assert.rejects(
    sensor.read(),
    (error) => error instanceof SensorError && error.reason.code === 'proc-not-read-in-time',
  );
  hanging.release();
  rmSync(join(fixture.proc, 'uptime'));
  writeFileSync(join(fixture.proc, 'uptime'), '77.00 7.00\n');
  fixture.add(5);
  assert.deepEqual(lines(await sensor.read()), [[5, 'sh -c true']]);
  await sensor[Symbol.asyncDispose]();
});

test('what cannot be read is a fault with its reason, and the next reading is whole', async () => {
  const fixture = new Fixture();
  const meminfo = readFileSync('/proc/meminfo');
  writeFileSync(join(fixture.proc, 'meminfo'), 'nothing');
  await using sensor = new Procfs(fixture.proc);
  await assert.rejects(
    sensor.read(),
    (error) => error instanceof SensorError && error.reason.code === 'meminfo-lacks',
  );
  writeFileSync(join(fixture.proc, 'meminfo'), meminfo);
  assert.equal((await sensor.read()).memory.totalKb > 0, true);
});

for (const isHanging of [false, true])
  test(`a process ends with its own exit code when ${isHanging ? 'a' : 'no'} thread hangs`, (t) => {
    const fixture = new Fixture();
    const directory = fixture.add(1);
    if (isHanging) hang(t, join(directory, 'cmdline'));
    const file = join(scratch, 'ends.mjs');
    writeFileSync(
      file,
      `import { Procfs } from ${JSON.stringify(join(import.meta.dirname, '../../daemon/src/sense/procfs.ts'))};
      const sensor = new Procfs(${JSON.stringify(fixture.proc)}, { readingMs: 60_000, commandLinesMs: 200 });
      await sensor.read();
      await sensor[Symbol.asyncDispose]();
      process.exitCode = 7;`,
    );
    const { status, signal } = spawnSync(process.execPath, [file], {
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    assert.deepEqual([status, signal], [7, null]);
  });
