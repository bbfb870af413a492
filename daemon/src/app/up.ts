import { findPageUser, prepareDataDirectory } from '../host/data-directory.ts';
import { bringUp, type Voice } from '../host/host.ts';
import { keepPage } from '../host/page-process.ts';
import type { Config } from '../model/config.ts';
import { run } from './run.ts';

/**
 * Everything on this host, until the signal: host → page → loop, undone in reverse, the cron job before all else.
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
  prepareDataDirectory(config.database, pageUser);
  await using host = await bringUp(config, voice);
  await using _page = pageCommand && keepPage(pageCommand, pageUser, voice);
  if (pageCommand !== null) voice.say(`page: http://${config.page.host}:${config.page.port}/`);

  const end = new AbortController();
  let failure: Error | null = null;
  function stop(reason: Error | null): void {
    failure ??= reason;
    host.stopIntake();
    end.abort();
  }
  signal.addEventListener('abort', () => stop(null));
  host.broken.then((reason) => stop(new Error(reason)));
  const onFatal = (error: unknown) => stop(error instanceof Error ? error : new Error(String(error)));
  process.on('uncaughtException', onFatal).on('unhandledRejection', onFatal);

  if (signal.aborted) stop(null);
  await run(config, voice, end.signal);
  voice.say('stopping: cron job removed, last cycle done');
  if (failure !== null) throw failure;
}
