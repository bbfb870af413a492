/** What the page must not get wrong: old data, removed containers, another clock, ranges, and the way from chart to decision. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openForReading, openForWriting } from '../../daemon/src/record/database.ts';
import { saveEngineEvents } from '../../daemon/src/record/engine-events.ts';
import { markSimulated } from '../../daemon/src/record/simulated.ts';
import { ModelledHost } from './modelled-host.ts';
import { appears, launch, Served, seeAll } from './served.ts';

const PATIENCE_MS = 60_000;
const HOUR_MS = 3_600_000;

let served: Served;
let host: ModelledHost;
let browser: Browser;

before(async () => {
  served = new Served();
  host = new ModelledHost({ database: served.database });
  await host.past(1.2);
  await served.start();
  browser = await launch();
  await host.live();
});

after(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
});

async function opened(
  path: string,
  { url = served.url, ahead = 0, ...options }: BrowserContextOptions & { url?: string; ahead?: number } = {},
) {
  const context = await browser.newContext({ locale: 'es', ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  if (ahead !== 0)
    await page.addInitScript(`{ const real = Date.now.bind(Date); const Old = Date;
      globalThis.Date = class extends Old { constructor(...a) { super(...(a.length === 0 ? [real() + ${ahead}] : a)); }
        static now() { return real() + ${ahead}; } }; }`);
  await page.goto(url + path);
  await appears(page);
  await page.locator('main h1').first().waitFor();
  return { page, [Symbol.asyncDispose]: () => context.close() };
}

const text = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(selector).first().innerText()).replaceAll('\u00a0', ' ');

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > end) assert.fail(`never: ${what}`);
    await pause(50);
  }
}

/** Rows of the record as it is now. */
function rows(sql: string, database = served.database): Record<string, unknown>[] {
  const db = openForReading(database);
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

test('after a cycle that removed eleven, the places hold survivors and all eleven are listed', async () => {
  await using view = await opened('/');
  const { page } = view;
  let removed = 0;
  for (let i = 0; i < 12 && removed < 11; i += 1) {
    await host.live();
    removed = Number(rows('SELECT removed FROM cycle ORDER BY tick DESC LIMIT 1')[0]?.['removed']);
  }
  assert.ok(removed >= 11, `${removed} removed`);
  const tick = Number(rows('SELECT max(tick) AS tick FROM cycle')[0]?.['tick']);
  await until(async () => (await text(page, '.verdict p')).startsWith(`ciclo ${tick},`), `cycle ${tick}`);
  const gone = new Set(
    rows('SELECT name FROM container WHERE removed_at IS NOT NULL').map(({ name }) => name),
  );
  const places = await page.locator('.places li a.name').allInnerTexts();
  assert.equal(places.length, 5);
  for (const name of places) assert.ok(!gone.has(name), `${name} was removed`);
  const newest = page.locator('.cycles > li').first();
  assert.match(await newest.locator('h3').innerText(), /hace \d+\ss\s+Eliminado 11\s+ciclo/);
  assert.equal(await newest.locator('.decisions > li').count(), 11);
  await newest.locator('h3 a').click();
  await page.waitForURL(/\/decisions\?tick=\d+$/);
  await until(
    async () => (await page.locator('tbody tr').count()) === 11,
    'the eleven decisions of the cycle',
  );
  await page.getByRole('button', { name: /Solo el ciclo/ }).click();
  await until(async () => (await page.locator('tbody tr').count()) > 11, 'all decisions');
});

test('data that is old looks old on every view, in the title and in the icon', async () => {
  await using stopped = new Served();
  const past = new ModelledHost({ database: stopped.database });
  await past.past(0.1, Date.now() - 600_000);
  await stopped.start();
  for (const path of [
    '/',
    '/containers',
    '/processes',
    '/decisions',
    '/panels/contenedores',
    '/simulation',
  ]) {
    await using view = await opened(path, { url: stopped.url });
    const { page } = view;
    await page.locator('.connection.stale').waitFor();
    assert.match(await text(page, '.connection'), /Sin datos nuevos\s*hace 1\d min/, path);
    assert.ok((await text(page, '.host-name')).length > 0);
    assert.match(await text(page, '.mode'), /actúa/);
    await until(async () => (await page.title()).startsWith('✖ '), 'the title shows it');
    assert.equal(await page.locator('link[rel=icon]').getAttribute('href'), '/icon-bad.svg');
    const where = path === '/' ? '.findings' : '.strip.bad';
    assert.match(await text(page, where), /Vigía no se ejecuta desde hace 1\d min/, path);
    if (path === '/') assert.equal(await page.locator('.lane .state.good').count(), 0);
  }
});

test('a healthy host shows no strip, and its icon is plain', async () => {
  await host.live();
  await using view = await opened('/decisions');
  await view.page.locator('.connection.open:not(.stale)').waitFor();
  await until(async () => /^Decisiones · .+ · Vigía$/.test(await view.page.title()), 'a plain title');
  assert.equal(await view.page.locator('.strip').count(), 0);
  assert.equal(await view.page.locator('link[rel=icon]').getAttribute('href'), '/icon.svg');
});

test('panels have data, whatever the clock of the browser says', async () => {
  for (const ahead of [-20 * 60_000, 47 * 24 * HOUR_MS]) {
    await using view = await opened('/panels/contenedores?last=15m', { ahead });
    const panel = view.page.locator('.panel.kind-line').first();
    await panel.locator('canvas').waitFor();
    assert.equal(await panel.locator('.empty').count(), 0);
  }
});

test('a simulated record from another year opens green, with data', async () => {
  await using simulated = new Served();
  const past = new ModelledHost({ database: simulated.database });
  await past.past(1, Date.now() + 40 * 24 * HOUR_MS);
  past.stop();
  const db = openForWriting(simulated.database, (message) => assert.fail(message));
  markSimulated(db);
  db.close();
  await simulated.start();
  await using view = await opened('/', { url: simulated.url });
  const { page } = view;
  assert.match(await text(page, '.verdict h1'), /Todo en orden/);
  await until(
    async () => /registro simulado[\s\S]*hace 0 s/.test(await text(page, '.host-bar')),
    'the bar says that it is simulated',
  );
  await page.getByRole('link', { name: 'Gráficas' }).click();
  await page.locator('.panel.kind-line canvas').first().waitFor();
});

test('marks cover the whole range, and a click on one opens its decisions', async () => {
  await using view = await opened('/panels/contenedores');
  const { page } = view;
  const answered = page.waitForResponse((one) => one.url().includes('/api/marks'));
  await page.reload();
  const answer = await answered;
  const { rows: marks } = await answer.json();
  assert.ok(marks.length > 30, `${marks.length} marks in an hour with removals in each minute`);
  assert.ok(marks.at(-1)[0] - marks[0][0] > 3400);
  await seeAll(page);
  const over = page.locator('.panel.kind-line .u-over').first();
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  assert.ok(box);
  await until(async () => {
    for (let x = 5; x < 60; x += 3) {
      await page.mouse.move(box.x + box.width / 2 + x, box.y + box.height - 4);
      if ((await page.locator('.at-mark').count()) > 0) return true;
    }
    return false;
  }, 'a mark under the cursor');
  assert.match(await text(page, '.mark-text'), /\d+ eliminados?, .* – .*: .*\(clic para ver\)/);
  await page.mouse.down();
  await page.mouse.up();
  await page.waitForURL(/\/decisions\?kind=remove&from=\d+&to=\d+/);
  await page.locator('tbody tr').first().waitFor();
  const kinds = await page.locator('tbody .action').allInnerTexts();
  assert.ok(kinds.length >= 1 && kinds.length <= 22 && kinds.every((kind) => /Eliminado/.test(kind)));
});

test('average and maximum that coincide are one line with both names', async () => {
  await using view = await opened('/panels/procesos-del-sistema');
  await view.page.route('**/api/panel/host-cpu-over-time*', (route) => {
    const [from, to] = ['from', 'to'].map((name) =>
      Number(new URL(route.request().url()).searchParams.get(name)),
    );
    const rows = [from, ((from ?? 0) + (to ?? 0)) / 2, to].map((at) => [(at ?? 0) / 1000, 5, 5]);
    return route.fulfill({ json: { columns: ['time', 'Promedio', 'Máximo'], rows } });
  });
  await view.page.reload();
  const panel = view.page.locator('.panel', { hasText: 'CPU del anfitrión en el tiempo' });
  await panel.scrollIntoViewIfNeeded();
  await panel.locator('canvas').waitFor();
  assert.deepEqual(
    (await panel.locator('.legend li').allInnerTexts()).map((one) => one.trim().replace(/\s+[\d,]+\s%$/, '')),
    ['Promedio = Máximo'],
  );
});

test('the page of a removed container opens on its own life, with figures in it', async () => {
  const [life] = rows(`SELECT id, first_seen, removed_at FROM container
    WHERE removed_at - first_seen BETWEEN 20 AND 60 AND removed_at < (SELECT max(at) FROM cycle) - 1800 LIMIT 1`);
  assert.ok(life);
  await using view = await opened(`/containers/${life['id']}`);
  const { page } = view;
  const request = page.waitForRequest((sent) => sent.url().includes('/api/panel/container-ram'));
  await page.reload();
  await page.locator('#history').scrollIntoViewIfNeeded();
  const asked = new URL((await request).url()).searchParams;
  const [from, to] = [Number(asked.get('from')) / 1000, Number(asked.get('to')) / 1000];
  assert.ok(from < Number(life['first_seen']) && from > Number(life['first_seen']) - 120);
  assert.ok(to > Number(life['removed_at']) && to < Number(life['removed_at']) + 120);
  assert.equal(await page.getByRole('button', { name: 'Su vida' }).getAttribute('aria-pressed'), 'true');
  const ram = page.locator('.panel', { hasText: 'RAM' }).first();
  await ram.locator('canvas').waitFor();
  assert.doesNotMatch(await text(page, 'section[aria-labelledby=commands]'), /pause|protect/);
  assert.match(
    await text(page, 'section[aria-labelledby=commands]'),
    new RegExp(`vigia explain ${String(life['id']).slice(0, 12)}`),
  );
});

test('what the engine told of a container is on its page, also of a death that was not ours', async () => {
  const [running] = rows(
    'SELECT id, name FROM container WHERE removed_at IS NULL ORDER BY last_seen DESC LIMIT 1',
  );
  const [id, name] = [String(running?.['id']), String(running?.['name'])];
  const db = openForWriting(served.database, assert.fail);
  const event = { id, name, image: 'i', exitCode: null, signal: null, health: null };
  const at = Math.floor(Date.now() / 1000) * 1000;
  saveEngineEvents(db, [
    { event: { ...event, kind: 'start', at, moment: `${at}.1` }, because: null, evidence: null },
    {
      event: { ...event, kind: 'die', at: at + 1000, moment: `${at}.2`, exitCode: 137 },
      because: { code: 'oom-own-limit', limitMib: 256, died: true },
      evidence: null,
    },
  ]);
  db.close();
  await using view = await opened(`/containers/${id}`);
  const told = view.page.locator('.told li');
  await told.first().waitFor();
  assert.match(
    await told.nth(0).innerText(),
    /el OOM killer del kernel lo mató en su propio límite de 256\sMiB/,
  );
  assert.match(await told.nth(1).innerText(), /se inició/);
});

test('the range that was chosen is kept from view to view, and can be given by dates', async () => {
  await using view = await opened('/panels/contenedores');
  const { page } = view;
  await page.getByRole('button', { name: '24 h' }).click();
  await page.getByRole('link', { name: 'Procesos del sistema' }).click();
  await page.waitForURL(/procesos-del-sistema\?last=24h$/);
  await page.getByRole('link', { name: 'Procesos en vivo' }).click();
  await page.waitForURL(/\/processes$/);
  await page.getByRole('link', { name: 'Decisiones', exact: true }).click();
  await page.waitForURL(/\/decisions\?last=24h$/);
  assert.equal(await page.getByRole('button', { name: '24 h' }).getAttribute('aria-pressed'), 'true');
  await page.locator('.dates summary').click();
  await page.getByLabel('Desde').fill('2026-01-02T03:00:00');
  await page.getByLabel('Hasta').fill('2026-01-02T02:00:00');
  await page.getByRole('button', { name: 'Aplicar' }).click();
  assert.match(page.url(), /last=24h$/, 'an end before the beginning is refused');
  await page.getByLabel('Hasta').fill('2026-01-02T05:00:00');
  await page.getByRole('button', { name: 'Aplicar' }).click();
  await page.waitForURL(/from=\d+&to=\d+$/);
  const { searchParams } = new URL(page.url());
  assert.equal(Number(searchParams.get('to')) - Number(searchParams.get('from')), 2 * HOUR_MS);
  await page.getByRole('link', { name: 'Gráficas' }).click();
  await page.waitForURL(/panels\/contenedores\?from=\d+&to=\d+$/);
});

test('no live region holds a figure that changes every second', async () => {
  await using view = await opened('/');
  const regions = await view.page.locator('[aria-live], [role=status]').allInnerTexts();
  assert.ok(regions.length >= 2);
  for (const one of regions) assert.doesNotMatch(one, /hace|\d/, one);
});

test('bars are drawn up to 100 %, in the colours of the thresholds; without limits the panel says so', async () => {
  await using view = await opened('/panels/contenedores');
  const { page } = view;
  const panel = page.locator('.panel', { hasText: 'RAM contra el límite' });
  await panel.scrollIntoViewIfNeeded();
  assert.match(await panel.locator('.empty:not([role])').innerText(), /Ningún contenedor tiene un límite/);
  await page.route('**/api/panel/limit-use*', (route) =>
    route.fulfill({
      json: {
        columns: ['Contenedor', 'Del límite'],
        rows: [
          ['a', 97],
          ['b', 85],
          ['c', 0.05],
        ],
      },
    }),
  );
  await page.reload();
  await panel.scrollIntoViewIfNeeded();
  await panel.locator('.bars i').first().waitFor();
  const bars = await panel
    .locator('.bars i')
    .evaluateAll((all) =>
      all.map((one) => [one.className, (one as unknown as { style: { width: string } }).style.width]),
    );
  assert.deepEqual(bars, [
    ['red', '97%'],
    ['yellow', '85%'],
    ['green', '0.05%'],
  ]);
});

test('an unknown address is a view of the page that says so', async () => {
  await using view = await opened('/no/such/view');
  assert.match(await text(view.page, 'main'), /Esta dirección no existe\s+\/no\/such\/view\s+Resumen/);
});
