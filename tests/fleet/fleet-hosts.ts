import { type ChildProcess, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import type { Engine as EngineOfDocker } from '../../daemon/src/model/engine.ts';
import { ModelledHost } from '../browser/modelled-host.ts';
import { Network, stop } from './network.ts';

const ROOT = join(import.meta.dirname, '../..');
const FLEET = join(ROOT, 'dashboards/fleet');
const VIGIA = join(ROOT, 'daemon/src/cli/vigia.ts');
const PORT = 8080;
const TOKEN = 'a-password-of-this-test-only';
const HOUR_MS = 3_600_000;
const READY_WITHIN_MS = 300_000;

/** The hosts, each with the only alert that it must raise after the page of `gone` is stopped. */
export const HOSTS = {
  well: null,
  short: 'VigiaFloorViolated',
  stuck: 'VigiaRemovalsFail',
  blind: 'VigiaSensorBlind',
  stopped: 'VigiaStopped',
  gone: 'VigiaNotScraped',
} as const;
type Name = keyof typeof HOSTS;
export const NAMES = Object.keys(HOSTS) as Name[];

const refuse = async (): Promise<never> => {
  throw new Error('the engine answered 500: modelled fault');
};
/** The engine faults that cause the alerts. */
const MODELS: Partial<Record<Name, { readonly engine: Partial<EngineOfDocker> }>> = {
  short: { engine: { start: refuse } },
  stuck: { engine: { stop: refuse, remove: refuse } },
};

/** A server that answers PromQL. */
export interface Engine {
  readonly name: 'Prometheus' | 'VictoriaMetrics';
  readonly url: string;
}
export const ENGINES: readonly Engine[] = [
  { name: 'Prometheus', url: 'http://127.0.0.1:9090' },
  { name: 'VictoriaMetrics', url: 'http://127.0.0.1:8428' },
];

/**
 * Several hosts with a page each, and both engines that scrape them and evaluate the rules, set up as in the manual.
 */
export class Fleet {
  readonly directory = mkdtempSync(join(tmpdir(), 'vigia-fleet-'));
  readonly #network = new Network();
  readonly #hosts = new Map<Name, ModelledHost>();
  readonly #pages = new Map<Name, ChildProcess>();
  readonly addresses = new Map<Name, string>();

  async start(): Promise<void> {
    for (const name of NAMES) await this.#startHost(name);
    await this.#startEngines();
  }

  /** Runs another cycle on every host whose loop runs. */
  async live(): Promise<void> {
    for (const [name, host] of this.#hosts) if (name !== 'stopped') await host.live();
  }

  /** Stops the page of a host. */
  async stopPage(name: Name): Promise<void> {
    const page = this.#pages.get(name);
    if (page !== undefined) await stop(page);
  }

  urlOf(name: Name): string {
    return `http://${this.addresses.get(name)}:${PORT}/metrics`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#network[Symbol.asyncDispose]();
    rmSync(this.directory, { recursive: true });
  }

  async #startHost(name: Name): Promise<void> {
    const place = join(this.directory, name);
    mkdirSync(place);
    const database = join(place, 'vigia.db');
    const host = new ModelledHost({ database, ...MODELS[name], scenario: this.#scenario(name) });
    this.#hosts.set(name, host);
    await host.past(5 / 60, Date.now() - (name === 'stopped' ? HOUR_MS : 0));
    if (name === 'blind')
      host.faults = [
        { sensor: 'continfo', reason: { code: 'message', text: 'modelled fault' }, blind: true },
      ];
    if (name !== 'stopped') await host.live();

    const address = this.#network.add(name);
    this.addresses.set(name, address);
    const [token, config] = [join(place, 'token'), join(place, 'config.yaml')];
    writeFileSync(token, `${TOKEN}\n`);
    writeFileSync(
      config,
      stringify({ demo: true, database, page: { host: address, port: PORT, tokenFile: token } }),
    );
    const page = this.#network.start(
      name,
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      VIGIA,
      '--config',
      config,
      'serve',
    );
    this.#pages.set(name, page);
  }

  /** Containers come and go only on the host `well`; the host `stuck` has too many from the beginning. */
  #scenario(name: Name): string {
    if (name === 'well') return 'workload';
    const model = JSON.parse(readFileSync(join(ROOT, 'daemon/src/simulate/scenarios/workload.json'), 'utf8'));
    const surplus = {
      kind: 'cpu',
      count: 4,
      labels: { 'vigia.managed': 'true', 'vigia.disposable': 'true' },
    };
    const residents = name === 'stuck' ? [...model.residents, surplus] : model.residents;
    const file = join(this.directory, name, 'scenario.json');
    writeFileSync(file, JSON.stringify({ ...model, residents, arrivals: [] }));
    return file;
  }

  /** Starts the engines with the files of dashboards/fleet, with seconds instead of minutes. */
  async #startEngines(): Promise<void> {
    const place = (path: string) => join(this.directory, path);
    const config = parse(readFileSync(join(FLEET, 'prometheus.yaml'), 'utf8'));
    config.global = { scrape_interval: '2s', evaluation_interval: '1s' };
    writeFileSync(place('prometheus.yaml'), stringify(config));
    const rules = readFileSync(join(FLEET, 'rules.yaml'), 'utf8');
    writeFileSync(place('rules.yaml'), rules.replaceAll(/\bfor: \d+[mh]$/gm, 'for: 4s'));
    writeFileSync(place('vigia-token'), TOKEN);
    mkdirSync(place('hosts'));
    const groups = NAMES.map((name) => ({
      targets: [`${this.addresses.get(name)}:${PORT}`],
      labels: { instance: name, site: 'test' },
    }));
    writeFileSync(place('hosts/test.yaml'), stringify(groups));
    cpSync(join(FLEET, 'grafana'), place('grafana'), { recursive: true });

    const [prometheus, victoria] = ENGINES.map(({ url }) => new URL(url).host);
    this.#network.start(
      null,
      'prometheus',
      `--config.file=${place('prometheus.yaml')}`,
      `--storage.tsdb.path=${place('prometheus')}`,
      `--web.listen-address=${prometheus}`,
      '--log.level=warn',
    );
    this.#network.start(
      null,
      'victoria-metrics',
      `-promscrape.config=${place('prometheus.yaml')}`,
      '-promscrape.config.strictParse=false',
      `-storageDataPath=${place('victoria')}`,
      `-httpListenAddr=${victoria}`,
      // Newer samples are left out of answers; the default is half a minute.
      '-search.latencyOffset=1s',
      '-loggerLevel=ERROR',
    );
    await until('both engines answer', async () => {
      const answers = await Promise.all(ENGINES.map(({ url }) => fetch(`${url}/api/v1/query?query=1`)));
      return answers.every(({ ok }) => ok);
    });
    this.#network.start(
      null,
      'vmalert',
      `-rule=${place('rules.yaml')}`,
      `-datasource.url=${ENGINES[1]?.url}`,
      `-remoteWrite.url=${ENGINES[1]?.url}`,
      // No notifier listens there: firing alerts are read from the series that vmalert writes.
      '-notifier.url=http://127.0.0.1:9',
      '-httpListenAddr=127.0.0.1:8880',
      '-evaluationInterval=1s',
      // Newer versions wait half a minute for late samples; old ones lack the option.
      ...(helpOf('vmalert').includes('-rule.evalDelay') ? ['-rule.evalDelay=1s'] : []),
      '-loggerLevel=FATAL',
    );
  }
}

