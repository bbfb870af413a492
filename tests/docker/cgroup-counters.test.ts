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
import { sense } from '../../daemon/src/sense/sense.ts';
import { docker, ROOT, removeAll } from './real-engine.ts';

const BATCH = `cgroup-${process.pid}`;
const sources = {
  sensor: new Procfs(),
  engine: new DockerEngine(DEFAULTS.docker),
  backOff: new BackOff(),
  clock: realClock,
};

before(() => {
  execFileSync(join(ROOT, 'workload/build-images.sh'), { stdio: ['ignore', 'ignore', 'inherit'] });
});
after(() => removeAll(`vigia.test=${BATCH}`));

async function usageOf(id: string): Promise<ContainerUsage> {
  const { containers, faults } = await sense(sources, 1);
  assert.deepEqual(faults, []);
  const usage = containers.find((container) => container.id === id)?.usage;
  assert.ok(usage, 'the container is seen');
  return usage;
}

test('a container that its CPU limit holds back shows it, and its memory as docker stats counts it', async () => {
  const id = docker(
    ...['run', '--detach', '--network', 'none', '--label', `vigia.test=${BATCH}`],
    ...['--cpus', '0.05', '--env', 'VIGIA_CPU_PERCENT=60', 'vigia/cpu'],
  );
  const first = await usageOf(id);
  assert.ok(first.cpuThrottledNs !== null && first.cpuThrottledPeriods !== null);
  const isLonger = ({ cpuThrottledNs }: ContainerUsage) =>
    (cpuThrottledNs ?? 0) > (first.cpuThrottledNs ?? 0) + 1e8;
  let now = first;
  for (let look = 0; look < 300 && !isLonger(now); look += 1) {
    await sleep(100);
    now = await usageOf(id);
  }
  assert.ok(isLonger(now), 'throttled for longer');
  assert.ok((now.cpuThrottledPeriods ?? 0) > (first.cpuThrottledPeriods ?? 0));
  assert.ok(now.cpuPsi && now.cpuPsi.someTotalUs > 0, 'it waited for the CPU');
  const said = docker('stats', '--no-stream', '--format', '{{.MemUsage}}', id);
  const [, figure, unit] = /^([\d.]+)(KiB|MiB) \//.exec(said) ?? [];
  const saidKb = Number(figure) * (unit === 'MiB' ? 1024 : 1);
  // docker stats itself is a moment later, and starts the engine's own reader.
  assert.ok(Math.abs((now.memoryUsedKb ?? 0) - saidKb) < 512, `${now.memoryUsedKb} KiB, docker says ${said}`);
  assert.ok((now.memoryUsedKb ?? 0) <= (now.memoryCurrentKb ?? 0), 'cache is not use');
});

test('a container without a limit was never held back', async () => {
  const id = docker('run', '--detach', '--network', 'none', '--label', `vigia.test=${BATCH}`, 'vigia/idle');
  const { cpuThrottledNs, cpuThrottledPeriods } = await usageOf(id);
  assert.deepEqual([cpuThrottledNs, cpuThrottledPeriods], [0, 0]);
});
