import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { release } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ProcessSample } from '../../daemon/src/model/snapshot.ts';
import { BpfIterator } from '../../daemon/src/sense/bpf-iterator.ts';
import { KernelModules } from '../../daemon/src/sense/kernel-modules.ts';
import { PreferredSensor } from '../../daemon/src/sense/preferred.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';
import { compare, type Differences, table } from '../bpf/differential.ts';
import { Tree } from '../bpf/tree.ts';
import { config } from '../unit/builders.ts';
import { CARNET, load, ROOT, unload } from './kit.ts';

/** The kernel modules, the BPF iterator and /proc against each other, on the same stopped processes. */
const PROCESSES = 200;
const [major = 0, minor = 0] = release().split('.').map(Number);
const takesBpf = major > 5 || (major === 5 && minor >= 15);
const script = (name: string) =>
  spawnSync(join(ROOT, 'scripts', name), { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });

before(() => {
  load();
});
after(() => {
  script('unload-bpf.sh');
  unload();
});

/** Fields that a sensor reports differently by design are compared where they are the same. */
const exact = (sensor: string, differences: Differences, fields: readonly string[]) => {
  for (const [field, { largest, of }] of differences)
    if (fields.includes(field)) assert.equal(largest, 0, `${sensor}: ${field} differs: ${of}`);
};

const FIELDS = ['pid', 'ppid', 'uid', 'name', 'cmdline', 'state', 'threads', 'vszKb', 'startNs'];
const COUNTERS = ['ioReadBytes', 'ioWriteBytes', 'cpuTimeNs', 'containerId'];

/** Without the percentages, which depend on the time of the reading. */
const withoutAges = ({ memPercent, cpuPercent, ...rest }: ProcessSample) => rest;

if (takesBpf)
  test('all three sensors report the same of the same processes', async () => {
    const loaded = script('load-bpf.sh');
    assert.equal(loaded.status, 0, loaded.stderr);
    await using tree = await Tree.start(PROCESSES, 3);
    await using modules = new KernelModules(CARNET);
    const bpf = new BpfIterator();
    const { rssSource } = await bpf.readTasks();
    // A command line that comes too late, in a slow machine, is there in the next reading.
    await bpf.read();
    const differences = {
      modules: await compare(tree, () => modules.read()),
      BPF: await compare(tree, () => bpf.read()),
      '/proc': await compare(tree, () => new Procfs().read()),
    };
    console.log(`${release()}, resident sizes by BPF: ${rssSource}\n${table(differences)}`);
    assert.equal(rssSource, major === 6 && minor < 2 ? 'atomic' : 'summed');
    const rss = rssSource === 'summed' ? ['rssKb'] : [];
    exact('modules', differences.modules, [...FIELDS, ...COUNTERS, ...rss]);
    exact('BPF', differences.BPF, [...FIELDS, ...COUNTERS, ...rss]);
    const inModules = new Map((await modules.read()).processes.map((process) => [process.pid, process]));
    for (const process of (await bpf.read()).processes) {
      const other = inModules.get(process.pid);
      if (tree.kinds.has(process.pid)) assert.deepEqual(withoutAges(process), other && withoutAges(other));
    }
  });
else
  test('this kernel is older than the BPF sensor, which says so', async () => {
    const refused = script('load-bpf.sh');
    assert.equal(refused.status, 3);
    assert.match(refused.stderr, /^load-bpf: it needs Linux 5\.15 or newer, and this is 5\.10\./m);
    assert.equal(new BpfIterator().isLoaded(), false);
    await using tree = await Tree.start(PROCESSES, 3);
    await using modules = new KernelModules(CARNET);
    const differences = {
      modules: await compare(tree, () => modules.read()),
      '/proc': await compare(tree, () => new Procfs().read()),
    };
    console.log(`${release()}\n${table(differences)}`);
    exact('modules', differences.modules, [...FIELDS, ...COUNTERS]);
  });

test('auto takes the modules, else BPF, else /proc, and each can be demanded', async () => {
  const kindOf = async (sensor: 'auto' | 'bpf' | 'procfs', carnet = CARNET) => {
    await using preferred = new PreferredSensor(config({ sensor, carnet }));
    return (await preferred.read()).kind;
  };
  assert.equal(await kindOf('auto'), 'kernel');
  assert.equal(await kindOf('auto', 'not-loaded'), takesBpf ? 'bpf' : 'procfs');
  assert.equal(await kindOf('procfs'), 'procfs');
  if (takesBpf) assert.equal(await kindOf('bpf'), 'bpf');
  script('unload-bpf.sh');
  assert.equal(await kindOf('auto', 'not-loaded'), 'procfs');
  await assert.rejects(kindOf('bpf'), /BPF iterator is not loaded/);
});
