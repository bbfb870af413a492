import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Config } from '../model/config.ts';
import { readMetrics } from '../record/metrics.ts';
import { type Database, readEvents, readStatus } from '../record/queries.ts';
import { metricsFormat, renderMetrics } from './metrics.ts';
import { renderPage, STYLE } from './page.ts';

/** Names a browser may ask for. Any other Host is a foreign page that was pointed at this address (DNS rebinding). */
const OWN_HOSTS = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

const MAX_EVENTS = 1000;

/** Everything that the network sees. It only reads: there is no route that changes anything. */
export function createHttpApp(open: () => Database, config: Config, nowSeconds: () => number): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: 'DENY',
      // Plain HTTP on loopback: a promise of TLS would lock the browser out.
      strictTransportSecurity: false,
      referrerPolicy: 'no-referrer',
    }),
  );
  app.use(async (context, next) => {
    if (!OWN_HOSTS.test(context.req.header('host') ?? ''))
      return context.text('This host name is not served here.\n', 421);
    context.header('Cache-Control', 'no-store');
    return next();
  });
  app.get('/', (context) =>
    context.html(withDatabase((db) => renderPage(readStatus(db), config, nowSeconds()))),
  );
  app.get('/style.css', (context) => context.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8' }));
  app.get('/api/status', (context) =>
    context.json(withDatabase((db) => ({ quotas: config.quotas, ...readStatus(db) }))),
  );
  app.get('/api/events', (context) => {
    const limit = Number(context.req.query('limit') ?? 100);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_EVENTS) {
      return context.json({ error: `limit: a whole number from 1 to ${MAX_EVENTS}` }, 400);
    }
    const container = context.req.query('container') ?? '';
    return context.json(withDatabase((db) => readEvents(db, { limit, container })));
  });
  app.get('/metrics', (context) => {
    const format = metricsFormat(context.req.header('accept'));
    return context.body(
      withDatabase((db) => renderMetrics(readMetrics(db), config, format)),
      200,
      {
        'Content-Type': format.contentType,
      },
    );
  });
  app.notFound((context) => context.text('There is no such page. Begin at /\n', 404));
  app.onError((error, context) => context.text(`${error.message}\n`, 503));

  // Opened for each look: the writer may set a damaged file aside, or switch the journal mode when it stops.
  function withDatabase<T>(look: (db: Database) => T): T {
    const db = open();
    try {
      return look(db);
    } finally {
      db.close();
    }
  }
  return app;
}
