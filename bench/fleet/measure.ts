// Measures CPU, memory and disk use of VictoriaMetrics (Debian package) for a fleet: scrapes a number of hosts for some
// minutes, then imports past samples as fast as they are accepted. `node bench/fleet/measure.ts > results.json`
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { Hosts } from './hosts.ts';

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '6' },
    'past-hosts': { type: 'string', default: '1000' },
    'past-hours': { type: 'string', default: '0.25' },
  },
});
const PORT = 18_428;
const URL_ = `http://127.0.0.1:${PORT}`;
const INTERVAL_SECONDS = 20;
const TICKS_PER_SECOND = 100;
const FLEET = join(import.meta.dirname, '../../dashboards/fleet');

const folder = mkdtempSync(join(tmpdir(), 'vigia-fleet-'));
const instanceOf = (host: number): string => `host-${String(host).padStart(6, '0')}`;

/** A running program, with its CPU and memory use from /proc. */
class Program implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor(program: string, ...args: string[]) {
    this.#child = spawn(program, args, { stdio: ['ignore', 2, 2] });
    this.#child.on('exit', (code) => {
      if (code !== null && code !== 0) throw new Error(`${program} ended with ${code}`);
    });
  }

  /** Resident set size in MiB. */
  rss(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
  }

  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(stat[11]) + Number(stat[12])) / TICKS_PER_SECOND;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Ignore the exit code after SIGTERM: vmalert 1.79 may panic.
    this.#child.removeAllListeners('exit');
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

/** A VictoriaMetrics with a data folder of its own. */
class Victoria extends Program {
  constructor(name: string, ...args: string[]) {
    super(
      'victoria-metrics',
      `-storageDataPath=${join(folder, name)}`,
      `-httpListenAddr=127.0.0.1:${PORT}`,
      '-loggerLevel=ERROR',
      '-search.latencyOffset=1s',
      ...args,
    );
  }

