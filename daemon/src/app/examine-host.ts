import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { GRAFANA_PORT, judgeHost } from '../doctor/judge-host.ts';
import { DockerEngine } from '../engine/docker-engine.ts';
import { checkBpf } from '../host/bpf.ts';
import { hasCronDaemon, isCronIntact } from '../host/cron.ts';
import { findCompose } from '../host/grafana-container.ts';
import { findInstallers } from '../host/installers.ts';
import { cgroupFacts, kernelFacts, swapFacts } from '../host/kernel-facts.ts';
import { findListener } from '../host/listeners.ts';
import { isLoopLockHeld } from '../host/lock.ts';
import { checkModules } from '../host/module-check.ts';
import { isClockSynchronised, unitFacts } from '../host/systemd-facts.ts';
import { CRON_FILE } from '../layout/paths.ts';
import type { Config } from '../model/config.ts';
import type { Finding } from '../model/finding.ts';
import type { FactName, Facts, HostFacts, Probed } from '../model/host-facts.ts';
import { manageWarnings } from '../policy/resolve-policy.ts';
import { recordAccess, recordFacts } from '../record/record-facts.ts';
import { fileSystemOf } from '../sense/file-system.ts';
import { PlacingCheck } from '../sense/placing-check.ts';
import { PreferredSensor } from '../sense/preferred.ts';
import { reasonOf } from '../words/reasoned-error.ts';

/** Where the configuration comes from; `error` says why it is not valid, and `config` then has the defaults. */
export interface Examined {
  readonly config: Config;
  readonly file: string | null;
  readonly error: string | null;
  /** For each probe. All run at the same time. */
  readonly seconds: number;
  /** Facts that are not asked for. */
  readonly without?: readonly FactName[];
}

/** All checks of `vigia doctor` on this host. Changes nothing. */
export async function examineHost(examined: Examined): Promise<Finding[]> {
  const { config, seconds, without } = examined;
  const [facts, install] = await Promise.all([gatherFacts(examined), findInstallers(seconds)]);
  return judgeHost({ config, facts, install, without });
}

/** Asks every probe, each within its time. A probe that fails is a fact as well. */
async function gatherFacts(examined: Examined): Promise<Facts> {
  const { seconds, without = [] } = examined;
  const probes = Object.entries(probesFor(examined)) as [FactName, () => unknown][];
  const entries = probes.map(async ([name, probe]): Promise<[FactName, Probed<unknown>]> => {
    const isLeftOut = without.includes(name);
    return [name, isLeftOut ? { known: false, because: null } : await bounded(probe, seconds)];
  });
  return Object.fromEntries(await Promise.all(entries)) as unknown as Facts;
}

export async function bounded<T>(probe: () => T | Promise<T>, seconds: number): Promise<Probed<T>> {
  const { promise: late, resolve } = Promise.withResolvers<Probed<T>>();
  const timer = setTimeout(() => resolve({ known: false, because: null }), seconds * 1000);
  const asked = (async (): Promise<Probed<T>> => {
    try {
      return { known: true, value: await probe() };
    } catch (error) {
      return { known: false, because: reasonOf(error) };
    }
  })();
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

type Probes = { readonly [N in FactName]: () => HostFacts[N] | Promise<HostFacts[N]> };

function probesFor({ config, file, error, seconds }: Examined): Probes {
  const engine = new DockerEngine({
    ...config.docker,
    timeoutSeconds: Math.min(config.docker.timeoutSeconds, seconds),
  });
  const about = once(() => engine.about());
  const listed = once(() => engine.list());
  return {
    configuration: () => ({ file, error }),
    managed: async () => manageWarnings(await listed(), config),
    kernel: () => kernelFacts(),
    modules: () => checkModules(config.carnet, seconds),
    bpf: () => checkBpf(seconds),
    cgroups: () => cgroupFacts(),
    swap: () => swapFacts(),
    engine: about,
    placing: async () => placing(config, engine),
    cron: () => ({
      hasDaemon: hasCronDaemon(),
      job: cronJob(config),
      isLoopRunning: isLoopLockHeld(),
    }),
    compose: async () => (await findCompose(AbortSignal.timeout(seconds * 1000)))?.join(' ') ?? null,
    pagePort: () => findListener(config.page.port),
    grafana: async () => ({
      state: (await listed()).find(({ labels }) => labels['vigia.role'] === 'grafana')?.state ?? null,
      listener: await findListener(GRAFANA_PORT),
    }),
    disks: async () => {
      const root = await about().then(
        ({ rootDirectory }) => [rootDirectory],
        () => [],
      );
      return Promise.all([dirname(config.database), ...root].map(fileSystemOf));
    },
    clock: () => isClockSynchronised(seconds),
    record: () => recordFacts(config.database),
    recordAccess: () => recordAccess(config.database),
    unit: () => unitFacts(seconds),
  };
}

/** Two readings: containers that have just begun or ended are no reason for a finding. */
async function placing(config: Config, engine: DockerEngine): Promise<HostFacts['placing']> {
  await using sensor = new PreferredSensor(config);
  const check = new PlacingCheck();
  let last: HostFacts['placing'] = { sensor: 'procfs', running: 0, because: null };
  for (let reading = 0; reading < 2; reading += 1) {
    const [listed, read] = [await engine.list(), await sensor.read()];
    const because = await check.whyNone({ engine, reading: read, listed, urgent: undefined });
    const running = listed.filter(({ state }) => state === 'running').length;
    last = { sensor: read.kind, running, because };
  }
  return last;
}

function cronJob({ docker }: Config): HostFacts['cron']['job'] {
  if (!existsSync(CRON_FILE)) return 'absent';
  return isCronIntact(docker.socket) ? 'intact' : 'altered';
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
