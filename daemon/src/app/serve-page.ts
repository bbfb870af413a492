import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { PAGE } from '../layout/paths.ts';
import type { Config } from '../model/config.ts';
import { errorMessage } from '../model/error-message.ts';
import { openForReading } from '../record/database.ts';
import { createHttpApp } from '../show/http.ts';
import { realClock } from './real-clock.ts';

/** Minimum length of a token in characters, so that it cannot be guessed. */
const SHORTEST_TOKEN = 16;

/** Serves the page until the signal. Needs no privileges and no Docker socket: it only reads the database. */
export async function servePage(
  config: Config,
  warn: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const isBuilt = existsSync(join(PAGE, 'index.html'));
  if (!isBuilt) warn('page: only the plain page is served. For the whole: npm run build:page');
  const app = createHttpApp({
    open: () => openForReading(config.database),
    config,
    nowSeconds: () => Math.floor(realClock.now() / 1000),
    assets: isBuilt ? PAGE : null,
    token: readToken(config.page.tokenFile),
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = serve({ fetch: app.fetch, hostname: config.page.host, port: config.page.port });
  server.on('error', (error: NodeJS.ErrnoException) => {
    const isTaken = error.code === 'EADDRINUSE';
    reject(
      isTaken ? new Error(`port ${config.page.port} is taken: set page.port in the configuration`) : error,
    );
  });
  signal.addEventListener('abort', () => {
    server.close(() => resolve());
    // Browsers keep connections open; the server must not wait for them.
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  await promise;
}

function readToken(file: string | null): string | null {
  if (file === null) return null;
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Error(
      `page.tokenFile ${file}: ${errorMessage(error)}. The page's user must be able to read it.`,
    );
  }
  if (token.length < SHORTEST_TOKEN) {
    throw new Error(
      `page.tokenFile ${file}: holds fewer than ${SHORTEST_TOKEN} characters. A good one: openssl rand -hex 24`,
    );
  }
  return token;
}
