import { serve } from '@hono/node-server';
import type { Config } from '../model/config.ts';
import { openForReading } from '../record/database.ts';
import { createHttpApp } from '../show/http.ts';
import { realClock } from './clock.ts';

/** The page's process: no privileges, no Docker socket, only the database, read-only. Ends with the signal. */
export async function servePage(config: Config, signal: AbortSignal): Promise<void> {
  const nowSeconds = (): number => Math.floor(realClock.now() / 1000);
  const app = createHttpApp(() => openForReading(config.database), config, nowSeconds);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = serve({ fetch: app.fetch, hostname: config.page.host, port: config.page.port });
  server.on('error', (error: NodeJS.ErrnoException) => {
    const taken = error.code === 'EADDRINUSE';
    reject(
      taken ? new Error(`port ${config.page.port} is taken: set page.port in the configuration`) : error,
    );
  });
  signal.addEventListener('abort', () => {
    server.close(() => resolve());
    // A browser keeps its connection open; it need not be waited for.
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  await promise;
}
