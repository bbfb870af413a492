/** The page in a browser: a real server on a real database, filled by the daemon's own loop on a simulated host. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { DEFAULTS } from '../../daemon/src/model/config.ts';
import { closeCleanly, openForReading, openForWriting } from '../../daemon/src/record/database.ts';
import { Store } from '../../daemon/src/record/store.ts';
import { config, container, decisionOn, snapshot, usage } from '../unit/builders.ts';
import { HOSTILE, ModelledHost } from './modelled-host.ts';
import { appears, launch, Served, seeAll } from './served.ts';

const HOURS = 1.5;
const PATIENCE_MS = 60_000;

let served: Served;
let host: ModelledHost;
let browser: Browser;

before(async () => {
  served = new Served();
  host = new ModelledHost({ database: served.database, hasHostileNames: true });
  await host.past(HOURS);
  await served.start();
  browser = await launch();
  // The newest cycle may be a minute old by now, and the page would report that the daemon has stopped.
  await host.live();
});

after(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
});

/** Opens a page. Its disposal fails the test after a page error, a dialog or a console error that is not `expected`. */
async function opened(path: string, options: BrowserContextOptions = {}, expected = /^$/) {
  const context = await browser.newContext({ locale: 'es', ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected.test(message.text())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('dialog', (dialog) => {
    problems.push(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(served.url + path);
  await appears(page);
  await page.locator('main h1, main .empty:not([role])').first().waitFor();
  return {
    page,
    async [Symbol.asyncDispose]() {
      await context.close();
      assert.deepEqual(problems, []);
    },
  };
}

const text = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(selector).first().innerText()).replaceAll('\u00a0', ' ');

/** Polls from outside: the page's content security policy forbids evaluating text inside it. */
async function until(page: Page, condition: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await page.evaluate(condition))) {
    if (Date.now() > end) assert.fail(`never true: ${condition}`);
    await pause(50);
  }
}

test('the overview shows a healthy host, 3 and 2 places taken, and the last decisions with reasons in Spanish', async () => {
  await using view = await opened('/');
  const { page } = view;
  assert.match(await text(page, '.verdict h1'), /Todo en orden/);
  assert.match(await text(page, '.lane.low header'), /3 de 3\s+completo/);
  assert.match(await text(page, '.lane.high header'), /2 de 2\s+completo/);
  assert.equal(await page.locator('.lane.low .places li').count(), 3);
  assert.equal(await page.locator('.lane.high .places li').count(), 2);
  await page.evaluate(`document.querySelectorAll('details.rest').forEach((one) => { one.open = true; })`);
  const decisions = await page.locator('.decisions > li').allInnerTexts();
  assert.ok(decisions.length >= 10);
  for (const decision of decisions) {
    assert.match(decision, /Eliminado|Iniciado|Frenado|Liberado/);
    assert.doesNotMatch(decision, /\b(where|stay|memory|runs|the)\b/);
  }
});

test('a new cycle appears without a reload in the overview and in the process list', async () => {
  await using overview = await opened('/');
  await using processes = await opened('/processes');
  const before = await text(overview.page, '.verdict p');
  const clock = await text(processes.page, '.about');
  await host.live();
  await until(
    overview.page,
    `document.querySelector('.verdict p').innerText.split(',')[0] !== ${JSON.stringify(before.split(',')[0])}`,
  );
  await until(processes.page, `document.querySelector('.about').innerText !== ${JSON.stringify(clock)}`);
});

test('the overview reports a blind sensor and its consequence, and recovers', async () => {
  await using view = await opened('/');
  const { page } = view;
  host.faults = [{ sensor: 'continfo', reason: { code: 'message', text: 'the file was cut' }, blind: true }];
  await host.live();
  await page.locator('.verdict.bad').waitFor();
  assert.match(
    await text(page, '.findings'),
    /Un sensor no puede leer: continfo: the file was cut\..*no elimina nada/,
  );
  host.faults = [];
  await host.live();
  await page.locator('.verdict.good, .verdict.warn').waitFor();
});

test('every panel of both dashboards shows rows and no error', async () => {
  for (const id of ['contenedores', 'procesos-del-sistema']) {
    await using view = await opened(`/panels/${id}`);
    const { page } = view;
    const panels = page.locator('.panel');
    await panels.first().waitFor();
    assert.ok((await panels.count()) > 10);
    for (const panel of await panels.all()) {
      await panel.scrollIntoViewIfNeeded();
      const title = await panel.locator('h2, h3').first().innerText();
      const shown = panel.locator(
        '.plot canvas, .stat, .pie svg, .bars div, .timeline dd i, tbody td, .empty:not([role])',
      );
      await shown.first().waitFor();
      // On a healthy host no cycle holds, and no simulated container has a limit.
      const mayBeEmpty = /espera|límite/i.test(title);
      assert.ok(mayBeEmpty || (await panel.locator('.empty').count()) === 0, `${title}: no rows`);
      assert.equal(await panel.locator('[role=alert]').count(), 0, title);
    }
  }
});

test('dragging over a chart zooms every panel, a double click undoes it', async () => {
  await using view = await opened('/panels/contenedores');
  const { page } = view;
  const panel = page.locator('.panel.kind-line').first();
  await panel.waitFor();
  // A panel that is still loading moves the panels below it.
  await seeAll(page);
  const plot = panel.locator('.u-over');
  await plot.hover();
  const box = await plot.boundingBox();
  assert.ok(box);
  const request = page.waitForRequest((sent) => sent.url().includes('/api/panel/removed-over-time'));
  const middle = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.25, middle);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, middle, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/from=\d+&to=\d+/);
  const [from, to] = ['from', 'to'].map((name) => Number(new URL(page.url()).searchParams.get(name)));
  assert.ok(from !== undefined && to !== undefined);
  const minutes = (to - from) / 60_000;
  assert.ok(minutes > 13 && minutes < 17, `a quarter of an hour, not ${minutes} min`);
  assert.ok((await request).url().includes(`from=${from}`));
  await plot.dblclick();
  await page.waitForURL((url) => !url.searchParams.has('from'));
});

