import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { after, before, test } from 'node:test';
import { BpfIterator } from '../../daemon/src/sense/bpf-iterator.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';
import { compare, type Differences, table } from './differential.ts';
import { PrivateBpffs } from './pinned.ts';
import { CONTAINER, Tree } from './tree.ts';

/** The BPF sensor on this machine's own kernel, against /proc. */
let bpffs: PrivateBpffs;
let sensor: BpfIterator;
before(() => {
  bpffs = new PrivateBpffs();
  const loaded = bpffs.script('load-bpf.sh');
  assert.equal(loaded.status, 0, loaded.stderr);
  sensor = new BpfIterator(bpffs.pin);
});
after(() => bpffs[Symbol.dispose]());

/** How far resident sizes may be from the truth: see contract/FIELDS.md. */
async function rssTolerance(threads: number): Promise<number> {
  const { rssSource } = await sensor.readTasks();
  const batch = Math.max(32, 2 * availableParallelism());
  return { summed: 0, approximate: 3 * 4 * batch * availableParallelism(), atomic: 4 * 64 * 16 * threads }[
    rssSource
  ];
}

async function assertExact(differences: Differences): Promise<void> {
  const tolerance = await rssTolerance(6);
  for (const [field, { largest, of }] of differences)
    assert.ok(largest <= (field === 'rssKb' ? tolerance : 0), `${field} differs by ${largest}: ${of}`);
}

test('every field of 1,000 stopped processes is what /proc says', async () => {
  await using tree = await Tree.start(1000, Date.now() % 1e6);
  // A command line that comes too late, in a slow machine, is there in the next reading.
  await sensor.read();
  const bpf = await compare(tree, () => sensor.read());
  const procfs = await compare(tree, () => new Procfs().read());
  console.log(table({ BPF: bpf, '/proc': procfs }));
  console.log(`resident sizes: ${(await sensor.readTasks()).rssSource}`);
  await assertExact(bpf);
});

test('a process whose main thread has ended is counted with its memory, in its container', async () => {
  await using tree = await Tree.start(7, 1);
  const { processes, containers } = await sensor.read();
  const [leaderless] = [...tree.kinds].find(([, kind]) => kind === 'leaderless') ?? [];
  const process = processes.find(({ pid }) => pid === leaderless);
  assert.ok(process && process.rssKb > 20_000, JSON.stringify(process));
  assert.equal(process.state, 'Z');
  assert.ok((containers.get(CONTAINER)?.rssKb ?? 0) > 30_000);
});

test('while processes begin and end, each reading is whole and lacks no process that lives', async () => {
  await using tree = await Tree.start(50, 2);
  const storm = spawn('sh', ['-c', 'while :; do for i in 1 2 3 4; do true & /bin/true & done; wait; done'], {
    stdio: 'ignore',
    detached: true,
  });
  try {
    for (let i = 0; i < 200; i += 1) {
      const { processes, bootNs } = await sensor.readTasks();
      const pids = new Set(processes.map(({ pid }) => pid));
      assert.equal(pids.size, processes.length);
      for (const pid of tree.kinds.keys()) assert.ok(pids.has(pid), `${pid} is missing`);
      for (const { pid, startNs, cpuTimeNs, threads } of processes) {
        assert.ok(startNs <= bootNs, `${pid} starts ${startNs - bootNs} ns later than the reading ends`);
        assert.ok(
          cpuTimeNs <= (bootNs - startNs) * availableParallelism() + 1e9,
          `${pid}: ${cpuTimeNs} ns of CPU time in ${bootNs - startNs}`,
        );
        assert.ok(threads >= 0 && threads < 1e6, `${pid}: ${threads} threads`);
      }
    }
  } finally {
    process.kill(-(storm.pid ?? 0), 'SIGKILL');
  }
});

const programs = () =>
  (
    JSON.parse(spawnSync('bpftool', ['--json', 'prog', 'show'], { encoding: 'utf8' }).stdout) as {
      name?: string;
    }[]
  ).filter(({ name }) => name === 'tasks').length;

test('after many loads and unloads nothing stays pinned or loaded', () => {
  using other = new PrivateBpffs();
  const before = programs();
  assert.ok(before >= 1, 'bpftool shows the program');
  for (let i = 0; i < 20; i += 1) {
    assert.equal(other.script('load-bpf.sh').stdout, 'tasks loaded\n');
    assert.equal(other.script('load-bpf.sh').stdout, 'tasks already-loaded\n');
    assert.equal(programs(), before + 1);
    assert.equal(other.script('unload-bpf.sh').stdout, 'tasks unloaded\n');
    assert.equal(other.script('unload-bpf.sh').stdout, 'tasks not-loaded\n');
  }
  assert.equal(programs(), before);
  assert.deepEqual(
    readdirSync(other.path).filter((name) => !name.endsWith('.debug')),
    [],
  );
});

test('only root and the members of one group can open the iterator', () => {
  using other = new PrivateBpffs();
  const member = 4242;
  assert.equal(other.script('load-bpf.sh', '--gid', `${member}`).status, 0);
  const opens = (...groups: string[]): boolean =>
    spawnSync('setpriv', ['--reuid', '65534', '--regid', '65534', ...groups, 'head', '-c', '1', other.pin])
      .status === 0;
  assert.equal(statSync(other.pin).mode & 0o777, 0o440);
  // The folder of the test is in the way of every other user; its mount point is not.
  spawnSync('chmod', ['755', other.path]);
  assert.equal(opens('--groups', `${member}`), true);
  assert.equal(opens('--clear-groups'), false);
});

test('CAP_BPF and CAP_PERFMON are enough to load it, and without them it is refused', () => {
  using other = new PrivateBpffs();
  const load = (capabilities: string) =>
    spawnSync(
      'setpriv',
      ['--bounding-set', `-all${capabilities}`, '--inh-caps', '-all', 'scripts/load-bpf.sh'],
      {
        encoding: 'utf8',
        env: { ...process.env, VIGIA_BPFFS: other.path, VIGIA_BPF_LOCK: `${other.path}.lock` },
      },
    );
  const refused = load('');
  assert.equal(refused.status, 3);
  assert.match(refused.stdout, /^reason\tloader-not-allowed\t/m);
  assert.equal(load(',+bpf,+perfmon').status, 0);
});
