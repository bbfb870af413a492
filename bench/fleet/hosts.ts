import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULTS } from '../../daemon/src/model/config.ts';
import { readMetrics } from '../../daemon/src/record/metrics-queries.ts';
import { metricsFormat, renderMetrics } from '../../daemon/src/show/metrics.ts';
import { ModelledHost } from '../../tests/browser/modelled-host.ts';

/** The format in which `vigia serve` answers Prometheus. */
const FORMAT = metricsFormat('application/openmetrics-text;version=1.0.0');
const SCENARIOS = ['workload', 'hogs', 'patterns', 'spinners'];
const TIMESTAMP = /^(vigia_last_cycle_timestamp_seconds) .*$/m;

/** Records the text of `/metrics` after each cycle of a simulated host: the daemon's own loop, in virtual time. */
export async function recordTexts(scenario: string, hours: number): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-fleet-'));
  const texts: string[] = [];
  const host = new ModelledHost({
    database: join(folder, 'vigia.db'),
    scenario,
    onCycle: (db) => texts.push(renderMetrics(readMetrics(db), DEFAULTS, FORMAT)),
  });
  await host.past(hours);
  host.stop();
  rmSync(folder, { recursive: true });
  return texts;
}

/** Many hosts made from a few recorded ones: each host replays one recording, with an offset of its own. */
export class Hosts {
  readonly #recorded: readonly (readonly string[])[];

  private constructor(recorded: readonly (readonly string[])[]) {
    this.#recorded = recorded;
  }

  static async record(hours: number): Promise<Hosts> {
    const recorded: (readonly string[])[] = [];
    for (const scenario of SCENARIOS) recorded.push(await recordTexts(scenario, hours));
    return new Hosts(recorded);
  }

  /** The metrics of host number `host` at a Unix time. After the last recorded cycle the recording repeats. */
  textOf(host: number, atSeconds: number): string {
    const texts = this.#recorded[host % this.#recorded.length] ?? [];
    const cycle = Math.floor((atSeconds + (host % DEFAULTS.cycleSeconds)) / DEFAULTS.cycleSeconds);
    const text = texts[(cycle + 7 * host) % texts.length] ?? '';
    return text.replace(TIMESTAMP, `$1 ${cycle * DEFAULTS.cycleSeconds - (host % DEFAULTS.cycleSeconds)}`);
  }

  /** Serves all hosts at `/<number>/metrics` and returns the port. */
  async serve(): Promise<number> {
    const server = createServer((request, response) => {
      const host = Number(/^\/(\d+)\/metrics$/.exec(request.url ?? '')?.[1] ?? Number.NaN);
      if (Number.isNaN(host)) return response.writeHead(404).end();
      response.setHeader('Content-Type', FORMAT.contentType);
      return response.end(this.textOf(host, Date.now() / 1000));
    }).listen(0, '127.0.0.1');
    server.unref();
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }
}