  async ready(): Promise<void> {
    const isReady = () =>
      fetch(`${URL_}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await isReady())) await pause(100);
  }

  async metric(pattern: RegExp): Promise<number> {
    const text = await (await fetch(`${URL_}/metrics`)).text();
    return text
      .split('\n')
      .filter((line) => pattern.test(line))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  /** Size of data and index on disk after merging everything. */
  async mergedBytes(): Promise<{ data: number; index: number }> {
    await fetch(`${URL_}/internal/force_flush`);
    await fetch(`${URL_}/internal/force_merge`);
    do await pause(1000);
    while ((await this.metric(/^vm_active_(force_)?merges/)) > 0);
    return {
      data: await this.metric(/^vm_data_size_bytes\{type="storage\//),
      index: await this.metric(/^vm_data_size_bytes\{type="indexdb/),
    };
  }
}

async function countSeries(query: string): Promise<number> {
  const response = await fetch(`${URL_}/api/v1/query?${new URLSearchParams({ query: `count(${query})` })}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

/** Scrapes the hosts and evaluates the rules, as in a real fleet. */
async function scrape(hosts: Hosts, count: number, minutes: number) {
  const port = await hosts.serve();
  const groups = Array.from({ length: count }, (_, host) => ({
    targets: [`127.0.0.1:${port}`],
    labels: { instance: instanceOf(host), site: `site-${host % 20}`, __metrics_path__: `/${host}/metrics` },
  }));
  writeFileSync(join(folder, 'hosts.json'), JSON.stringify(groups));
  const job = { job_name: 'vigia', file_sd_configs: [{ files: [join(folder, 'hosts.json')] }] };
  const config = { global: { scrape_interval: `${INTERVAL_SECONDS}s` }, scrape_configs: [job] };
  writeFileSync(join(folder, 'scrape.yaml'), stringify(config));
  await using victoria = new Victoria(
    `scraped-${count}`,
    `-promscrape.config=${join(folder, 'scrape.yaml')}`,
  );
  await victoria.ready();
  await using vmalert = new Program(
    'vmalert',
    `-rule=${join(FLEET, 'rules.yaml')}`,
    `-datasource.url=${URL_}`,
    `-remoteWrite.url=${URL_}`,
    '-notifier.url=http://127.0.0.1:9',
    '-evaluationInterval=30s',
    '-httpListenAddr=127.0.0.1:18880',
    '-loggerLevel=FATAL',
  );
  // Skip the first round: it creates every series, which is not typical.
  await pause(2 * INTERVAL_SECONDS * 1000);
  const rows = () => victoria.metric(/^vm_rows_inserted_total\{type="promscrape"/);
  const [rowsBefore, cpuBefore, began] = [await rows(), victoria.cpuSeconds(), performance.now()];
  const vmalertBefore = vmalert.cpuSeconds();
  let peak = 0;
  while (performance.now() - began < minutes * 60_000) {
    peak = Math.max(peak, victoria.rss());
    await pause(5000);
  }
  const seconds = (performance.now() - began) / 1000;
  const samples = (await rows()) - rowsBefore;
  const cpu = victoria.cpuSeconds() - cpuBefore;
  const vmalertCpu = vmalert.cpuSeconds() - vmalertBefore;
  const up = await countSeries('up == 1');
  const series = await countSeries('{__name__=~"vigia_.*"}');
  return {
    hosts: count,
    minutes,
    targetsUp: up,
    series,
    seriesPerHost: round(series / count),
    samplesPerSecond: Math.round(samples / seconds),
    cpuPercentOfCore: round((100 * cpu) / seconds),
    cpuSecondsPerMillionSamples: round(cpu / (samples / 1e6)),
    rssMiB: victoria.rss(),
    rssPeakMiB: peak,
    vmalertCpuPercentOfCore: round((100 * vmalertCpu) / seconds),
    vmalertRssMiB: vmalert.rss(),
    recordedSeries: await countSeries('{__name__=~"(instance|job):.*"}'),
    bytesOfOneText: hosts.textOf(0, 0).length,
  };
}

/** Imports past samples of the hosts, one request for each point in time, as fast as they are accepted. */
async function importPast(hosts: Hosts, count: number, hours: number) {
  await using victoria = new Victoria('imported');
  await victoria.ready();
  const end = Math.floor(Date.now() / 1000 / INTERVAL_SECONDS) * INTERVAL_SECONDS;
  const labels = Array.from(
    { length: count },
    (_, host) => `instance="${instanceOf(host)}",job="vigia",site="site-${host % 20}"`,
  );
  const cpuBefore = victoria.cpuSeconds();
  let [samples, insertMs, peak] = [0, 0, 0];
  for (let at = end - hours * 3600; at < end; at += INTERVAL_SECONDS) {
    const lines: string[] = [];
    for (let host = 0; host < count; host += 1) {
      for (const line of hosts.textOf(host, at).split('\n')) {
        if (line === '' || line.startsWith('#')) continue;
        const [, name = '', own, value = ''] = /^(\w+)(?:\{(.*)\})? (.*)$/.exec(line) ?? [];
        lines.push(`${name}{${own === undefined ? '' : `${own},`}${labels[host]}} ${value} ${at * 1000}`);
      }
    }
    samples += lines.length;
    const body = lines.join('\n');
    const began = performance.now();
    const response = await fetch(`${URL_}/api/v1/import/prometheus`, { method: 'POST', body });
    if (!response.ok) throw new Error(await response.text());
    insertMs += performance.now() - began;
    peak = Math.max(peak, victoria.rss());
  }
  const cpu = victoria.cpuSeconds() - cpuBefore;
  const { data, index } = await victoria.mergedBytes();
  return {
    hosts: count,
    hours,
    samples,
    samplesPerSecond: Math.round(samples / (insertMs / 1000)),
    cpuSecondsPerMillionSamples: round(cpu / (samples / 1e6)),
    rssPeakMiB: peak,
    dataBytesPerSample: round(data / samples),
    indexBytesPerHost: Math.round(index / count),
  };
}

const round = (value: number): number => Number(value.toPrecision(3));

try {
  const pastHours = Number(values['past-hours']);
  const hosts = await Hosts.record(Math.max(1, pastHours));
  const scraped = [];
  for (const count of values.hosts.split(','))
    scraped.push(await scrape(hosts, Number(count), Number(values.minutes)));
  const imported = await importPast(hosts, Number(values['past-hosts']), pastHours);
  console.log(JSON.stringify({ scrapeSeconds: INTERVAL_SECONDS, scraped, imported }, null, 2));
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(0);