function helpOf(program: string): string {
  const { stdout, stderr } = spawnSync(program, ['-help'], { encoding: 'utf8' });
  return stdout + stderr;
}

/** Polls until the condition holds. An error counts as not yet. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + READY_WITHIN_MS;
  let last: unknown;
  while (Date.now() < end) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = error;
    }
    await pause(200);
  }
  throw new Error(`not within ${READY_WITHIN_MS / 1000} s: ${what}`, { cause: last });
}

export interface Found {
  readonly metric: Readonly<Record<string, string>>;
  /** One value, or one for each step of a range. */
  readonly values: readonly number[];
}

/** The series that a query finds now; with a range, over the last minute. */
export async function queryEngine(
  { url }: Engine,
  promql: string,
  isRange = false,
): Promise<readonly Found[]> {
  const now = Date.now() / 1000;
  const parameters = new URLSearchParams({
    query: promql,
    ...(isRange && { start: String(now - 60), end: String(now), step: '5' }),
  });
  const response = await fetch(`${url}/api/v1/query${isRange ? '_range' : ''}?${parameters}`);
  const answer = (await response.json()) as Answer;
  if (answer.status !== 'success') throw new Error(`${promql}: ${answer.error}`);
  return answer.data.result.map(({ metric, value, values = [] }) => ({
    metric,
    values: (value === undefined ? values : [value]).map(([, figure]) => Number(figure)),
  }));
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly value?: [number, string];
      readonly values?: [number, string][];
    }[];
  };
}
