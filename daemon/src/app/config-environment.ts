import { parse } from 'yaml';
import { DEFAULTS } from '../model/config.ts';
import { errorMessage } from '../model/error-message.ts';

const PREFIX = 'VIGIA_CONFIG_';

/** A setting from an environment variable, which takes precedence over the file. */
export interface FromEnvironment {
  readonly path: readonly string[];
  readonly variable: string;
  /** The parsed YAML of the variable, not validated yet. */
  readonly value: unknown;
}

/** The variable of a setting: that of `page.tokenFile` is VIGIA_CONFIG_PAGE_TOKEN_FILE. */
export function variableOf(path: readonly string[]): string {
  return PREFIX + path.map((key) => key.replace(/[A-Z]/g, '_$&').toUpperCase()).join('_');
}

/** Reads every variable with the prefix. One that names no setting, or is not YAML, is a problem: likely a typo. */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): {
  readonly settings: readonly FromEnvironment[];
  readonly problems: readonly string[];
} {
  const known = new Map(settingsOf(DEFAULTS).map((setting) => [variableOf(setting.path), setting]));
  const settings: FromEnvironment[] = [];
  const problems: string[] = [];
  for (const [variable, text = ''] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX)) continue;
    const setting = known.get(variable);
    if (setting === undefined) {
      problems.push(`${variable}: no such setting (vigia config show --environment lists them all)`);
      continue;
    }
    const { path, value } = setting;
    try {
      // A text setting is not parsed, so that an all-digit `carnet` (the student ID in the names of the /proc files) stays text.
      settings.push({ path, variable, value: typeof value === 'string' ? text : parse(text) });
    } catch (error) {
      const [reason = ''] = errorMessage(error).split('\n');
      problems.push(`${variable}: ${reason}`);
    }
  }
  return { settings, problems };
}

/**
 * Why DOCKER_HOST, which Docker's own client obeys, cannot be followed; none where the configuration names a socket. An
 * engine on another host runs containers whose processes are not here.
 */
export function dockerHostProblems(
  { DOCKER_HOST: host = '' }: Readonly<Record<string, string | undefined>>,
  contents: unknown,
): readonly string[] {
  if (host === '' || host.startsWith('unix://') || host.startsWith('/')) return [];
  const docker = isGroup(contents) ? contents['docker'] : undefined;
  if (isGroup(docker) && docker['socket'] !== undefined) return [];
  return [
    `DOCKER_HOST=${JSON.stringify(host)}: Vigía talks to this host's engine through a Unix socket only, not over TCP, TLS or SSH: unset it, or set docker.socket`,
  ];
}

/** The contents of a file, overridden by the environment's settings. */
export function override(file: unknown, settings: readonly FromEnvironment[]): unknown {
  const whole: unknown = structuredClone(file);
  for (const { path, value } of settings) {
    let group = whole;
    for (const key of path.slice(0, -1)) {
      if (!isGroup(group)) break;
      group = group[key] ??= {};
    }
    const last = path.at(-1);
    // Where the file has a number in place of a group, the schema reports it.
    if (isGroup(group) && last !== undefined) group[last] = value;
  }
  return whole;
}

/** Every setting of a configuration, group by group. */
export function settingsOf(
  group: object,
  prefix: readonly string[] = [],
): readonly { readonly path: readonly string[]; readonly value: unknown }[] {
  return Object.entries(group).flatMap(([key, value]) => {
    const path = [...prefix, key];
    return isGroup(value) ? settingsOf(value, path) : [{ path, value }];
  });
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
