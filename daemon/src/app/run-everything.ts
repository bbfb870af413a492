import { findPageUser, prepareDataDirectory } from '../host/data-directory.ts';
import { isDeliberateStop } from '../host/deliberate-stop.ts';
import { bringUp, type Logger } from '../host/host.ts';
import { keepPage } from '../host/page-process.ts';
import { markRun } from './demo-mark.ts';
import { ConfigError } from './load-config.ts';
import { removeWorkload } from './remove-workload.ts';
import { type LoopConfig, runLoop } from './run-loop.ts';

/**
 * Runs everything on this host until the signal: host, page, loop; undone in reverse, the cron job before all else. A
 * signal or an uncaught error also ends the preparation. Without a page command no page is started. What the demo
 * started goes with it when it ends for good.
 */
export async function runEverything(
  live: LoopConfig,
  pageCommand: readonly [string, ...string[]] | null,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const config = live.current();
  const pageUser = findPageUser();
  if (pageUser === null && pageCommand !== null)
    logger.warn('page: runs as this user; create its own: useradd --system vigia');
  const refusal = prepareDataDirectory(config.database, pageUser);
  if (refusal !== null) throw new ConfigError(`database: ${refusal}`);

  const end = new AbortController();
  let failure: Error | null = null;
  function fail(error: unknown): void {
    failure ??= error instanceof Error ? error : new Error(String(error));
    end.abort();
  }
  process.on('uncaughtException', fail).on('unhandledRejection', fail);
  const stop = AbortSignal.any([signal, end.signal]);

  await using host = await bringUp(config, logger, stop);
  if (host !== null) {
    markRun(config.database, config.demo);
    await using _page = pageCommand && keepPage(pageCommand, pageUser, logger);
    if (pageCommand !== null) logger.info(`page: http://${config.page.host}:${config.page.port}/`);
    host.broken.then((reason) => fail(new Error(reason)));
    stop.addEventListener('abort', host.stopIntake);
    if (stop.aborted) host.stopIntake();
    await runLoop(live, logger, stop, host.moduleFault);
    const isDemo = config.demo && config.mode === 'enforce';
    if (isDemo && failure === null && (await isDeliberateStop()))
      await removeWorkload(live.current(), logger);
  }
  logger.info('stopping: undoing what was set up');
  if (failure !== null) throw failure;
}
