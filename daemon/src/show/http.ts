import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { compress } from 'hono/compress';
import { etag } from 'hono/etag';
import { secureHeaders } from 'hono/secure-headers';
import * as v from 'valibot';
import type { Config } from '../model/config.ts';
import { readMetrics } from '../record/metrics-queries.ts';
import { type Database, readStatus } from '../record/queries.ts';
import { changeMark, readNewest } from '../record/queries-page.ts';
import { ANSWERS, RequestError } from './answers.ts';
import { LIVE, type LiveEvent, type Path, ROUTES } from './api.ts';
import { renderFirstLook } from './first-look.ts';
import { Live } from './live.ts';
import { metricsFormat, renderMetrics } from './metrics.ts';
import { openApi } from './openapi.ts';
import { renderPage, STYLE } from './page.ts';
import { serverClock } from './server-clock.ts';

/** Allowed Host headers. Any other one may come from a foreign page that resolves to this address (DNS rebinding). */
const OWN_HOSTS = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

const NO_SUCH_PAGE = { error: 'there is no such page: begin at /' };

/** Whether a browser asks for a page; programs that ask for data get JSON. */
const isForPeople = ({ req }: Context): boolean =>
  req.method === 'GET' && !req.path.startsWith('/api/') && (req.header('accept') ?? '').includes('text/html');

/** The icon of each severity. */
const ICONS = ['/icon.svg', '/icon-warn.svg', '/icon-bad.svg'];

/** The element that the built page draws into. */
const APP = '<div id="app">';

/** Views of the built page, which does its own routing: each serves the same HTML. */
const VIEWS = ['/panels/*', '/containers', '/containers/*', '/processes', '/decisions', '/simulation'];

export interface HttpParts {
  /** Opens the database; the caller closes it. */
  readonly open: () => Database;
  readonly config: Config;
  /** Epoch seconds. */
  readonly nowSeconds: () => number;
  /** The folder of the built page; null if it is not built, and / leads to the plain page. */
  readonly assets: string | null;
  /** The password that every request must carry; null for none, and then only loopback names are served. */
  readonly token: string | null;
}

/** The HTTP server's routes. All of them only read. */
export function createHttpApp({ open, config, nowSeconds, assets, token }: HttpParts): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ["'none'"],
      },
      xFrameOptions: 'DENY',
      // The server speaks plain HTTP; HSTS would make browsers refuse it.
      strictTransportSecurity: false,
      referrerPolicy: 'no-referrer',
    }),
  );
  // With a token the Host check is not needed: a foreign page does not know the password.
  app.use(
    token === null
      ? async (context, next) =>
          OWN_HOSTS.test(context.req.header('host') ?? '')
            ? next()
            : context.text('This host name is not served here.\n', 421)
      : basicAuth({ username: 'vigia', password: token, realm: 'Vigia' }),
  );
  app.use(async (context, next) => {
    await next();
    if (!context.res.headers.has('Cache-Control')) context.header('Cache-Control', 'no-cache');
  });

  const live = new Live(() => changeMark(config.database), newest);
  app.get(LIVE, (context) => live.serve(context));

  app.use(compress());
  app.use(etag());
  const document = openApi();
  app.get('/api/openapi.json', (context) => context.json(document));
  for (const path of Object.keys(ROUTES) as Path[]) {
    app.get(path.replace(/\{(\w+)\}/g, ':$1'), (context) => answer(path, context));
  }

  app.get('/metrics', (context) => {
    const format = metricsFormat(context.req.header('accept'));
    const text = withDatabase((db) => renderMetrics(readMetrics(db), config, format));
    return context.body(text, 200, { 'Content-Type': format.contentType });
  });
  app.get('/plain', (context) =>
    context.html(withDatabase((db) => renderPage(readStatus(db), config, serverClock(db, nowSeconds()).now))),
  );
  app.get('/plain.css', (context) => context.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8' }));
  if (assets === null) {
    app.get('/', (context) => context.redirect('/plain'));
    app.notFound((context) => context.json(NO_SUCH_PAGE, 404));
  } else {
    // The file names contain a hash of the content.
    const forever = (_: string, context: Context): void =>
      context.header('Cache-Control', 'public, max-age=31536000, immutable');
    app.get('/assets/*', serveStatic({ root: assets, precompressed: true, onFound: forever }));
    const index = readFileSync(join(assets, 'index.html'), 'utf8');
    const page = (look = ''): string =>
      index
        .replace('<head>', (head) => `${head}<meta name="vigia-now" content="${presentSeconds()}">`)
        .replace(APP, (app) => `${app}${look}`);
    app.get('/', (context) => context.html(page(firstLook())));
    for (const view of VIEWS) app.get(view, (context) => context.html(page()));
    for (const icon of ICONS) app.get(icon, serveStatic({ root: assets }));
    app.notFound((context) =>
      isForPeople(context) ? context.html(page(), 404) : context.json(NO_SUCH_PAGE, 404),
    );
  }
  app.onError((error, context) =>
    'getResponse' in error && typeof error.getResponse === 'function'
      ? error.getResponse()
      : context.json({ error: error.message }, error instanceof RequestError ? error.status : 503),
  );

  function answer(path: Path, context: Context): Response {
    const { takes, answers } = ROUTES[path];
    const asked = v.safeParse(takes, { ...context.req.query(), ...context.req.param() });
    if (!asked.success) {
      const wrong = asked.issues.map((issue) => [v.getDotPath(issue) ?? '', explain(issue)]);
      const error = wrong.map(([name, why]) => `${name}: ${why}`).join('; ');
      return context.json({ error, parameters: Object.fromEntries(wrong) }, 400);
    }
    const respond = ANSWERS[path] as (typeof ANSWERS)['/api/status'];
    const found = withDatabase((db) =>
      respond(asked.output as Record<string, never>, { db, config, nowSeconds: nowSeconds() }),
    );
    return context.json(v.parse(answers as v.GenericSchema, found));
  }

  // Opened for each request: the writer may replace a damaged file, or switch the journal mode when it stops.
  function withDatabase<T>(read: (db: Database) => T): T {
    const db = open();
    try {
      return read(db);
    } finally {
      db.close();
    }
  }

  /** Empty if the database cannot be read; the page's script then shows why. */
  function firstLook(): string {
    try {
      return String(
        withDatabase((db) => renderFirstLook(readStatus(db), config, serverClock(db, nowSeconds()).now)),
      );
    } catch {
      return '';
    }
  }

  /** The server's time, so that the page's first requests are about its present and not the browser's. */
  function presentSeconds(): number {
    try {
      return withDatabase((db) => serverClock(db, nowSeconds()).now);
    } catch {
      return nowSeconds();
    }
  }

  function newest(): LiveEvent {
    try {
      const row = withDatabase(readNewest);
      return row === null ? { tick: null, at: null } : { tick: Number(row['tick']), at: Number(row['at']) };
    } catch {
      // The file does not exist yet or is being replaced; requests for data report why.
      return { tick: null, at: null };
    }
  }
  return app;
}

function explain(issue: v.BaseIssue<unknown>): string {
  return issue.received === 'undefined' ? 'is missing' : issue.message;
}
