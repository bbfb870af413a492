import { SPAWN_CONTAINERS } from '../layout/paths.ts';
import { type Config, isWorkloadOn } from '../model/config.ts';
import { errorMessage } from '../model/error-message.ts';
import type { Reason } from '../model/reason.ts';
import { render } from '../words/language.ts';
import { loadBpf, unloadBpf } from './bpf.ts';
import { hasCronDaemon, installCron, removeCron } from './cron.ts';
import { endUpgrade } from './deliberate-stop.ts';
import { grafanaStop, grafanaUp } from './grafana-container.ts';
import { buildImages } from './images.ts';
import { holdLoopLock } from './lock.ts';
import { publishLoopState, withdrawLoopState } from './loop-state.ts';
import { loadModules, unloadModules } from './modules.ts';

/** Receives the daemon's log messages. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
}

export interface HostUp extends AsyncDisposable {
  /** Why the kernel modules are not loaded. null when they are, or when the configuration does not want them. */
  readonly moduleFault: Reason | null;
  /** Removes the cron job at once, so that no new containers come while the last cycle ends. Never throws. */
  stopIntake(): void;
  /** Resolves with the reason when the run has to end because something on the host failed. */
  readonly broken: Promise<string>;
}

/** Another Vigía holds the loop lock of this host. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
  override readonly message = 'another Vigía runs on this host (vigia status); stop it first';
}

/**
 * Prepares the host in this order: lock, kernel modules, Grafana, images, cron job. Disposing the result undoes it in
 * reverse order. Modules that were loaded before stay loaded, and Grafana keeps running unless the configuration says
 * otherwise. When the signal aborts, undoes what was done so far and returns null. Throws AlreadyRunning.
 */
