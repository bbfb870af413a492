import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Logger } from '../host/host.ts';
import type { Config } from '../model/config.ts';
import { errorMessage } from '../model/error-message.ts';
import { settingsOf } from './config-environment.ts';
import { inFileForm } from './config-in-file-form.ts';
import {
  CONFIG_FILE,
  type ConfigOptions,
  DROP_IN_DIRECTORY,
  dropInFiles,
  loadConfig,
} from './load-config.ts';

/** What applies without a restart: which containers are protected, managed and released. */
const LIVE = ['protect', 'manage', 'release'] as const;

/**
 * The configuration of a running loop. `protect`, `manage` and `release` follow the files; every other key keeps the
 * value that it had at the start. A configuration that is wrong changes nothing.
 */
export class LiveConfig {
  readonly #path: string | undefined;
  readonly #logger: Logger;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #options: ConfigOptions;
  #current: Config;
  #signature: string;
  /** What was reported last, so that it is reported once. */
  #reported = '';

  /** Reads the files. `path` is what `--config` named. Throws ConfigError. */
  constructor(
    path: string | undefined,
    logger: Logger,
    {
      environment = process.env,
      ...options
    }: ConfigOptions & { readonly environment?: NodeJS.ProcessEnv } = {},
  ) {
    this.#path = path;
    this.#logger = logger;
    this.#environment = environment;
    this.#options = options;
    // Taken before the files are read: one that changes in between is read again.
    this.#signature = this.#sign();
    this.#current = loadConfig(path, environment, { ...options, warn: logger.warn });
  }

  /** The configuration of the next cycle. Reads the files only when one of them has changed. Never throws. */
  current(): Config {
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
    const { protect, manage, release } = read;
    const changed = LIVE.filter((key) => JSON.stringify(read[key]) !== JSON.stringify(this.#current[key]));
    this.#current = { ...this.#current, protect, manage, release };
    if (changed.length > 0)
      this.#logger.info(`configuration: reread; in force from this cycle: ${changed.join(', ')}`);
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