test('zooming works with the keyboard', async () => {
  await using view = await opened('/panels/contenedores?last=6h');
  const { page } = view;
  await page.getByRole('button', { name: 'Acercar' }).press('Enter');
  await page.waitForURL(/from=/);
  const width = (): number => {
    const { searchParams } = new URL(page.url());
    return Number(searchParams.get('to')) - Number(searchParams.get('from'));
  };
  assert.equal(width(), 3 * 3_600_000);
  await page.getByRole('button', { name: 'Alejar' }).press('Enter');
  await page.waitForURL(
    (url) => Number(url.searchParams.get('to')) - Number(url.searchParams.get('from')) > 4e6 * 3,
  );
  assert.equal(width(), 6 * 3_600_000);
  await page.getByRole('button', { name: '15 min' }).press('Enter');
  await page.waitForURL(/last=15m/);
});

test('every chart can be read as a table', async () => {
  await using view = await opened('/panels/contenedores');
  const { page } = view;
  const panel = page.locator('.panel.kind-line').first();
  await panel.locator('canvas').waitFor();
  await panel.getByRole('button', { name: /Ver como tabla/ }).click();
  assert.ok((await panel.locator('tbody tr').count()) > 10);
  assert.match((await panel.locator('[role=img]').count()) === 0 ? 'table' : 'chart', /table/);
});

test('the page of a removed container shows why it was removed and how it ranked', async () => {
  await using view = await opened('/decisions?kind=remove&level=high');
  const { page } = view;
  await page.locator('tbody a.name').first().click();
  await page.waitForURL(/\/containers\/[0-9a-f]{64}$/);
  await page.locator('#its-decisions').waitFor();
  const content = await text(page, 'main');
  assert.match(content, /eliminado por Vigía/);
  assert.match(content, /contenedores de alto consumo, cuota 2/);
  assert.match(content, /Fue el \d+\.º de \d+ elegidos; se consideraron \d+\./);
});

