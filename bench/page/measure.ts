/**
 * Measures how long the page takes to become useful, compared with an empty page, and the server CPU that one open page costs.
 *   node bench/page/measure.ts [RUNS]
 * Both pages are loaded in turn from the same server in the same browser, each with a fresh profile. Only their ratio
 * is meaningful.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { ModelledHost } from '../../tests/browser/modelled-host.ts';
import { launch, Served } from '../../tests/browser/served.ts';

const RUNS = Number(process.argv[2] ?? 15);
const WATCHED_CYCLES = 6;
const CYCLE_SECONDS = 20;
const CLOCK_TICKS_PER_SECOND = 100;

await using served = new Served();
const host = new ModelledHost({ database: served.database });
await host.past(3);
await served.start();
// An empty page from the same server, with the same headers.
const emptyPage = join(import.meta.dirname, '../../page/dist/assets/empty.html');
writeFileSync(emptyPage, '<!doctype html><title>x</title><p>.</p>');
const browser = await launch();

/** Times in ms since the navigation began. */
const times = { empty: [] as number[], placesPainted: [] as number[], firstPaint: [] as number[] };
// The first run warms up the server and the browser and is not counted.
for (let run = 0; run <= RUNS; run += 1) {
  const empty = await paintOf(browser, '/assets/empty.html', 'p');
  const page = await paintOf(browser, '/', '.places li');
  if (run === 0) continue;
  times.empty.push(empty.painted);
  times.firstPaint.push(page.firstPaint);
  times.placesPainted.push(page.painted);
}
rmSync(emptyPage);
const [empty, first, useful] = [median(times.empty), median(times.firstPaint), median(times.placesPainted)];
console.log(`${RUNS} runs each, medians in ms since the navigation began`);
console.log(`an empty page painted           ${empty.toFixed(0)}`);
console.log(
  `the overview, first paint       ${first.toFixed(0)}  ${(first / empty).toFixed(2)} times the empty page`,
);
console.log(
  `the overview, the places shown  ${useful.toFixed(0)}  ${(useful / empty).toFixed(2)} times the empty page`,
);

for (const path of ['/', '/panels/contenedores']) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const viewer = await context.newPage();
  await viewer.goto(served.url + path);
  await viewer.locator('.connection.open').waitFor();
  await pause(2000);
  const before = cpuSeconds(served.pid);
  const began = performance.now();
  for (let cycle = 0; cycle < WATCHED_CYCLES; cycle += 1) {
    await pause(CYCLE_SECONDS * 1000);
    await host.live(CYCLE_SECONDS);
  }
  const share = (cpuSeconds(served.pid) - before) / ((performance.now() - began) / 1000);
  console.log(
    `one viewer of ${path.padEnd(22)} ${(100 * share).toFixed(2)} % of a core, the server's own process`,
  );
  await context.close();
}
await browser.close();

/**
 * In ms since the navigation: `painted`, when the frame after the element was added began; `firstPaint`, the browser's
 * first contentful paint.
 */
async function paintOf(
  from: Browser,
  path: string,
  selector: string,
): Promise<{ firstPaint: number; painted: number }> {
  const context = await from.newContext();
  const page = await context.newPage();
  await page.addInitScript(`
    new MutationObserver((_, observer) => {
      if (document.querySelector(${JSON.stringify(selector)}) === null) return;
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => { window.painted = performance.now(); }));
    }).observe(document, { childList: true, subtree: true });`);
  await page.goto(served.url + path);
  while (!(await page.evaluate('window.painted !== undefined'))) await pause(10);
  const painted: number = await page.evaluate('window.painted');
  const firstPaint: number = await page.evaluate(
    `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0`,
  );
  await context.close();
  return { firstPaint, painted };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** User and system time of a process, from /proc/PID/stat. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}
