/** Runs axe-core on every view in both themes. Serious and critical violations fail, others are printed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Browser } from 'playwright-core';
import { openForReading } from '../../daemon/src/record/database.ts';
import { ModelledHost } from './modelled-host.ts';
import { appears, launch, Served, seeAll } from './served.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let served: Served;
let browser: Browser;
let container = '';

before(async () => {
  served = new Served();
  const host = new ModelledHost({ database: served.database });
  await host.past(1);
  await served.start();
  const db = openForReading(served.database);
  container = String(
    db.prepare(`SELECT container_id FROM action WHERE kind = 'remove' LIMIT 1`).get()?.['container_id'],
  );
  db.close();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no serious violation in any view, ${colorScheme} theme`, async () => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    const views = [
      '/',
      '/containers',
      '/panels/contenedores',
      '/panels/procesos-del-sistema',
      `/containers/${container}`,
      '/processes',
      '/decisions',
      '/simulation',
      '/plain',
    ];
    for (const path of views) {
      await page.goto(served.url + path);
      if (path !== '/plain') await appears(page);
      await page.locator('main').locator('h1, h2').first().waitFor();
      await seeAll(page);
      await page.evaluate(AXE);
      const { violations, passes }: AxeResults = await page.evaluate(
        `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
      );
      assert.ok(passes.length > 10);
      const messages = violations.map(
        ({ id, impact, help, nodes }) => `${impact} ${id}: ${help} (${nodes[0]?.html.slice(0, 160)})`,
      );
      if (messages.length > 0) console.log(`${path} ${colorScheme}:\n  ${messages.join('\n  ')}`);
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      assert.deepEqual(
        serious.map(({ id }) => id),
        [],
        `${path}\n${messages.join('\n')}`,
      );
    }
    await context.close();
  });
}
