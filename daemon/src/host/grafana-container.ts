import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DASHBOARDS } from '../layout/paths.ts';
import type { Config } from '../model/config.ts';
import { lastLine, runCommand } from './command.ts';
import { dockerHost } from './docker-host.ts';

const COMPOSE_FILE = join(DASHBOARDS, 'compose.yaml');
/** Pulling the image for the first time takes minutes. */
const UP_SECONDS = 900;
const PROBE_SECONDS = 20;
const PROJECT = process.env['VIGIA_GRAFANA_PROJECT'] ?? 'vigia';
/** The user that Grafana's image runs as. */
const GRAFANA_UID = 472;

/** Where Grafana's data is, and the engine that runs it. */
type Place = Pick<Config, 'database' | 'docker'>;

/**
 * Starts Grafana with Docker Compose, which keeps a running container unless its definition changed. Throws with the
 * reason.
 */
export async function grafanaUp(place: Place, signal?: AbortSignal): Promise<void> {
  const env = environment(place);
  writeSecretOnce(env.VIGIA_GRAFANA_SECRET);
  await compose(['up', '--detach'], env, UP_SECONDS, signal);
}

/** Stops Grafana; its container, volume and settings are kept. */
export async function grafanaStop(place: Place, signal?: AbortSignal): Promise<void> {
  await compose(['stop'], environment(place), 60, signal);
}

async function compose(
  args: readonly string[],
  env: Record<string, string>,
  timeoutSeconds: number,
  signal?: AbortSignal,
): Promise<void> {
  const found = await findCompose(signal);
  if (found === null)
    throw new Error(
      'neither "docker compose" nor "docker-compose" is on this host: install the package docker-compose',
    );
  const [program, ...prefix] = found;
  const all = [...prefix, '--project-name', PROJECT, '--file', COMPOSE_FILE, ...args];
  const finished = await runCommand(program, all, { timeoutSeconds, env, signal });
  if (finished.code !== 0) throw new Error(lastLine(finished));
}

/**
 * The command for Docker Compose: v2 is a plugin of docker, v1 a program of its own; null without either. Throws when
 * neither was found and one did not answer in time.
 */
export async function findCompose(signal?: AbortSignal): Promise<[string, ...string[]] | null> {
  const probe = { timeoutSeconds: PROBE_SECONDS, signal };
  const v2 = await runCommand('docker', ['compose', 'version'], probe);
  if (v2.code === 0) return ['docker', 'compose'];
  const v1 = await runCommand('docker-compose', ['version'], probe);
  if (v1.code === 0) return ['docker-compose'];
  if (v1.code === null || v2.code === null) throw new Error('docker compose did not answer in time');
  return null;
}

function environment({ database, docker }: Place) {
  const data = dirname(database);
  return {
    ...dockerHost(docker.socket),
    VIGIA_DATA: data,
    VIGIA_GRAFANA_SECRET: join(data, 'secrets', 'grafana_admin'),
    // The group that may read the directory; Grafana's user joins it.
    VIGIA_GRAFANA_GID: String(statSync(data).gid),
  };
}

/** Creates the administrator's password if there is none. Only root and Grafana's user may read it, not the page's. */
function writeSecretOnce(file: string): void {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o400 });
  if (process.getuid?.() === 0) chownSync(file, GRAFANA_UID, 0);
}
