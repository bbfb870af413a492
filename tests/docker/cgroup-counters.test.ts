import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { realClock } from '../../daemon/src/app/real-clock.ts';
import { BackOff } from '../../daemon/src/engine/back-off.ts';
import { DockerEngine } from '../../daemon/src/engine/docker-engine.ts';
import { DEFAULTS } from '../../daemon/src/model/config.ts';
import type { ContainerUsage } from '../../daemon/src/model/snapshot.ts';
import { Procfs } from '../../daemon/src/sense/procfs.ts';
import { SeenContainers } from '../../daemon/src/sense/seen-containers.ts';
import { sense } from '../../daemon/src/sense/sense.ts';
import { docker, ROOT, removeAll } from './real-engine.ts';

const BATCH = `cgroup-${process.pid}`;
const sources = {
  sensor: new Procfs(),
  engine: new DockerEngine(DEFAULTS.docker),
  backOff: new BackOff(),
  clock: realClock,
  seen: new SeenContainers(),
};

before(() => {
  execFileSync(join(ROOT, 'workload/build-images.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
});
after(() => removeAll(`vigia.test=${BATCH}`));

async function usageOf(id: string): Promise<ContainerUsage> {
  const { containers, faults } = await sense(sources, 1);
  assert.deepEqual(faults, []);
  const usage = containers.find((container) => container.id === id)?.usage;
  assert.ok(usage, 'the container is in the snapshot');
  return usage;
}

test('a container at its CPU limit shows throttling, and its memory without page cache', async () => {
  const id = docker(
    ...['run', '--detach', '--network', 'none', '--label', `vigia.test=${BATCH}`],
    ...['--cpus', '0.05', '--env', 'VIGIA_CPU_PERCENT=60', 'vigia/cpu'],
  );
  const first = await usageOf(id);
  assert.ok(first.cpuThrottledNs !== null && first.cpuThrottledPeriods !== null);
  const isLonger = ({ cpuThrottledNs }: ContainerUsage) =>
    (cpuThrottledNs ?? 0) > (first.cpuThrottledNs ?? 0) + 1e8;
  let now = first;
  for (let reading = 0; reading < 300 && !isLonger(now); reading += 1) {
    await sleep(100);
    now = await usageOf(id);
  }
  assert.ok(isLonger(now), 'throttled for longer');
  assert.ok((now.cpuThrottledPeriods ?? 0) > (first.cpuThrottledPeriods ?? 0));
  assert.ok(now.cpuPsi && now.cpuPsi.someTotalUs > 0, 'it waited for the CPU');
  const rssKb = now.rssKb;
  assert.ok(
    now.memoryUsedKb !== null && now.memoryUsedKb > 0 && now.memoryUsedKb < rssKb + 4096,
    `${now.memoryUsedKb} KiB in use, RSS ${rssKb} KiB`,
  );
  assert.ok((now.memoryUsedKb ?? 0) <= (now.memoryCurrentKb ?? 0), 'the page cache is not counted');
});

test('a container without a limit is never throttled', async () => {
  const id = docker('run', '--detach', '--network', 'none', '--label', `vigia.test=${BATCH}`, 'vigia/idle');
  const { cpuThrottledNs, cpuThrottledPeriods } = await usageOf(id);
  assert.deepEqual([cpuThrottledNs, cpuThrottledPeriods], [0, 0]);
});

test('memory in use counts tmpfs and anonymous memory, and no page cache', async () => {
  const run = (...command: string[]) =>
    docker(
      ...['run', '--detach', '--network', 'none', '--label', `vigia.test=${BATCH}`],
      ...[
        '--tmpfs',
        '/ram:size=64m',
        '--volume',
        '/usr:/usr:ro',
        '--volume',
        '/lib:/lib:ro',
        '--volume',
        '/lib64:/lib64:ro',
      ],
      ...[
        '--volume',
        '/bin:/bin:ro',
        '--user',
        '0',
        '--entrypoint',
        '/bin/sh',
        'vigia/idle',
        '-c',
        command.join(' '),
      ],
    );
  const settled = async (id: string, isReady: (usage: ContainerUsage) => boolean) => {
    let usage = await usageOf(id);
    for (let reading = 0; reading < 100 && !isReady(usage); reading += 1) {
      await sleep(100);
      usage = await usageOf(id);
    }
    return usage;
  };
  const [MIB, enough] = [1024, 30 * 1024];
  const inRam = await settled(
    run('head -c 32M /dev/zero > /ram/f; exec sleep 600'),
    ({ memoryUsedKb }) => (memoryUsedKb ?? 0) > enough,
  );
  assert.ok(Math.abs((inRam.memoryUsedKb ?? 0) - 32 * MIB) < 4 * MIB, `${inRam.memoryUsedKb} KiB with tmpfs`);
  const onDisk = await settled(
    run('head -c 32M /dev/zero > /f; exec sleep 600'),
    ({ cgroupMemoryKb }) => (cgroupMemoryKb ?? 0) > enough,
  );
  assert.ok((onDisk.cgroupMemoryKb ?? 0) > enough, 'the page cache is charged to it');
  assert.ok((onDisk.memoryUsedKb ?? 0) < 4 * MIB, `${onDisk.memoryUsedKb} KiB with page cache`);
});