test('the page of a running container shows why it was not removed, and its processes', async () => {
  await using view = await opened('/');
  const { page } = view;
  await page
    .locator('.lane.high .places a.name', { hasText: /^ram-|^cpu-/ })
    .first()
    .click();
  await page.locator('#its-decisions').waitFor();
  const content = await text(page, 'main');
  assert.match(content, /Vigía nunca actuó sobre él\./);
  assert.match(content, /dentro de la cuota de 2 contenedores de alto consumo/);
  assert.equal(await page.locator('main tbody tr').count(), 1);
});

test('an unknown container gets a page that says so, not an error', async () => {
  await using view = await opened(`/containers/${'0'.repeat(12)}f`, {}, /404/);
  assert.match(await text(view.page, 'main'), /No se conoce este contenedor/);
});

test('the process list sorts by a column, filters by text and can be paused', async () => {
  await using view = await opened('/processes');
  const { page } = view;
  const column = (n: number): Promise<string[]> => page.locator(`tbody td:nth-child(${n})`).allInnerTexts();
  await page.getByRole('button', { name: 'PID' }).click();
  const pids = (await column(1)).map(Number);
  assert.ok(pids.length > 10, `${pids.length} processes`);
  assert.deepEqual(
    pids,
    pids.toSorted((a, b) => b - a),
  );
  assert.equal(await page.locator('th[aria-sort=descending]').count(), 1);
  await page.getByRole('button', { name: 'PID' }).click();
  assert.deepEqual((await column(1)).map(Number), pids.toReversed());
  await page.getByRole('searchbox').fill('dockerd');
  await page.waitForURL(/text=dockerd/);
  assert.deepEqual(await column(2), ['dockerd']);
  await page.getByRole('searchbox').fill('no process has this name');
  assert.match(await text(page, 'main .empty'), /Ningún proceso coincide/);
  await page.getByRole('searchbox').fill('');
  await page.getByRole('button', { name: 'Pausar' }).click();
  const paused = await text(page, '.about');
  await using other = await opened('/processes');
  const clock = await text(other.page, '.about');
  await host.live();
  await until(other.page, `document.querySelector('.about').innerText !== ${JSON.stringify(clock)}`);
  assert.equal(await text(page, '.about'), paused);
});

test('the decision log filters by each of its fields and loads older entries', async () => {
  await using view = await opened('/decisions');
  const { page } = view;
  const rows = page.locator('tbody tr');
  await rows.first().waitFor();
  assert.equal(await rows.count(), 100);
  await page.getByRole('button', { name: 'Más antiguas' }).click();
  await until(page, `document.querySelectorAll('tbody tr').length === 200`);
  await page.getByLabel('Qué').selectOption({ label: 'Iniciado' });
  await until(
    page,
    `(() => {
      const kinds = [...document.querySelectorAll('tbody .action')].map(({ innerText }) => innerText);
      return kinds.length > 0 && kinds.every((kind) => kind.includes('Iniciado'));
    })()`,
  );
  assert.ok((await rows.count()) >= 5);
  await page.getByLabel('Qué').selectOption({ label: 'Todos' });
  await page.getByLabel('Clase').selectOption({ label: 'Bajo consumo' });
  await until(
    page,
    `document.querySelectorAll('tbody .badge.low').length > 0 &&
     document.querySelectorAll('tbody .badge.high, tbody .badge.none').length === 0`,
  );
  await page.getByLabel('Texto').fill('no such thing');
  await page.locator('main .empty').waitFor();
  await page.getByRole('button', { name: 'Quitar los filtros' }).click();
  await until(page, `document.querySelectorAll('tbody tr').length === 100`);
  await page.getByLabel('Resultado').selectOption({ label: 'falló' });
  await page.locator('main .empty').waitFor();
  assert.equal(new URL(page.url()).search, '?result=failed');
});

