import type { Config } from '../model/config.ts';
import { messageOf } from '../model/message.ts';
import { installCron, removeCron } from './cron.ts';
import { grafanaStop, grafanaUp } from './grafana.ts';
import { buildImages } from './images.ts';
import { holdLoopLock } from './lock.ts';
import { loadModules, unloadModules } from './modules.ts';

/** Where messages for the person at the terminal go. */
export interface Voice {
  say(message: string): void;
  warn(message: string): void;
}

export interface HostUp extends AsyncDisposable {
  /** Why the kernel modules, which this host could load, are not loaded. null when they are, or cannot be. */
  readonly moduleFault: string | null;
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
export async function bringUp(config: Config, voice: Voice, signal: AbortSignal): Promise<HostUp | null> {
  await using undo = new AsyncDisposableStack();

  const lock = await holdLoopLock();
  if (lock === null) throw new AlreadyRunning();
  undo.use(lock);

  let moduleFault: string | null;
  try {
    moduleFault = await prepare(config, voice, signal, undo);
    signal.throwIfAborted();
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }

  const all = undo.move();
  const broken = lock.lost.then(() => 'the process that holds the loop lock is gone');
  return {
    moduleFault,
    broken,
    stopIntake() {
      try {
        if (config.cron.install) removeCron();
      } catch (error) {
        voice.warn(messageOf(error));
      }
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function prepare(
  config: Config,
  voice: Voice,
  signal: AbortSignal,
  undo: AsyncDisposableStack,
): Promise<string | null> {
  // Building takes as long as all the rest: it begins now and is waited for where the images are needed.
  const end = new AbortController();
  const images = config.cron.install ? buildImages(AbortSignal.any([signal, end.signal])) : null;
  const built = images?.catch(() => {});
  undo.defer(() => {
    end.abort();
    return built;
  });
  const moduleFault = await bringUpModules(config, voice, signal, undo);
  bringUpGrafana(config, voice, undo);
  if (images !== null) await bringUpCron(images, voice, signal, undo);
  return moduleFault;
}

/** Loads the modules if the configuration wants them. Without them `sensor: auto` reads /proc; `sensor: kernel` throws. */
async function bringUpModules(
  { sensor, carnet }: Config,
  voice: Voice,
  signal: AbortSignal,
  undo: AsyncDisposableStack,
): Promise<string | null> {
  if (sensor === 'procfs') {
    voice.say('sensor: /proc and cgroupfs, as configured');
    return null;
  }
  const modules = await loadModules(carnet, signal);
  if (modules.kind === 'loaded') {
    undo.defer(() => unloadModules(modules.byUs));
    const how =
      modules.byUs.length > 0
        ? `loaded ${modules.byUs.join(', ')}`
        : 'the modules were loaded already and will stay';
    voice.say(`sensor: kernel modules (${how})`);
    return null;
  }
  signal.throwIfAborted();
  if (sensor === 'kernel')
    throw new Error(`the configuration demands the kernel modules (sensor: kernel): ${modules.because}`);
  voice.warn(`sensor: /proc and cgroupfs instead of the kernel modules: ${modules.because}`);
  return modules.kind === 'failed' ? modules.because : null;
}

/** In the background: a first pull takes minutes, and nothing else waits for Grafana. */
function bringUpGrafana({ grafana, database }: Config, voice: Voice, undo: AsyncDisposableStack): void {
  if (!grafana.start) return;
  const end = new AbortController();
  const started = grafanaUp(database, end.signal).then(
    () => voice.say('grafana: runs at http://127.0.0.1:3000'),
    (error: Error) => {
      if (end.signal.aborted) return;
      voice.warn(
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
  voice: Voice,
  signal: AbortSignal,
  undo: AsyncDisposableStack,
): Promise<void> {
  try {
    await images;
  } catch (error) {
    signal.throwIfAborted();
    voice.warn(`images: not built (${messageOf(error)}); containers start only from images that are there`);
  }
  undo.defer(removeCron);
  const stale = installCron();
  voice.say(
    `cron: installed, 10 containers a minute${stale ? ' (a stale one of an earlier run was replaced)' : ''}`,
  );
}