export async function bringUp(config: Config, logger: Logger, signal: AbortSignal): Promise<HostUp | null> {
  await using undo = new AsyncDisposableStack();

  const lock = await holdLoopLock();
  if (lock === null) throw new AlreadyRunning();
  undo.use(lock);
  undo.defer(() => withdrawLoopState());
  publishLoopState(config);
  endUpgrade();

  let moduleFault: Reason | null;
  try {
    moduleFault = await prepare(config, logger, signal, undo);
    signal.throwIfAborted();
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }

  const all = undo.move();
  const broken = lock.lost.then(() => 'the loop lock was lost: the process that held it has ended');
  return {
    moduleFault,
    broken,
    stopIntake() {
      try {
        publishLoopState('stopping');
        if (isWorkloadOn(config)) removeCron();
      } catch (error) {
        logger.warn(errorMessage(error));
      }
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function prepare(
  config: Config,
  logger: Logger,
  signal: AbortSignal,
  undo: AsyncDisposableStack,
): Promise<Reason | null> {
  // Building the images takes as long as everything else: it runs in the background until they are needed.
  const end = new AbortController();
  const { socket } = config.docker;
  const images = needsImages(config) ? buildImages(socket, AbortSignal.any([signal, end.signal])) : null;
  const built = images?.catch(() => {});
  undo.defer(() => {
    end.abort();
    return built;
  });
  const moduleFault = await bringUpModules(config, logger, signal, undo);
  bringUpGrafana(config, logger, undo);
  if (images !== null) await imagesReady(images, logger, signal);
  if (isWorkloadOn(config)) bringUpCron(config, logger, undo);
  else if (config.cron.install)
    logger.warn(
      `cron: not installed. cron.install needs mode: enforce, and the mode is ${config.mode}: nothing would remove the containers again.`,
    );
  return moduleFault;
}

/**
 * Loads the modules if the configuration wants them. Without them `sensor: auto` takes the BPF iterator or, without that,
 * /proc; `sensor: kernel` throws.
 */
async function bringUpModules(
  { sensor, carnet }: Config,
  logger: Logger,
  signal: AbortSignal,
  undo: AsyncDisposableStack,
): Promise<Reason | null> {
  if (sensor === 'procfs') {
    logger.info('sensor: using /proc and cgroupfs, as configured');
    return null;
  }
  if (sensor === 'bpf') {
    const because = await bringUpBpf(logger, signal, undo);
    signal.throwIfAborted();
    if (because !== null)
      throw new Error(`the configuration requires the BPF iterator (sensor: bpf): ${render(because, 'en')}`);
    return null;
  }
  const modules = await loadModules(carnet, signal);
  if (modules.kind === 'loaded') {
    undo.defer(() => unloadModules(modules.byUs));
    const detail =
      modules.byUs.length > 0
        ? `loaded ${modules.byUs.join(', ')}`
        : 'already loaded, and Vigía will not unload them';
    logger.info(`sensor: kernel modules (${detail})`);
    return null;
  }
  signal.throwIfAborted();
  if (sensor === 'kernel')
    throw new Error(
      `the configuration requires the kernel modules (sensor: kernel): ${render(modules.because, 'en')}`,
    );
  const noBpf = await bringUpBpf(logger, signal, undo);
  signal.throwIfAborted();
  const fault: Reason =
    noBpf === null
      ? { code: 'modules-not-loaded', why: modules.because }
      : { code: 'neither-loaded', modules: modules.because, bpf: noBpf };
  const text = render(fault, 'en');
  logger.warn(
    noBpf === null ? `sensor: using the BPF iterator: ${text}` : `sensor: using /proc and cgroupfs: ${text}`,
  );
  return fault;
}

/** Loads the BPF iterator. Returns why it is not loaded; null when it is. */
async function bringUpBpf(
  logger: Logger,
  signal: AbortSignal,
  undo: AsyncDisposableStack,
): Promise<Reason | null> {
  const bpf = await loadBpf(signal);
  if (bpf.kind === 'not-loaded') return bpf.because;
  if (bpf.byUs) undo.defer(unloadBpf);
  logger.info(
    `sensor: BPF iterator (${bpf.byUs ? 'loaded' : 'already loaded, and Vigía will not unload it'})`,
  );
  return null;
}

/** Starts Grafana in the background: pulling its image takes minutes, and nothing else needs it. */
function bringUpGrafana({ grafana, ...place }: Config, logger: Logger, undo: AsyncDisposableStack): void {
  if (!grafana.start) return;
  const end = new AbortController();
  const started = grafanaUp(place, end.signal).then(
    () => logger.info('grafana: runs at http://127.0.0.1:3000'),
    (error: Error) => {
      if (end.signal.aborted) return;
      logger.warn(
        `grafana: not started (${error.message}). Vigía runs without it; its page shows the panels.`,
      );
    },
  );
  undo.defer(async () => {
    end.abort();
    await started;
    if (grafana.atEnd === 'stop') await grafanaStop(place);
  });
}

/** The workload's images: the cron job starts them, and so do the quotas of the demo. */
const needsImages = (config: Config): boolean =>
  isWorkloadOn(config) || (config.demo && config.mode === 'enforce');

async function imagesReady(images: Promise<void>, logger: Logger, signal: AbortSignal): Promise<void> {
  try {
    await images;
  } catch (error) {
    signal.throwIfAborted();
    logger.warn(
      `images: not built (${errorMessage(error)}). Containers can start only from images that are already on this host.`,
    );
  }
}

function bringUpCron({ docker }: Config, logger: Logger, undo: AsyncDisposableStack): void {
  undo.defer(() => removeCron());
  const replaced = installCron(docker.socket) ? ' (replaced the job of an earlier run)' : '';
  if (hasCronDaemon()) logger.info(`cron: installed, starts 10 containers a minute${replaced}`);
  else
    logger.warn(
      `cron: no cron daemon runs on this host, so the job starts nothing${replaced}. Start one (apt-get install cron), or start containers by hand: ${SPAWN_CONTAINERS}`,
    );
}