test("the page begins in the browser's language, and in Spanish where it does not have that", async () => {
  for (const [locale, title] of [
    ['en-GB', 'Containers'],
    ['es-GT', 'Contenedores'],
    ['ja', 'Contenedores'],
  ] as const) {
    await using view = await opened('/containers', { locale });
    assert.equal(await view.page.locator('h1').first().innerText(), title, locale);
  }
});

test('the chosen language and theme are kept after a reload', async () => {
  await using view = await opened('/', { colorScheme: 'light' });
  const { page } = view;
  const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await background();
  await page.getByRole('button', { name: 'Oscuro' }).click();
  const dark = await background();
  assert.notEqual(dark, light);
  await page.getByRole('button', { name: 'EN, English' }).click();
  await page.getByRole('heading', { name: 'Required containers' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Required containers' }).waitFor();
  assert.equal(await background(), dark);
  assert.equal(await page.evaluate('document.documentElement.lang'), 'en');
  assert.match(await text(page, '.decisions .because'), /containers?( running)?, quota \d|it has ended/);
  await page.getByRole('link', { name: 'Charts' }).click();
  await page.getByRole('heading', { name: 'RAM use over time' }).waitFor();
});

test('the theme follows the system until one is chosen', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await using view = await opened('/', { colorScheme });
    const sum: number = await view.page.evaluate(
      'getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0)',
    );
    assert.equal(sum < 200, colorScheme === 'dark');
  }
});

test('hostile names are shown as escaped text in every view', async () => {
  const db = openForReading(served.database);
  const id = String(db.prepare('SELECT id FROM container WHERE name = ?').get(HOSTILE)?.['id']);
  db.close();
  const inert = HOSTILE.replace('\u202e', '\\u202e').replace('\u0007', '\\x07').replace('\u001b', '\\x1b');
  for (const path of [
    '/',
    '/containers',
    '/processes',
    `/containers/${id}`,
    '/panels/contenedores',
    '/panels/procesos-del-sistema',
  ]) {
    await using view = await opened(path);
    const { page } = view;
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
    const place = page.getByText(inert, { exact: false }).first();
    if (path.startsWith('/panels')) await page.locator('.panel.kind-table').last().scrollIntoViewIfNeeded();
    await place.waitFor({ state: 'attached' });
    assert.equal(await page.locator('img[src=x], main script, main b b').count(), 0, path);
    assert.doesNotMatch(await page.title(), /owned/);
  }
});

test('the page reconnects after its server restarts, and shows new cycles', async () => {
  await using view = await opened(
    '/',
    {},
    /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_CONNECTION_RESET|ERR_EMPTY/,
  );
  const { page } = view;
  await page.locator('.connection.open').waitFor();
  await served.stop();
  await page.locator('.connection.lost').waitFor();
  assert.match(await text(page, '.verdict h1'), /Sin noticias del servidor/);
  assert.equal(await page.locator('.places li').count(), 5, 'the last known state stays visible');
  await served.start();
  await page.locator('.connection.open').waitFor();
  const before = await text(page, '.verdict p');
  await host.live();
  await until(
    page,
    `document.querySelector('.verdict p').innerText.split(',')[0] !== ${JSON.stringify(before.split(',')[0])}`,
  );
});

test('an open page does not keep the daemon from closing its database cleanly, nor from starting again', async () => {
  await using view = await opened('/');
  const { page } = view;
  await page.locator('.connection.open').waitFor();
  host.stop();
  await page.reload();
  await page.locator('.verdict').waitFor();
  host.start();
  const before = await text(page, '.verdict p');
  await host.live();
  await until(
    page,
    `document.querySelector('.verdict p').innerText.split(',')[0] !== ${JSON.stringify(before.split(',')[0])}`,
  );
});

