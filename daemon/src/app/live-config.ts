import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Logger } from '../host/host.ts';
import type { Config } from '../model/config.ts';
import type { Outcome } from '../model/decision.ts';
import { errorMessage } from '../model/error-message.ts';
import { NO_ORDERS, type Orders } from '../model/orders.ts';
import type { Millis } from '../model/units.ts';
import { settingsOf } from './config-environment.ts';
import { inFileForm } from './config-in-file-form.ts';
import { LiveOrders } from './live-orders.ts';
import {
  CONFIG_FILE,
  type ConfigOptions,
  DROP_IN_DIRECTORY,
  dropInFiles,
  loadConfig,
} from './load-config.ts';

/** What applies without a restart. */
export const LIVE = [
  'protect',
  'manage',
  'release',
  'maintenance',
  'soft',
  'patterns',
  'ladder',
  'act',
] as const satisfies readonly (keyof Config)[];

/** A part of the configuration for each key. */
function pick<K extends keyof Config>(config: Config, keys: readonly K[]): Pick<Config, K> {
  return Object.fromEntries(keys.map((key) => [key, config[key]])) as Pick<Config, K>;
}

/**
 * The configuration of a running loop, with what is ordered at this moment. The keys in LIVE follow the files; every other
 * key keeps the value that it had at the start. A configuration that is wrong changes nothing.
 */
export class LiveConfig {
  readonly #path: string | undefined;
  readonly #logger: Logger;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #options: ConfigOptions;
  #current: Config;
  #orders: Orders = NO_ORDERS;
  #base: Config | null = null;
  #withOrders: Config;
  readonly #live: LiveOrders;
  readonly #now: () => Millis;
  #signature: string;
  /** What was reported last, so that it is reported once. */
  #reported = '';

  /** Reads the files. `path` is what `--config` named. Throws ConfigError. */
  constructor(
    path: string | undefined,
    logger: Logger,
    {
      environment = process.env,
      now = Date.now,
      ...options
    }: ConfigOptions & { readonly environment?: NodeJS.ProcessEnv; readonly now?: () => Millis } = {},
  ) {
    this.#path = path;
    this.#logger = logger;
    this.#environment = environment;
    this.#options = options;
    // Taken before the files are read: one that changes in between is read again.
    this.#signature = this.#sign();
    this.#current = loadConfig(path, environment, { ...options, warn: logger.warn });
    this.#withOrders = this.#current;
    this.#live = new LiveOrders(this.#current.database, logger);
    this.#now = now;
  }

  /** The number of the newest order that `current` has read. */
  get revision(): number {
    return this.#live.revision;
  }

  /** Notes what a cycle has done of what was ordered. */
  done(outcomes: readonly Outcome[]): void {
    this.#live.done(outcomes);
  }

  /** Rereads the files and says what has changed, also where that is nothing. */
  reload(): void {
    this.#signature = '';
    this.#reported = '';
    const before = this.#current;
    this.current();
    if (this.#current === before && this.#reported === '')
      this.#logger.info('configuration: reread; nothing has changed');
  }

  /** The configuration and the orders of the next cycle; the same object while both are the same. Never throws. */
  current(): Config {
    const config = this.#config();
    const orders = this.#live.current(config, this.#now());
    const isSame = this.#orders === orders && this.#base === config;
    if (isSame) return this.#withOrders;
    this.#base = config;
    this.#orders = orders;
    this.#withOrders = orders === NO_ORDERS ? config : { ...config, orders };
    return this.#withOrders;
  }

  /** Reads the files only when one of them has changed. */
  #config(): Config {
    const signature = this.#sign();
    if (signature === this.#signature) return this.#current;
    this.#signature = signature;
    try {
      this.#adopt(loadConfig(this.#path, this.#environment, this.#options));
    } catch (error) {
      this.#report(
        `configuration: it is wrong and was not reread; the one before stays in force:\n${errorMessage(error)}`,
      );
    }
    return this.#current;
  }

  #adopt(read: Config): void {
    const changed = LIVE.filter((key) => JSON.stringify(read[key]) !== JSON.stringify(this.#current[key]));
    if (changed.length > 0) {
      this.#current = { ...this.#current, ...pick(read, LIVE) };
      this.#logger.info(`configuration: reread; in force from this cycle: ${changed.join(', ')}`);
    }
    const waiting = differences(read, this.#current);
    if (waiting.length === 0) this.#reported = '';
    else this.#report(`configuration: changed, and in force after the next restart: ${waiting.join(', ')}`);
  }

  #report(message: string): void {
    if (message !== this.#reported) this.#logger.warn(message);
    this.#reported = message;
  }

  /** Changes whenever a file is written, replaced, added or removed. */
  #sign(): string {
    const main = this.#path ?? CONFIG_FILE;
    return [main, join(dirname(main), DROP_IN_DIRECTORY), ...safely(() => dropInFiles(main))]
      .map(signatureOf)
      .join('\n');
  }
}

const safely = (list: () => string[]): string[] => {
  try {
    return list();
  } catch {
    return [];
  }
};

function signatureOf(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [file, dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return `${file}: ${errorMessage(error)}`;
  }
}

/** The keys that differ. */
function differences(a: Config, b: Config): string[] {
  const others = settingsOf(inFileForm(b));
  return settingsOf(inFileForm(a))
    .filter(({ value }, i) => JSON.stringify(value) !== JSON.stringify(others[i]?.value))
    .map(({ path }) => path.join('.'));
}
