/**
 * Takes the pictures in docs/images: every view, in both themes.
 *   node tests/browser/pictures.ts [URL]      URL: a running page, such as the lab's; without it, a simulated host
 * Builds the page first.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ModelledHost } from './modelled-host.ts';
import { launch, Served, seeAll } from './served.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');
const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const HOURS = 3;
const VIGIA = join(import.meta.dirname, '../../daemon/src/cli/vigia.ts');
const SIMULATION = [
  'simulate',
  '--days',
  '0.2',
  '--scenario',
  'patterns',
  '--seed',
  '2',
  '--faults',
  '--json',
];

const ROOT = join(import.meta.dirname, '../..');
const BUILD = [
  'node_modules/vite/bin/vite.js',
  'build',
  '--config',
  'page/vite.config.ts',
  '--logLevel',
  'warn',
];
execFileSync(process.execPath, BUILD, { cwd: ROOT, stdio: 'inherit' });
mkdirSync(IMAGES, { recursive: true });
const report = {
  name: 'simulation.json',
  mimeType: 'application/json',
  buffer: execFileSync(process.execPath, [VIGIA, ...SIMULATION], { stdio: ['ignore', 'pipe', 'ignore'] }),
};
await using served = new Served();
const url = process.argv[2] ?? (await startSimulatedHost());
const browser = await launch();
for (const theme of ['light', 'dark'] as const) {
  const context = await browser.newContext({
    viewport: WIDE,
    colorScheme: theme,
    locale: 'es',
    timezoneId: 'America/Guatemala',
  });
  const page = await context.newPage();
  await show(page, '/');
  const container = await page.locator('.places a.name').last().getAttribute('href');
  await shoot(page, `resumen-${theme}`);
  await show(page, '/containers');
  await shoot(page, `lista-${theme}`);
  await show(page, '/panels/contenedores');
  await shoot(page, `contenedores-${theme}`, 1500);
  await show(page, '/panels/procesos-del-sistema');
  await shoot(page, `procesos-del-sistema-${theme}`, 1500);
  await show(page, container ?? '/');
  await shoot(page, `contenedor-${theme}`, 1100);
  await show(page, '/processes');
  await shoot(page, `procesos-${theme}`);
  await show(page, '/decisions');
  await shoot(page, `decisiones-${theme}`);
  await show(page, '/simulation');
  await page.locator('input[type=file]').setInputFiles(report);
  await page.locator('main table').first().waitFor();
  await shoot(page, `simulacion-${theme}`, 1100);
  await page.setViewportSize(PHONE);
  await show(page, '/');
  await shoot(page, `telefono-${theme}`, PHONE.height);
  await context.close();
}
await browser.close();

async function startSimulatedHost(): Promise<string> {
  const host = new ModelledHost({ database: served.database });
  await host.past(HOURS);
  await served.start();
  await host.live();
  return served.url;
}

async function show(page: Page, path: string): Promise<void> {
  await page.goto(url + path);
  await page.locator('h1').first().waitFor();
  await page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => {});
}

async function shoot(page: Page, name: string, height = WIDE.height): Promise<void> {
  const { width } = page.viewportSize() ?? WIDE;
  await page.setViewportSize({ width, height });
  await seeAll(page);
  await page.evaluate('scrollTo(0, 0)');
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
}