test('without a database, or with an empty one, the page says what to do', async () => {
  await using empty = new Served();
  await empty.start();
  const context = await browser.newContext({ locale: 'es' });
  const page = await context.newPage();
  await page.goto(empty.url);
  await page.getByText('vigia up').first().waitFor();
  assert.match(await text(page, '[role=alert]'), /cannot read .*Has the daemon run here/);
  const first = new ModelledHost({ database: empty.database });
  await page.reload();
  await page.getByText('Todavía no hay ningún ciclo').waitFor();
  await first.live();
  await page.locator('.verdict.good, .verdict.bad, .verdict.warn').waitFor();
  await context.close();
});

test('the page reports that the daemon has stopped, and how long ago', async () => {
  await using stopped = new Served();
  const past = new ModelledHost({ database: stopped.database });
  await past.past(0.1, Date.now() - 600_000);
  const db = openForReading(stopped.database);
  const at = Number(db.prepare('SELECT max(at) AS at FROM cycle').get()?.['at']);
  db.close();
  const minutes = (): number => Math.round((Date.now() / 1000 - at) / 60);
  await stopped.start();
  const context = await browser.newContext({ locale: 'es' });
  const page = await context.newPage();
  await page.goto(stopped.url);
  await page.locator('.verdict.bad').waitFor();
  const least = minutes();
  await page.reload();
  await appears(page);
  const shown = Number(/Vigía no se ejecuta desde hace (\d+) min/.exec(await text(page, '.findings'))?.[1]);
  assert.ok(shown >= 10 && shown >= least && shown <= minutes(), `${shown} min`);
  await context.close();
});

test('missing containers are announced for the next cycle only in mode enforce', async () => {
  await using bare = new Served();
  const db = openForWriting(bare.database, (message) => assert.fail(message));
  new Store(db, config()).save(decisionOn(snapshot([], { at: Date.now() })), 1);
  closeCleanly(db);
  for (const mode of ['enforce', 'dry-run']) {
    await bare.start(`demo: true\nmode: ${mode}\n`);
    const context = await browser.newContext({ locale: 'es' });
    const page = await context.newPage();
    await page.goto(bare.url);
    await page.locator('.findings').waitFor();
    const content = await text(page, 'main');
    assert.match(content, /Faltan contenedores de bajo consumo: 0 de 3/);
    assert.equal(/próximo ciclo/.test(content), mode === 'enforce', content);
    assert.doesNotMatch(content, /las cuotas se cumplen|no tuvo que hacer nada/);
    await context.close();
    await bare.stop();
  }
});

test('a host in mode observe: nothing is wrong, the containers are listed by kind, and a notice has its time', async () => {
  await using own = new Served();
  const db = openForWriting(own.database, (message) => assert.fail(message));
  const at = Date.now();
  const limits = { cpuLimitPercent: 25, isLimitOurs: true, squeezedToKb: 512 * 1024 };
  const containers = [
    container(1, {
      name: 'shop-db',
      labels: { 'vigia.managed': 'true', 'vigia.cpu': '150', 'vigia.allow': 'restart,fly' },
      usage: usage({ ...limits, pidsLimitedTo: 1977, ioLimitedTo: 10 }),
    }),
    container(2, { name: 'other', labels: {} }),
  ];
  const reason = { code: 'manage-matches-nothing', at: 'config.yaml:7' } as const;
  const store = new Store(db, { ...DEFAULTS, database: own.database });
  const notices = { faults: [{ sensor: 'policy', reason, blind: false }] } as const;
  store.save(decisionOn(snapshot(containers, { tick: 1, at: at - 20_000, ...notices })), 1);
  closeCleanly(db);
  await own.start('mode: observe\n');
  const context = await browser.newContext({ locale: 'es' });
  const page = await context.newPage();
  await page.goto(own.url);
  await page.locator('.findings').waitFor();
  assert.match(await text(page, '.verdict'), /En marcha, con avisos[\s\S]* · observa ·/);
  assert.match(await text(page, '.findings'), /^Aviso, \d+:\d\d:\d\d: config\.yaml:7: /);
  const overview = await text(page, 'main');
  assert.match(overview, /Servicios 1 · Ajenos 1/);
  assert.match(overview, /shop-db[\s\S]*Límites de Vigía: CPU 25 %, memoria 512 MiB, 1[.,]?977 procesos/);
  assert.match(overview, /other/);
  assert.doesNotMatch(overview, /0 de 0|Bajo consumo|sensor falla|Fallo/);

  await page.locator('a.name', { hasText: 'shop-db' }).click();
  const policy = page.locator('section[aria-labelledby=policy]');
  await policy.waitFor();
  const shown = (await policy.innerText()).replaceAll('\u00a0', ' ');
  assert.match(shown, /Servicio \(etiqueta vigia\.managed\)/);
  assert.match(shown, /Aviso: .*vigia\.allow=restart,fly/);
  assert.match(shown, /Vigía puede: reiniciar\s/);
  assert.match(shown, /Umbral de CPU\s+150 % \(propio\)/);
  assert.match(shown, /Espera antes de actuar\s+60 s \(de la configuración\)/);
  assert.match(shown, /Límites de Vigía\s+CPU 25 %, memoria 512 MiB, .* procesos, E\/S 10 MiB\/s/);
  await context.close();
});

