import { findPageUser, prepareDataDirectory } from '../host/data-directory.ts';
import { bringUp, type Voice } from '../host/host.ts';
import { keepPage } from '../host/page-process.ts';
import type { Config } from '../model/config.ts';
import { ConfigError } from './config.ts';
import { run } from './run.ts';

/**
 * Everything on this host, until the signal: host → page → loop, undone in reverse, the cron job before all else. A
 * signal, or an error that nobody caught, ends the bringing up as well.
 * Without a page command the page is somebody else's business.
 */
export async function up(
  config: Config,
  pageCommand: readonly [string, ...string[]] | null,
  voice: Voice,
  signal: AbortSignal,
): Promise<void> {
  const pageUser = findPageUser();
  if (pageUser === null && pageCommand !== null)
    voice.warn('page: runs as this user; make one for it: useradd --system vigia');
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

  await using host = await bringUp(config, voice, stop);
  if (host !== null) {
    await using _page = pageCommand && keepPage(pageCommand, pageUser, voice);
    if (pageCommand !== null) voice.say(`page: http://${config.page.host}:${config.page.port}/`);
    host.broken.then((reason) => fail(new Error(reason)));
    stop.addEventListener('abort', host.stopIntake);
    if (stop.aborted) host.stopIntake();
    await run(config, voice, stop, host.moduleFault);
  }
  voice.say('stopping: undoing what was set up');
  if (failure !== null) throw failure;
}
