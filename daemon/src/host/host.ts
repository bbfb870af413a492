import type { Config } from '../model/config.ts';
import { errorMessage } from '../model/error-message.ts';
import { installCron, removeCron } from './cron.ts';
import { grafanaStop, grafanaUp } from './grafana-container.ts';
import { buildImages } from './images.ts';
import { holdLoopLock } from './lock.ts';
import { loadModules, unloadModules } from './modules.ts';

/** Where messages for the person at the terminal go. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
}

export interface HostUp extends AsyncDisposable {
  /** No new containers from now on: removes the cron job at once, before the last cycle is over. Never throws. */
  stopIntake(): void;
  /** Resolves with a reason when the run must end although nobody asked. */
  readonly broken: Promise<string>;
}

/** Another loop runs on this host. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
  override readonly message = 'another Vigía runs on this host (vigia status); stop it first';
}

/**
 * Prepares the host in order: lock, modules, Grafana, images, cron job. Disposing undoes it in reverse, the cron job
 * first. Grafana is left running, as is whatever stood here before this run. null when the signal came meanwhile: what
 * was done until then is undone.
 */
export async function bringUp(config: Config, logger: Logger, signal: AbortSignal): Promise<HostUp | null> {
  await using undo = new AsyncDisposableStack();

  const lock = await holdLoopLock();
  if (lock === null) throw new AlreadyRunning();
  undo.use(lock);

  try {
    await prepare(config, logger, signal, undo);
    signal.throwIfAborted();
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }

  const all = undo.move();
  const broken = lock.lost.then(() => 'the process that holds the loop lock is gone');
  return {
    broken,
    stopIntake() {
      try {
        if (config.cron.install) removeCron();
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
): Promise<void> {
  // Building takes as long as all the rest: it begins now and is waited for where the images are needed.
  const end = new AbortController();
  const images = config.cron.install ? buildImages(AbortSignal.any([signal, end.signal])) : null;
  const built = images?.catch(() => {});
  undo.defer(() => {
    end.abort();
    return built;
  });
  await bringUpModules(config, logger, signal, undo);
  bringUpGrafana(config, logger, undo);
  if (images !== null) await bringUpCron(images, logger, signal, undo);
}

async function bringUpModules(
  { sensor, carnet }: Config,
  logger: Logger,
  signal: AbortSignal,
  undo: AsyncDisposableStack,
): Promise<void> {
  if (sensor === 'procfs') return logger.info('sensor: /proc and cgroupfs, as configured');
  const modules = await loadModules(carnet, signal);
  if (modules.kind === 'loaded') {
    undo.defer(() => unloadModules(modules.byUs));
    const how =
      modules.byUs.length > 0
        ? `loaded ${modules.byUs.join(', ')}`
        : 'the modules were loaded already and will stay';
    return logger.info(`sensor: kernel modules (${how})`);
  }
  if (sensor === 'kernel') throw new Error(`sensor: kernel is configured, but ${modules.because}`);
  logger.warn(`sensor: /proc and cgroupfs instead of the kernel modules: ${modules.because}`);
}

/** In the background: a first pull takes minutes, and nothing else waits for Grafana. */
function bringUpGrafana({ grafana, database }: Config, logger: Logger, undo: AsyncDisposableStack): void {
  if (!grafana.start) return;
  const end = new AbortController();
  const started = grafanaUp(database, end.signal).then(
    () => logger.info('grafana: runs at http://127.0.0.1:3000'),
    (error: Error) => {
      if (end.signal.aborted) return;
      logger.warn(
        `grafana: not started (${error.message}). Everything else goes on; the page shows the same.`,
      );
    },
  );
  undo.defer(async () => {
    end.abort();
    await started;
    if (grafana.atEnd === 'stop') await grafanaStop(database);
  });
}

async function bringUpCron(
  images: Promise<void>,
  logger: Logger,
  signal: AbortSignal,
  undo: AsyncDisposableStack,
): Promise<void> {
  try {
    await images;
  } catch (error) {
    signal.throwIfAborted();
    logger.warn(
      `images: not built (${errorMessage(error)}); containers start only from images that are there`,
    );
  }
  undo.defer(removeCron);
  const stale = installCron();
  logger.info(
    `cron: installed, 10 containers a minute${stale ? ' (a stale one of an earlier run was replaced)' : ''}`,
  );
}