test('a simulation report opens and shows the broken invariant; another file is refused with a message', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-report-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const report = {
    scenario: 'the workload of the assignment',
    seed: 7,
    days: 30,
    cycles: 129_600,
    containers: 432_000,
    faults: 12,
    crashes: 2,
    removed: 431_000,
    kills: 3,
    started: 90,
    throttles: 4,
    restoredAfterMs: { p50: 420, p95: 900, p99: 1200, max: 20_400 },
    reactionMs: null,
    rssKb: [60_000, 61_000, 61_200],
    databaseBytes: [1e6, 5e6, 9e6],
    invariants: [
      { name: 'floor', about: 'never below 3 + 2', checks: 129_600, violations: [] },
      {
        name: 'protected',
        about: HOSTILE,
        checks: 9,
        violations: ['cycle 4, day 0 00:01:20: <b>struck</b>'],
      },
    ],
  };
  writeFileSync(join(folder, 'report.json'), JSON.stringify(report));
  writeFileSync(join(folder, 'other.json'), '{"scenario": 1}');
  await using view = await opened('/simulation');
  const { page } = view;
  await page.locator('input[type=file]').setInputFiles(join(folder, 'other.json'));
  assert.match(await text(page, '[role=alert]'), /other\.json no es un informe/);
  await page.locator('input[type=file]').setInputFiles(join(folder, 'report.json'));
  assert.match(await text(page, '.verdict'), /No se cumplió un invariante/);
  assert.match(await text(page, 'main'), /431\.000/);
  assert.match(await text(page, 'main'), /<b>struck<\/b>/);
  assert.match(await text(page, 'main'), /no fue necesario/);
});

test('on a phone no view is wider than the screen', async () => {
  for (const path of [
    '/',
    '/containers',
    '/panels/contenedores',
    '/panels/procesos-del-sistema',
    '/processes',
    '/decisions',
    '/simulation',
  ]) {
    await using view = await opened(path, { viewport: { width: 360, height: 740 } });
    const { page } = view;
    await seeAll(page);
    const width: number = await page.evaluate('document.documentElement.scrollWidth');
    assert.ok(width <= 360, `${path}: ${width} px`);
  }
});

test('the keyboard reaches the skip link, the views and the column headings', async () => {
  await using view = await opened('/');
  const { page } = view;
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate('document.activeElement.innerText'), 'Ir al contenido');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate('document.activeElement.id'), 'main');
  await page.getByRole('link', { name: 'Procesos en vivo' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/processes$/);
  assert.equal(await page.evaluate('document.activeElement.id'), 'main');
  await page.getByRole('button', { name: 'RSS' }).focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('th[aria-sort=descending]').textContent(), 'RSS▾');
});

test('the overview works without JavaScript', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(served.url);
  await page.getByRole('link', { name: /sin scripts/ }).click();
  await page.getByRole('heading', { name: 'Contenedores en marcha' }).waitFor();
  await context.close();
});
