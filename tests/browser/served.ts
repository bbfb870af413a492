import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';

const VIGIA = join(import.meta.dirname, '../../daemon/src/cli/vigia.ts');
const READY_WITHIN_MS = 120_000;

/** Runs `vigia serve` on its own database. It can be stopped and started again at the same address. */
export class Served {
  readonly directory = mkdtempSync(join(tmpdir(), 'vigia-page-'));
  readonly database = join(this.directory, 'vigia.db');
  #port = 0;
  #child: ChildProcess | null = null;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Without `settings` with the assignment's set-up. */
  async start(settings = 'demo: true\n'): Promise<void> {
    this.#port ||= await freePort();
    const file = join(this.directory, 'config.yaml');
    writeFileSync(file, `database: ${this.database}\npage: { port: ${this.#port} }\n${settings}`);
    this.#child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', VIGIA, '--config', file, 'serve'],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
    const until = Date.now() + READY_WITHIN_MS;
    while (!(await this.#answers())) {
      if (this.#child.exitCode !== null || Date.now() > until) throw new Error('vigia serve does not answer');
      await pause(50);
    }
  }

  /** Stops it with SIGTERM and waits. Returns its exit code; null when a signal ended it or it was not running. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    return (await ended)[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    return fetch(`${this.url}/icon.svg`).then(
      () => true,
      () => false,
    );
  }
}

/** Starts Debian's Chromium with a temporary profile. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Waits until the page's code has replaced the server-rendered overview, which has no navigation. */
export async function appears(page: Page): Promise<void> {
  await page.locator('nav').first().waitFor();
}

/** Scrolls through the page until nothing is loading: a panel asks for its rows when it becomes visible. */
export async function seeAll(page: Page): Promise<void> {
  const loading = page.locator('main', { hasText: 'Cargando…' });
  const end = performance.now() + READY_WITHIN_MS;
  while ((await loading.count()) > 0) {
    if (performance.now() > end) throw new Error(`still loading: ${page.url()}`);
    await page.evaluate(`[...document.querySelectorAll('.panel')]
      .find(({ textContent }) => textContent.includes('Cargando…'))?.scrollIntoView()`);
    await pause(50);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
